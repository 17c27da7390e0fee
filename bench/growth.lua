-- bench/growth.lua FOLDER: draws the measurements of script/bench --growth, which it reads from
-- standard input, in the files growth-pairs.svg and growth-frees.svg of the folder: the time per
-- request against the number of live blocks. A mark is the number of blocks that fill a cache
-- of the processor.

package.path = "./lua/?.lua;./lua/?/init.lua;" .. package.path
package.cpath = "./build-release/?.so;" .. package.cpath

local plot = require "pymalloc.plot"

local BLOCK_BYTES, NANO = 64, 1e-9
local PICTURES = {
  { workload = "grow_pairs", file = "growth-pairs.svg",
    title = "Free and malloc of a random block, time per pair" },
  { workload = "grow_frees", file = "growth-frees.svg",
    title = "Blocks freed in the worst order, time per free" },
}

local curves, names, marks = {}, {}, {}

local function remember(live, name, workload, ns)
  if not curves[name] then
    curves[name] = {}
    table.insert(names, name)
  end
  local curve = curves[name][workload] or { x = {}, y = {} }
  curves[name][workload] = curve
  table.insert(curve.x, live)
  table.insert(curve.y, ns * NANO)
end

for line in io.lines() do
  local f = {}
  for field in line:gmatch("[^\t]+") do
    table.insert(f, field)
  end
  if f[1] == "cache" then
    local kib = math.tointeger(tonumber(f[3]:match("%d+")))
    table.insert(marks, { x = kib * 1024 / BLOCK_BYTES, name = ("L%s: %d KiB"):format(f[2], kib) })
  else
    remember(tonumber(f[1]), f[2], f[3], tonumber(f[7]))
  end
end

for _, picture in ipairs(PICTURES) do
  local series = {}
  for _, name in ipairs(names) do
    local curve = curves[name][picture.workload]
    if curve then
      table.insert(series, { name = name, x = curve.x, y = curve.y })
    end
  end
  local drawn = plot.lines { title = picture.title, series = series, marks = marks, height = 520,
    x = { title = "live blocks of 64 bytes", log = true }, y = { unit = "seconds", log = true } }
  assert(drawn:save(arg[1] .. "/" .. picture.file))
end
