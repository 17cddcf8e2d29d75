-- Remove all that leads to a patient, at once.
-- KEYS: all of the conversation's own, then due, timers, desk, active, missed.  ARGV: conversation, then the kinds of
-- timers: looking for those that there are would take the longer the more people have one.
-- Returns how many keys there were.
local timers = KEYS[#KEYS - 3]
for i = #KEYS - 4, #KEYS do redis.call("ZREM", KEYS[i], ARGV[1]) end
for i = 2, #ARGV do redis.call("ZREM", timers, ARGV[1] .. "|" .. ARGV[i]) end
local own = {}
for i = 1, #KEYS - 5 do own[i] = KEYS[i] end
return redis.call("DEL", unpack(own))
