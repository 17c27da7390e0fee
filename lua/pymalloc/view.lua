--- Pictures of heaps, arenas, pools, blocks, runs and diffs, as text or SVG.
--
--     print(pymalloc.view.text(heap))
--     print(pymalloc.view.text(buffer:pool(), { width = 100, ascii = true }))

local core = require "pymalloc.core"
local diffs = require "pymalloc.diff"
local canvases = require "pymalloc.view.canvas"
local snapshot_shape = require "pymalloc.snapshot_shape"
local snapshot_views = require "pymalloc.snapshot.views"
local svg = require "pymalloc.view.svg"

local M = {}

local drawers = {
  Heap = require("pymalloc.view.heap").draw,
  Arena = require("pymalloc.view.arena").draw,
  Pool = require("pymalloc.view.pool").draw,
  Run = require("pymalloc.view.run").draw,
  Diff = require("pymalloc.view.diff").draw,
}

local blocks = require "pymalloc.view.block"

function drawers.Buffer(canvas, buffer)
  blocks.draw_buffer(canvas, core.owner(buffer), buffer)
end

-- Raises an error unless `offset` is in a block of the pool.
local function check_block(pool, offset)
  if snapshot_views.kind(pool) then
    error("pymalloc: view.text: block must be nil for a pool of a snapshot, which does not have "
      .. "the bytes of blocks", 3)
  end
  local size = pool.size
  if not size then
    error("pymalloc: view.text: block must be nil for a pool that never had a size class", 3)
  end
  local first = core.owner(pool).geometry.header_bytes
  local last = first + pool.capacity * size - 1
  if math.type(offset) ~= "integer" or offset < first or offset > last then
    error(("pymalloc: view.text: block must be an offset from %d to %d in the pool, got %s")
      :format(first, last, core.describe(offset)), 3)
  end
end

local function draw_block(canvas, pool, offset)
  blocks.draw(canvas, blocks.look(core.owner(pool), pool, offset))
end

-- A snapshot as a view of a heap; anything else as it is.
local function seen(x, name)
  if debug.getmetatable(x) ~= core.metatables.Snapshot then
    return x
  end
  local problem = snapshot_shape.whole_problem(x)
  if problem then
    error(("pymalloc: view.%s: the snapshot is not whole: %s"):format(name, problem), 3)
  end
  return snapshot_views.heap(x)
end

-- "Heap" for a heap, and so on; nil for a value that is not from this library.
local function kind_of(x)
  return core.kind(x) or diffs.is_diff(x) and "Diff" or snapshot_views.kind(x)
end

-- Draws with the collector stopped. It would free the blocks of buffers that are garbage,
-- and those of the Lua state if the heap hosts it: a pool could then be gone while it is
-- drawn. That a heap or a run is closed is an error of who calls the function of this module.
local function undisturbed(draw, ...)
  local was_running = collectgarbage("isrunning")
  if was_running then
    collectgarbage("stop")
  end
  local ok, drawn = pcall(draw, ...)
  if was_running then
    collectgarbage("restart")
  end
  if not ok then
    local message = type(drawn) == "string" and drawn:match("^.-:%d+: (pymalloc: .*)$")
    error(message or drawn, message and 3 or 0)
  end
  return drawn
end

--- A picture of a heap or of a snapshot, of an arena, a pool, a buffer's block, a diff, or the
-- current request of a run.
-- @tparam any x
-- @tparam[opt] table options width: columns, 60 or more, default 80; ascii: true draws
-- with ASCII characters only, the default in locales that are not UTF-8; colour: the
-- default is true on a terminal, unless NO_COLOR is set; block: for a pool, draws the
-- block at this offset
-- @treturn string without a newline at its end
-- @usage
-- local title = pymalloc.view.text(pool, { ascii = true }):match("[^\n]+")
-- title --> pool 0:0, used: class 1, blocks of 16 bytes, 1 of 253 live
function M.text(x, options)
  local ok, canvas = pcall(canvases.new, options)
  if not ok then
    error(canvas, 2)
  end
  x = seen(x, "text")
  local kind = kind_of(x)
  if not drawers[kind] then
    error("pymalloc: view.text: x must be a heap, a snapshot, an arena, a pool, a buffer, a run or "
      .. "a diff, got " .. core.describe(x), 2)
  end
  local problem = kind == "Diff" and diffs.problem(x)
  if problem then
    error("pymalloc: view.text: the diff is not whole: " .. problem, 2)
  elseif canvas.block ~= nil and kind ~= "Pool" then
    error("pymalloc: view.text: block is allowed for a pool only", 2)
  elseif kind == "Pool" and canvas.block ~= nil then
    check_block(x, canvas.block)
    undisturbed(draw_block, canvas, x, canvas.block)
  else
    undisturbed(drawers[kind], canvas, x)
  end
  return canvas:text()
end

--- A picture as SVG. A heap, a snapshot, an arena or a run is drawn as rows of pools; a pool,
-- or the pool of a buffer, as blocks, with the free ones numbered in the order of the free
-- chain.
-- @tparam any x
-- @tparam[opt] table options width: 300 or more, default 800
-- @treturn string
-- @usage pymalloc.view.svg(heap):match("^<svg") --> <svg
function M.svg(x, options)
  x = seen(x, "svg")
  local kind = kind_of(x)
  if not svg.has(kind) then
    error("pymalloc: view.svg: x must be a heap, a snapshot, an arena, a pool, a buffer or a run, "
      .. "got " .. core.describe(x), 2)
  elseif options ~= nil and type(options) ~= "table" then
    error("pymalloc: view.svg: options must be a table, got " .. core.describe(options), 2)
  end
  local drawn = undisturbed(svg.draw, kind, x, options)
  return drawn
end

return M
