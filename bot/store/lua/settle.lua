-- Note what became of the reply that was being sent.
-- KEYS: state, outbox, due, delivery, day.  Publishes that something became of a line.
-- ARGV: claim, line number, conversation, "done", "later" or "wait", state to note or next try (ms), provider's id or
--       "", wake channel, name of the counter
-- Returns {"noted"}, or {"lost"} when another holds the claim: then that one notes.
if redis.call("HGET", KEYS[1], "claim") ~= ARGV[1] then return {"lost"} end
if ARGV[4] == "later" or ARGV[4] == "wait" then
  if ARGV[4] == "later" then redis.call("HINCRBY", KEYS[1], "tries", 1) end
  redis.call("HDEL", KEYS[1], "claim")
  redis.call("ZADD", KEYS[3], ARGV[5], ARGV[3])
  return {"noted"}
end
if redis.call("LINDEX", KEYS[2], 0) == ARGV[2] then redis.call("LPOP", KEYS[2]) end
redis.call("HDEL", KEYS[1], "tries")
if string.sub(ARGV[5], 1, 7) == "failed:" then redis.call("HSET", KEYS[1], "failed", 1) end
redis.call("HSET", KEYS[4], ARGV[2], ARGV[5])
if ARGV[6] ~= "" then redis.call("HSET", KEYS[4], "id:" .. ARGV[6], ARGV[2]) end
redis.call("HINCRBY", KEYS[5], ARGV[8], 1)
if redis.call("TTL", KEYS[5]) < 0 then redis.call("EXPIRE", KEYS[5], 34560000) end
redis.call("PUBLISH", ARGV[7], ARGV[3])
return {"noted"}
