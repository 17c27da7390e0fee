-- Bytes as text: base64 (RFC 4648).

local M = {}

local SIGNS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"

-- From 12 bits to two signs.
local pairs_of = {}
for high = 0, 63 do
  for low = 0, 63 do
    pairs_of[high << 6 | low] = SIGNS:sub(high + 1, high + 1) .. SIGNS:sub(low + 1, low + 1)
  end
end

-- Three bytes are four signs.
local function four_signs(three)
  local high, middle, low = three:byte(1, 3)
  return pairs_of[high << 4 | middle >> 4] .. pairs_of[(middle & 15) << 8 | low]
end

--- The text of some bytes.
function M.encode(bytes)
  local missing = -#bytes % 3
  local text = (bytes .. ("\0"):rep(missing)):gsub("...", four_signs)
  return text:sub(1, #text - missing) .. ("="):rep(missing)
end

return M
