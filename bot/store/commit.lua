-- One turn of a conversation, written down whole or not at all.
-- KEYS: state, transcript, seen, day
-- ARGV: expected version, sealed state, sealed address, retention (s), seen for (s), wake channel, conversation,
--       count of lines, lines ..., count of statistics, names ...
-- Returns {"done", first line number, version} or {"seen"} or {"lost"}.
if redis.call("EXISTS", KEYS[3]) == 1 then return {"seen"} end
local version = tonumber(redis.call("HGET", KEYS[1], "v") or "0")
if version ~= tonumber(ARGV[1]) then return {"lost"} end

local at = 8
local lines = tonumber(ARGV[at])
local last = redis.call("LLEN", KEYS[2])
for i = 1, lines do redis.call("RPUSH", KEYS[2], ARGV[at + i]) end
at = at + lines + 1
for i = 1, tonumber(ARGV[at]) do redis.call("HINCRBY", KEYS[4], ARGV[at + i], 1) end

redis.call("HSET", KEYS[1], "v", version + 1, "s", ARGV[2], "a", ARGV[3])
redis.call("SET", KEYS[3], "1", "EX", ARGV[5])
redis.call("EXPIRE", KEYS[1], ARGV[4])
redis.call("EXPIRE", KEYS[2], ARGV[4])
redis.call("PUBLISH", ARGV[6], ARGV[7])
return {"done", last + 1, version + 1}
