-- Counts the words of a text: short strings, and tables whose keys they are.
local seed = 42
local function draw(n)
  seed = (seed * 1103515245 + 12345) % 2147483648
  return seed // 65536 % n + 1
end

local syllables = { "ka", "lo", "mi", "ne", "pu", "ra", "si", "to", "vu", "zen" }
local function word()
  local text = ""
  for _ = 1, draw(4) do
    text = text .. syllables[draw(#syllables)]
  end
  return text
end

local total = 0
for _ = 1, 60 do
  local line = {}
  for i = 1, 6000 do
    line[i] = word()
  end
  local counts, list = {}, {}
  for found in table.concat(line, " "):gmatch("%a+") do
    counts[found] = (counts[found] or 0) + 1
  end
  for name, count in pairs(counts) do
    list[#list + 1] = { name = name, count = count }
    total = total + count
  end
  table.sort(list, function(a, b)
    return a.count > b.count or a.count == b.count and a.name < b.name
  end)
end
assert(total == 60 * 6000)
