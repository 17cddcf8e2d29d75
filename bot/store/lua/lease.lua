-- Hold a lease that nobody else holds, or hold it longer. KEYS: lease.  ARGV: holder, for how long (ms).
-- Returns 1 where it is held now, else 0.
local holder = redis.call("GET", KEYS[1])
if holder and holder ~= ARGV[1] then return 0 end
redis.call("SET", KEYS[1], ARGV[1], "PX", ARGV[2])
return 1
