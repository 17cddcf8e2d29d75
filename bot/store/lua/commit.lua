-- One turn of a conversation, written down whole or not at all.
-- KEYS: state, transcript, seen, outbox, delivery, due, timers, day, media, reads
-- ARGV: expected version, message name, now (ms), sealed state, sealed address, retention (s), seen for (ms),
--       wake channel, conversation, first reply to send (0: none), forget (1: remove all that was before),
--       then four lists, each with its length before it: lines; timers to set (kind, due ms, ...); timers to clear (kind, ...); statistics
-- Returns {"done", first line number} or {"seen"} or {"lost"}.
if redis.call("ZSCORE", KEYS[3], ARGV[2]) then
  -- Counted, and thereby a write: whoever then waits for the replicas knows that they have the first effect, too.
  redis.call("HINCRBY", KEYS[8], "seen_again", 1)
  return {"seen"}
end
local version = tonumber(redis.call("HGET", KEYS[1], "v") or "0")
if version ~= tonumber(ARGV[1]) then return {"lost"} end

local now, conversation, send_from = tonumber(ARGV[3]), ARGV[9], tonumber(ARGV[10])
local at = 12
local function list()
  local length = tonumber(ARGV[at])
  local items = {}
  for i = 1, length do items[i] = ARGV[at + i] end
  at = at + length + 1
  return items
end

if ARGV[11] == "1" then
  -- Where the last word is to be sent stays as long as that.
  local to = redis.call("HGET", KEYS[1], "n:to")
  redis.call("DEL", KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[9], KEYS[10])
  if to and send_from > 0 then redis.call("HSET", KEYS[1], "n:to", to) end
  redis.call("ZREM", KEYS[6], conversation)
  local cursor = "0"
  repeat
    local page = redis.call("ZSCAN", KEYS[7], cursor, "MATCH", conversation .. "|*", "COUNT", 1000)
    cursor = page[1]
    for i = 1, #page[2], 2 do redis.call("ZREM", KEYS[7], page[2][i]) end
  until cursor == "0"
end

local first = redis.call("LLEN", KEYS[2]) + 1
for i, line in ipairs(list()) do
  redis.call("RPUSH", KEYS[2], line)
  if send_from > 0 and i >= send_from then
    redis.call("RPUSH", KEYS[4], first + i - 1)
    redis.call("HSET", KEYS[5], first + i - 1, "queued")
  end
end
if redis.call("LLEN", KEYS[4]) > 0 then redis.call("ZADD", KEYS[6], "NX", 0, conversation) end

local set = list()
for i = 1, #set, 2 do redis.call("ZADD", KEYS[7], set[i + 1], conversation .. "|" .. set[i]) end
for _, kind in ipairs(list()) do redis.call("ZREM", KEYS[7], conversation .. "|" .. kind) end
for _, name in ipairs(list()) do redis.call("HINCRBY", KEYS[8], name, 1) end

redis.call("HSET", KEYS[1], "v", version + 1, "s", ARGV[4], "a", ARGV[5])
redis.call("ZADD", KEYS[3], now, ARGV[2])
redis.call("ZREMRANGEBYSCORE", KEYS[3], "-inf", now - tonumber(ARGV[7]))
for i = 1, 5 do redis.call("EXPIRE", KEYS[i], ARGV[6]) end
if ARGV[11] == "1" then
  -- What is left is our last word, which says nothing of the patient. To be sent, it still needs the address; the
  -- outbox then removes everything.
  if send_from > 0 then redis.call("HSET", KEYS[1], "f", 1) else redis.call("DEL", KEYS[1]) end
end
redis.call("PUBLISH", ARGV[8], conversation)
return {"done", first}
