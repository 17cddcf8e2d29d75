-- Keep a file of a conversation, if there is room for it.
-- KEYS: state, media.  ARGV: name, sealed file, most bytes in all, how long (s), how long where the conversation does
-- not exist yet (s, 0: not at all)
-- Returns "kept", "full" or "gone".
local forgotten = redis.call("HEXISTS", KEYS[1], "f") == 1
local known = redis.call("HEXISTS", KEYS[1], "v") == 1 and not forgotten
if forgotten or (not known and ARGV[5] == "0") then return "gone" end
local total = string.len(ARGV[2])
for _, name in ipairs(redis.call("HKEYS", KEYS[2])) do
  if name ~= ARGV[1] then total = total + redis.call("HSTRLEN", KEYS[2], name) end
end
if total > tonumber(ARGV[3]) then return "full" end
redis.call("HSET", KEYS[2], ARGV[1], ARGV[2])
redis.call("EXPIRE", KEYS[2], known and ARGV[4] or ARGV[5])
return "kept"
