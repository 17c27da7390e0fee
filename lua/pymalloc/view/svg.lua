-- Draws pictures as SVG: a heap or an arena as rows of pools, a pool as a grid of
-- blocks, with the free ones numbered in the order of the free chain. A browser
-- shows the description of a cell when the pointer is on it.

local core = require "pymalloc.core"
local heaps = require "pymalloc.view.heap"
local pools = require "pymalloc.view.pool"

local M = {}

local CELL, GAP, MARGIN, LINE = 14, 2, 12, 18
local LABEL_WIDTH, FIELD_X, WIDTH, WIDTH_LEAST = 76, 130, 800, 300

local colours = {
  live = "#1f4e79", free = "#f0a202", virgin = "#e9e9e9", cached = "#7fb069", empty = "#ffffff",
  full = "#1f4e79", line = "#555555", text = "#222222", marked = "#c00000",
}

-- {=== The drawing: its elements, and the height that they fill

local Drawing = {}
Drawing.__index = Drawing

local function escape(text)
  return (text:gsub("[&<>\"]", { ["&"] = "&amp;", ["<"] = "&lt;", [">"] = "&gt;",
    ['"'] = "&quot;" }))
end

local function new(width)
  return setmetatable({ width = width, y = MARGIN, elements = {} }, Drawing)
end

function Drawing:add(format, ...)
  table.insert(self.elements, format:format(...))
end

-- Adds a line of text below the other elements.
function Drawing:line(text, weight)
  self.y = self.y + LINE
  self:add('<text x="%d" y="%d" font-weight="%s">%s</text>', MARGIN, self.y - 5,
    weight or "normal", escape(text))
end

-- Adds a name and its value, in two columns.
function Drawing:field(name, value)
  self:line(name)
  self:add('<text x="%d" y="%d">%s</text>', FIELD_X, self.y - 5, escape(value))
end

-- Adds a cell whose upper left corner is at x, y.
function Drawing:cell(x, y, fill, tip, is_marked)
  self:add('<rect x="%d" y="%d" width="%d" height="%d" fill="%s" stroke="%s" stroke-width="%d">'
    .. "<title>%s</title></rect>", x, y, CELL, CELL, fill,
    is_marked and colours.marked or colours.line, is_marked and 3 or 1, escape(tip))
end

-- Adds a label and rows of cells, for each of which it calls draw(i, x, y).
function Drawing:grid(label, count, draw)
  local columns = (self.width - 2 * MARGIN - LABEL_WIDTH) // (CELL + GAP)
  self:add('<text x="%d" y="%d">%s</text>', MARGIN, self.y + CELL - 2, escape(label))
  for i = 1, count do
    local row, column = (i - 1) // columns, (i - 1) % columns
    draw(i, MARGIN + LABEL_WIDTH + column * (CELL + GAP), self.y + row * (CELL + GAP))
  end
  self.y = self.y + ((count - 1) // columns + 1) * (CELL + GAP) + GAP
end

-- Adds a line of sample cells with their meanings.
function Drawing:legend(entries)
  self.y = self.y + LINE // 2
  local x = MARGIN
  for _, entry in ipairs(entries) do
    self:cell(x, self.y, entry[1], entry[2])
    self:add('<text x="%d" y="%d">%s</text>', x + CELL + 4, self.y + CELL - 2, escape(entry[2]))
    x = x + CELL + 24 + 7 * #entry[2]
  end
  self.y = self.y + LINE
end

function Drawing:text(title)
  local height = self.y + MARGIN
  return ('<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" '
    .. 'viewBox="0 0 %d %d" role="img" font-family="monospace" font-size="12" fill="%s">\n'
    .. '<title>%s</title>\n<rect width="100%%" height="100%%" fill="#ffffff"/>\n%s\n</svg>\n')
    :format(self.width, height, self.width, height, colours.text, escape(title),
      table.concat(self.elements, "\n"))
end

-- {=== Pools as cells

-- A blue that is darker for a fuller pool.
local function shade(share)
  local function mix(from, to)
    return math.floor(from + (to - from) * share + 0.5)
  end
  return ("#%02x%02x%02x"):format(mix(0xd6, 0x3b), mix(0xe8, 0x78), mix(0xf7, 0xb0))
end

local function pool_colour(pool)
  return colours[pool.state] or shade(pool.ref_count / pool.capacity)
end

local function draw_arena(drawing, arena)
  local carved = {}
  for pool in arena:pools() do
    table.insert(carved, pool)
  end
  drawing:grid(("arena %d"):format(arena.index), arena.ntotalpools or 0, function(i, x, y)
    local pool = carved[i]
    drawing:cell(x, y, pool and pool_colour(pool) or colours.virgin,
      pool and tostring(pool) or "a pool that was never carved")
  end)
end

local pool_legend = {
  { colours.full, "full" }, { shade(0.5), "used, by fill" }, { colours.empty, "empty" },
  { colours.virgin, "never carved" },
}

local drawers = {}

function drawers.Arena(drawing, arena)
  drawing:line(tostring(arena), "bold")
  draw_arena(drawing, arena)
  drawing:legend(pool_legend)
  return tostring(arena)
end

function drawers.Heap(drawing, heap)
  local title = heaps.title(heap)
  drawing:line(title, "bold")
  for arena in heap:arenas() do
    draw_arena(drawing, arena)
  end
  drawing:legend(pool_legend)
  return title
end

function drawers.Run(drawing, run)
  drawing:line(tostring(run))
  return drawers.Heap(drawing, run.heap)
end

-- {=== Blocks as cells

-- From the offset of a free block to its position in the free chain, from 1.
local function places_in(chain)
  local places = {}
  for place, offset in ipairs(chain) do
    places[offset] = place
  end
  return places
end

local block_legend = {
  { colours.live, "live" }, { colours.free, "free, numbered in the order of the chain" },
  { colours.virgin, "virgin" }, { colours.cached, "cached" },
}

-- `marked`: the offset of a block that gets a frame, or nil.
local function draw_pool(drawing, pool, marked)
  local title = tostring(pool)
  drawing:line(title, "bold")
  for _, field in ipairs(pools.fields(pool)) do
    drawing:field(field[1], field[2])
  end
  drawing.y = drawing.y + LINE // 2
  local states, chain = pool:blocks(), pool:freelist()
  local places = places_in(chain)
  local first = pool.nextoffset - (pool.ref_count + #chain) * (pool.size or 0)
  drawing:grid("blocks", #states, function(i, x, y)
    local offset = first + (i - 1) * pool.size
    drawing:cell(x, y, colours[states[i]], ("%s block at %d"):format(states[i], offset),
      offset == marked)
    if places[offset] then
      drawing:add('<text x="%d" y="%d" font-size="9" text-anchor="middle">%d</text>',
        x + CELL // 2, y + CELL - 4, places[offset])
    end
  end)
  drawing:legend(block_legend)
  return title
end

function drawers.Pool(drawing, pool)
  return draw_pool(drawing, pool)
end

function drawers.Buffer(drawing, buffer)
  local pool, place = buffer:pool(), buffer:location()
  if not pool then
    drawing:line(tostring(buffer))
    return tostring(buffer)
  end
  drawing:line(tostring(buffer))
  return draw_pool(drawing, pool, place.offset)
end

-- Is there a picture of this kind?
function M.has(kind)
  return drawers[kind] ~= nil
end

local function check_width(options)
  local width = options and options.width or WIDTH
  if math.type(width) ~= "integer" or width < WIDTH_LEAST then
    error(("pymalloc: view.svg: width must be an integer, %d or more, got %s"):format(WIDTH_LEAST,
      core.describe(width)), 0)
  end
  return width
end

-- The picture of `x`, which is of this kind.
function M.draw(kind, x, options)
  local drawing = new(check_width(options))
  local title = drawers[kind](drawing, x)
  return drawing:text(title)
end

return M
