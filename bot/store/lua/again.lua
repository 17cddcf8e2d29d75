-- Send lines once more that were refused: to the end of the outbox, once each, in order.
-- KEYS: outbox, delivery, due, state.  ARGV: wake channel, conversation, when (ms), then the lines' numbers.
-- Returns how many were taken.
local taken = 0
for i = 4, #ARGV do
  local state = redis.call("HGET", KEYS[2], ARGV[i])
  if state and string.sub(state, 1, 7) == "failed:" then
    redis.call("HSET", KEYS[2], ARGV[i], "queued")
    redis.call("RPUSH", KEYS[1], ARGV[i])
    taken = taken + 1
  end
end
if taken > 0 then
  local ttl = redis.call("PTTL", KEYS[4])
  if ttl > 0 then redis.call("PEXPIRE", KEYS[1], ttl) end
  redis.call("ZADD", KEYS[3], "NX", ARGV[3], ARGV[2])
  redis.call("PUBLISH", ARGV[1], ARGV[2])
end
return taken
