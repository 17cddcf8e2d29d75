-- Remove all that leads to a patient, at once.
-- KEYS: all of the conversation's own, then due, timers.  ARGV: conversation
-- Returns how many keys there were.
local due, timers = KEYS[#KEYS - 1], KEYS[#KEYS]
redis.call("ZREM", due, ARGV[1])
local cursor = "0"
repeat
  local page = redis.call("ZSCAN", timers, cursor, "MATCH", ARGV[1] .. "|*", "COUNT", 1000)
  cursor = page[1]
  for i = 1, #page[2], 2 do redis.call("ZREM", timers, page[2][i]) end
until cursor == "0"
local own = {}
for i = 1, #KEYS - 2 do own[i] = KEYS[i] end
return redis.call("DEL", unpack(own))
