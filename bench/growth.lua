-- bench/growth.lua: draws the measurements of script/bench --growth as SVG: the
-- time per request against the number of live blocks, in two pictures side by
-- side. A dashed line marks the number of blocks that fill a cache of the
-- processor.

local WIDTH, HEIGHT, LEFT, TOP, GAP = 430, 330, 60, 56, 90
local BLOCK_BYTES = 64
local PICTURES = {
  { workload = "grow_pairs", title = "free and malloc of a random block, nanoseconds per pair" },
  { workload = "grow_frees", title = "freed in the worst order, nanoseconds per free" },
}
-- Colour and width of the curves: thick for allocators of this library, thin for peers.
local STYLES = {
  ["exact 64K arenas"] = { "#c2410c", 2.6 }, ["exact 3.11"] = { "#eab308", 2.6 },
  cached = { "#15803d", 2.6 }, ["limit inline"] = { "#9ca3af", 1.6 },
  glibc = { "#64748b", 1.2 }, mimalloc = { "#7dd3fc", 1.2 }, mimalloc3 = { "#2563eb", 1.2 },
  jemalloc = { "#a78bfa", 1.2 }, tcmalloc = { "#7c3aed", 1.2 }, rpmalloc = { "#f472b6", 1.2 },
  snmalloc = { "#be185d", 1.2 }, ["CPython 3.11"] = { "#000000", 1.2 },
}

local curves, names, caches = {}, {}, {}

local function remember(live, name, workload, ns)
  if not curves[name] then
    curves[name] = {}
    table.insert(names, name)
  end
  curves[name][workload] = curves[name][workload] or {}
  table.insert(curves[name][workload], { live = live, ns = ns })
end

for line in io.lines() do
  local f = {}
  for field in line:gmatch("[^\t]+") do
    table.insert(f, field)
  end
  if f[1] == "cache" then
    table.insert(caches, { level = f[2], bytes = tonumber(f[3]:match("%d+")) * 1024 })
  else
    remember(tonumber(f[1]), f[2], f[3], tonumber(f[7]))
  end
end

local LIVE_MIN, LIVE_MAX, NS_MIN, NS_MAX = 1e3, 1e7, 1, 1000

local function x_of(live, picture)
  return LEFT + (picture - 1) * (WIDTH + GAP)
    + WIDTH * math.log(live / LIVE_MIN) / math.log(LIVE_MAX / LIVE_MIN)
end

local function y_of(ns)
  local clamped = math.max(NS_MIN, math.min(NS_MAX, ns))
  return TOP + HEIGHT - HEIGHT * math.log(clamped / NS_MIN) / math.log(NS_MAX / NS_MIN)
end

local function put(...)
  print(string.format(...))
end

local function text(x, y, anchor, words, style)
  put('<text x="%.0f" y="%.0f" text-anchor="%s" %s>%s</text>', x, y, anchor, style or "", words)
end

local function rule(x1, y1, x2, y2, style)
  put('<line x1="%.1f" y1="%.1f" x2="%.1f" y2="%.1f" %s/>', x1, y1, x2, y2, style)
end

local function axes(picture)
  local left, right = x_of(LIVE_MIN, picture), x_of(LIVE_MAX, picture)
  text(left, TOP - 30, "start", PICTURES[picture].title, 'font-weight="bold"')
  for _, ns in ipairs { 1, 3, 10, 30, 100, 300, 1000 } do
    rule(left, y_of(ns), right, y_of(ns), 'stroke="#e5e7eb"')
    text(left - 6, y_of(ns) + 4, "end", tostring(ns))
  end
  for _, live in ipairs { 1e3, 1e4, 1e5, 1e6, 1e7 } do
    text(x_of(live, picture), TOP + HEIGHT + 18, "middle", ("%.0f"):format(live))
  end
  text((left + right) / 2, TOP + HEIGHT + 36, "middle", "live blocks of 64 bytes")
  for _, cache in ipairs(caches) do
    local live = cache.bytes / BLOCK_BYTES
    if live > LIVE_MIN and live < LIVE_MAX then
      rule(x_of(live, picture), TOP, x_of(live, picture), TOP + HEIGHT,
        'stroke="#9ca3af" stroke-dasharray="4 3"')
      text(x_of(live, picture), TOP - 8, "middle",
        ("L%s: %d KiB"):format(cache.level, cache.bytes // 1024), 'fill="#6b7280"')
    end
  end
end

local function curve(name, picture)
  local points, style = {}, STYLES[name] or { "#000000", 1 }
  for _, point in ipairs(curves[name][PICTURES[picture].workload] or {}) do
    table.insert(points, ("%.1f,%.1f"):format(x_of(point.live, picture), y_of(point.ns)))
  end
  put('<polyline points="%s" fill="none" stroke="%s" stroke-width="%.1f"/>',
    table.concat(points, " "), style[1], style[2])
end

local function legend()
  for index, name in ipairs(names) do
    local column, line = (index - 1) % 4, (index - 1) // 4
    local x, y = LEFT + column * 235, TOP + HEIGHT + 66 + line * 20
    local style = STYLES[name] or { "#000000", 1 }
    rule(x, y - 4, x + 28, y - 4,
      ('stroke="%s" stroke-width="%.1f"'):format(style[1], style[2] + 0.6))
    text(x + 36, y, "start", name)
  end
end

local width = LEFT + 2 * WIDTH + GAP + 30
local height = TOP + HEIGHT + 66 + ((#names + 3) // 4) * 20
put('<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" ' ..
  'font-family="sans-serif" font-size="12">', width, height)
put('<rect width="%d" height="%d" fill="#ffffff"/>', width, height)
for picture in ipairs(PICTURES) do
  axes(picture)
  for _, name in ipairs(names) do
    curve(name, picture)
  end
end
legend()
put("</svg>")
