/**
 * One decision of a bucket, as `domain/token-bucket.ts` makes it, by the clock of the server and in one step.
 * KEYS: bucket. ARGV: tokens per second, burst. Returns the level less one token, in billionths of a token: below
 * zero there was none to take. A bucket is kept until it is full again, as two doubles, its level and the
 * microsecond of that level; both are whole numbers below 2^53. As text they would cost a quarter more, and Lua
 * would write them with 14 digits where microseconds since 1970 have 16.
 */
export const takeTokenScript = `
local TOKEN = 1e9
local time = redis.call('TIME')
local now_us = time[1] * 1e6 + time[2]
local per_second = tonumber(ARGV[1])
local full = tonumber(ARGV[2]) * TOKEN
local level = full

local held = redis.call('GET', KEYS[1])
if held and #held == 16 then
  local held_level, held_us = struct.unpack('<dd', held)
  local elapsed_us = math.max(0, now_us - held_us)
  local refilled = math.floor(elapsed_us * per_second * (TOKEN / 1e6) + 0.5)
  level = math.min(full, held_level + refilled)
end

local after = level - TOKEN
if after >= 0 then
  level = after
end

-- A key dies in the millisecond after its time, never before the bucket is full.
local full_in_ms = math.ceil((full - level) / (per_second * (TOKEN / 1e3)))
redis.call('SET', KEYS[1], struct.pack('<dd', level, now_us), 'PX', full_in_ms)
return after
`;
