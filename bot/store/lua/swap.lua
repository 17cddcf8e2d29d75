-- Write one field of a hash if it still holds what was read. KEYS: the hash.
-- ARGV: the field, what was read (empty: there was none), what to write. Returns 1 when written, 0 when it had changed.
if (redis.call("HGET", KEYS[1], ARGV[1]) or "") ~= ARGV[2] then return 0 end
redis.call("HSET", KEYS[1], ARGV[1], ARGV[3])
return 1
