-- Binary trees: many small tables of the same shape, built, walked and left to
-- the collector.
local function build(depth)
  if depth == 0 then
    return {}
  end
  return { build(depth - 1), build(depth - 1) }
end

local function count(tree)
  return tree[1] and 1 + count(tree[1]) + count(tree[2]) or 1
end

local kept, total = build(14), 0
for _ = 1, 150 do
  total = total + count(build(12))
end
for _ = 1, 40000 do
  total = total + count(build(4))
end
assert(total == 150 * 8191 + 40000 * 31)
assert(count(kept) == 32767)
