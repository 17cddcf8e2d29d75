-- Take one from each of several token buckets, or from none. KEYS: the buckets, all in one slot.
-- ARGV: now (ms), then for each bucket its rate (per second) and its size.
-- Returns 0 when all were taken, else the milliseconds until they can be.
local now, wait, filled = tonumber(ARGV[1]), 0, {}
for i, key in ipairs(KEYS) do
  local rate, size = tonumber(ARGV[2 * i]), tonumber(ARGV[2 * i + 1])
  local held = redis.call("HMGET", key, "tokens", "at")
  local tokens = math.min(size, (tonumber(held[1]) or size) + math.max(0, now - (tonumber(held[2]) or now)) / 1000 * rate)
  if tokens < 1 then wait = math.max(wait, math.ceil((1 - tokens) / rate * 1000)) end
  filled[i] = tokens
end
if wait > 0 then return wait end
for i, key in ipairs(KEYS) do
  redis.call("HSET", key, "tokens", filled[i] - 1, "at", now)
  redis.call("EXPIRE", key, math.ceil(tonumber(ARGV[2 * i + 1]) / tonumber(ARGV[2 * i])) + 1)
end
return 0
