-- Remove all that leads to a patient, at once.
-- KEYS: state, transcript, seen, outbox, delivery, media, due, timers.  ARGV: conversation
-- Returns how many keys there were.
redis.call("ZREM", KEYS[7], ARGV[1])
local cursor = "0"
repeat
  local page = redis.call("ZSCAN", KEYS[8], cursor, "MATCH", ARGV[1] .. "|*", "COUNT", 1000)
  cursor = page[1]
  for i = 1, #page[2], 2 do redis.call("ZREM", KEYS[8], page[2][i]) end
until cursor == "0"
return redis.call("DEL", KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6])
