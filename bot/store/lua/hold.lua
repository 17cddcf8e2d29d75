-- Begin to send the next reply of a claimed conversation, or find that there is none.
-- KEYS: state, outbox, due, transcript, seen, delivery.  ARGV: claim, until (ms), conversation, "take" or "keep"
-- "take" makes the claim one's own; "keep" goes on with it. Returns {number, sealed line, sealed address, tries},
-- {"empty"} when all is sent, or {"lost"} when another holds the claim.
local holder = redis.call("HGET", KEYS[1], "claim")
if ARGV[4] == "take" then
  if redis.call("EXISTS", KEYS[1]) == 1 then redis.call("HSET", KEYS[1], "claim", ARGV[1]) end
elseif holder ~= ARGV[1] then
  return {"lost"}
end
local number = redis.call("LINDEX", KEYS[2], 0)
local line = number and redis.call("LINDEX", KEYS[4], tonumber(number) - 1)
if not line then
  redis.call("DEL", KEYS[2])
  redis.call("ZREM", KEYS[3], ARGV[3])
  if redis.call("HGET", KEYS[1], "f") then
    redis.call("DEL", KEYS[1], KEYS[4], KEYS[5], KEYS[6])
  else
    redis.call("HDEL", KEYS[1], "claim", "tries")
  end
  return {"empty"}
end
redis.call("ZADD", KEYS[3], ARGV[2], ARGV[3])
return {number, line, redis.call("HGET", KEYS[1], "a"), redis.call("HGET", KEYS[1], "tries") or "0"}
