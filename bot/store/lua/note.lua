-- Note something of a conversation that is still there. One that was forgotten stays gone.
-- KEYS: state.  ARGV: field, sealed value.  Returns 1 where it was noted, else 0.
if redis.call("HEXISTS", KEYS[1], "v") == 0 or redis.call("HEXISTS", KEYS[1], "f") == 1 then return 0 end
redis.call("HSET", KEYS[1], ARGV[1], ARGV[2])
return 1
