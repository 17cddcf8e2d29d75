-- Remove all that leads to a patient, at once.
-- KEYS: all of the conversation's own, then due, timers, desk, active, missed.  ARGV: conversation
-- Returns how many keys there were.
local timers = KEYS[#KEYS - 3]
for i = #KEYS - 4, #KEYS do redis.call("ZREM", KEYS[i], ARGV[1]) end
local cursor = "0"
repeat
  local page = redis.call("ZSCAN", timers, cursor, "MATCH", ARGV[1] .. "|*", "COUNT", 1000)
  cursor = page[1]
  for i = 1, #page[2], 2 do redis.call("ZREM", timers, page[2][i]) end
until cursor == "0"
local own = {}
for i = 1, #KEYS - 5 do own[i] = KEYS[i] end
return redis.call("DEL", unpack(own))
