-- A provider tells what became of a message. States only move forward; failed and read are final.
-- KEYS: delivery, day, state.  ARGV: provider's id, new state, its rank, wake channel, conversation, name of the counter (""
-- for none), then pairs state, rank
-- Returns the line's number when the state moved, else false.
local number = redis.call("HGET", KEYS[1], "id:" .. ARGV[1])
if not number then return false end
local current = redis.call("HGET", KEYS[1], number) or "queued"
local rank = 0
for i = 7, #ARGV, 2 do
  if string.sub(current, 1, #ARGV[i]) == ARGV[i] then rank = tonumber(ARGV[i + 1]) end
end
if tonumber(ARGV[3]) <= rank then return false end
redis.call("HSET", KEYS[1], number, ARGV[2])
if string.sub(ARGV[2], 1, 7) == "failed:" and redis.call("HEXISTS", KEYS[3], "v") == 1 then
  redis.call("HSET", KEYS[3], "failed", 1)
end
if ARGV[6] ~= "" then
  redis.call("HINCRBY", KEYS[2], ARGV[6], 1)
  if redis.call("TTL", KEYS[2]) < 0 then redis.call("EXPIRE", KEYS[2], 34560000) end
end
redis.call("PUBLISH", ARGV[4], ARGV[5])
return number
