-- Take conversations whose replies are due, each for a while: whoever dies with a claim loses it when that is over.
-- KEYS: due.  ARGV: now (ms), until (ms), most, and optionally the one conversation that is wanted.
-- Returns the conversations that are claimed.
local found
if ARGV[4] then
  local score = redis.call("ZSCORE", KEYS[1], ARGV[4])
  found = (score and tonumber(score) <= tonumber(ARGV[1])) and {ARGV[4]} or {}
else
  found = redis.call("ZRANGEBYSCORE", KEYS[1], "-inf", ARGV[1], "LIMIT", 0, ARGV[3])
end
for _, conversation in ipairs(found) do redis.call("ZADD", KEYS[1], ARGV[2], conversation) end
return found
