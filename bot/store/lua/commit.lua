-- One turn of a conversation, written down whole or not at all.
-- KEYS: state, transcript, seen, outbox, delivery, media, reads, drafts; due, timers, desk, active, missed; day
-- ARGV: expected version, message name, now (ms), sealed state, sealed address, retention (s), seen for (ms),
--       wake channel, conversation, first reply to send (0: none), forget (1: remove all that was before),
--       since when on the desk (ms, 0: not, -1: in no list at all), missed (1: a message was not understood), then
--       seven lists, each with its length before it: lines; timers to set (kind, due ms, ...); timers to clear
--       (kind, ...); statistics; lines not to be sent; notes of the channel (field, sealed, ...); notes to remove
-- Returns {"done", first line number} or {"seen"} or {"lost"}.
local function count(name)
  -- A day is kept for a little more than a year, from its first count on.
  if redis.call("HINCRBY", KEYS[14], name, 1) == 1 and redis.call("TTL", KEYS[14]) < 0 then
    redis.call("EXPIRE", KEYS[14], 34560000)
  end
end
if redis.call("ZSCORE", KEYS[3], ARGV[2]) then
  -- Counted, and thereby a write: whoever then waits for the replicas knows that they have the first effect, too.
  count("seen_again")
  return {"seen"}
end
local version = tonumber(redis.call("HGET", KEYS[1], "v") or "0")
if version ~= tonumber(ARGV[1]) then return {"lost"} end

local now, conversation, send_from = tonumber(ARGV[3]), ARGV[9], tonumber(ARGV[10])
local at = 14
local WEEK, MONTH = 604800000, 2678400000
local function list()
  local length = tonumber(ARGV[at])
  local items = {}
  for i = 1, length do items[i] = ARGV[at + i] end
  at = at + length + 1
  return items
end

local lines, set, cleared, counted, cancelled, noted, unnoted = list(), list(), list(), list(), list(), list(), list()
for i = 1, #noted, 2 do redis.call("HSET", KEYS[1], noted[i], noted[i + 1]) end
for _, name in ipairs(unnoted) do redis.call("HDEL", KEYS[1], name) end
if ARGV[11] == "1" then
  -- Where the last word is to be sent stays as long as that.
  local to = redis.call("HGET", KEYS[1], "n:to")
  redis.call("DEL", KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6], KEYS[7], KEYS[8])
  if to and send_from > 0 then redis.call("HSET", KEYS[1], "n:to", to) end
  for _, listed in ipairs({KEYS[9], KEYS[11], KEYS[12], KEYS[13]}) do redis.call("ZREM", listed, conversation) end
end

local first = redis.call("LLEN", KEYS[2]) + 1
for i, line in ipairs(lines) do
  redis.call("RPUSH", KEYS[2], line)
  if send_from > 0 and i >= send_from then
    redis.call("RPUSH", KEYS[4], first + i - 1)
    redis.call("HSET", KEYS[5], first + i - 1, "queued")
  end
end

for i = 1, #set, 2 do redis.call("ZADD", KEYS[10], set[i + 1], conversation .. "|" .. set[i]) end
for _, kind in ipairs(cleared) do redis.call("ZREM", KEYS[10], conversation .. "|" .. kind) end
for _, name in ipairs(counted) do count(name) end
for _, number in ipairs(cancelled) do
  if redis.call("LREM", KEYS[4], 0, number) > 0 then redis.call("HSET", KEYS[5], number, "cancelled") end
end
if redis.call("LLEN", KEYS[4]) > 0 then redis.call("ZADD", KEYS[9], "NX", 0, conversation) end

if ARGV[11] ~= "1" and ARGV[12] ~= "-1" then
  if ARGV[12] ~= "0" then redis.call("ZADD", KEYS[11], ARGV[12], conversation) else redis.call("ZREM", KEYS[11], conversation) end
  redis.call("ZADD", KEYS[12], now, conversation)
  redis.call("ZREMRANGEBYSCORE", KEYS[12], "-inf", now - WEEK)
  redis.call("PEXPIRE", KEYS[12], WEEK)
  if ARGV[13] == "1" then
    redis.call("ZADD", KEYS[13], now, conversation)
    redis.call("ZREMRANGEBYSCORE", KEYS[13], "-inf", now - MONTH)
    redis.call("PEXPIRE", KEYS[13], MONTH)
  end
end

redis.call("HSET", KEYS[1], "v", version + 1, "s", ARGV[4], "a", ARGV[5])
redis.call("ZADD", KEYS[3], now, ARGV[2])
redis.call("ZREMRANGEBYSCORE", KEYS[3], "-inf", now - tonumber(ARGV[7]))
for i = 1, 6 do redis.call("EXPIRE", KEYS[i], ARGV[6]) end
if ARGV[11] == "1" then
  -- What is left is our last word, which says nothing of the patient. To be sent, it still needs the address; the
  -- outbox then removes everything.
  if send_from > 0 then redis.call("HSET", KEYS[1], "f", 1) else redis.call("DEL", KEYS[1]) end
end
redis.call("PUBLISH", ARGV[8], conversation)
return {"done", first}
