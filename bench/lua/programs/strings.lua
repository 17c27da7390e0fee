-- Strings: pieces that are formatted, replaced, cut out and concatenated.
local total = 0
for i = 1, 12000 do
  local parts = {}
  for k = 1, 30 do
    parts[k] = ("%d:%x"):format(i * k, k)
  end
  local joined = table.concat(parts, ",")
  local changed = joined:gsub("%d", function(digit) return digit .. digit end)
  local upper = changed:upper():reverse()
  for piece in upper:gmatch("[^,]+") do
    total = total + #piece
  end
  local text = ""
  for k = 1, 40 do
    text = text .. k
  end
  total = total + #text + #(text:rep(20, "-"))
end
assert(total > 12000 * 71)
