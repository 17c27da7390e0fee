--- Pictures of heaps, arenas, pools, blocks, runs and diffs, as text or SVG.
--
--     print(pymalloc.view.text(heap))
--     print(pymalloc.view.text(buffer:pool(), { width = 100, ascii = true }))

local check = require "pymalloc.check"
local core = require "pymalloc.core"
local diffs = require "pymalloc.diff"
local canvases = require "pymalloc.view.canvas"
local events = require "pymalloc.event"
local snapshot_shape = require "pymalloc.snapshot_shape"
local snapshot_views = require "pymalloc.snapshot.views"
local struct = require "pymalloc.view.struct"
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

-- Raises an error without a place unless `offset` is in a block of the pool.
local function check_block(what, pool, offset)
  if snapshot_views.kind(pool) then
    check.refuse(what, "block must be nil for a pool of a snapshot, which does not have the bytes "
      .. "of blocks")
  end
  local size = pool.size
  if not size then
    check.refuse(what, "block must be nil for a pool that never had a size class")
  end
  local first = core.owner(pool).geometry.header_bytes
  local last = first + pool.capacity * size - 1
  if math.type(offset) ~= "integer" or offset < first or offset > last then
    check.refuse(what, "block must be an offset from %d to %d in the pool, got %s", first, last,
      core.describe(offset))
  end
end

local function draw_block(canvas, pool, offset)
  check_block("view.text", pool, offset)
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
-- drawn. The error of a closed heap or run gets the place at which the function of
-- this module was called.
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
    local message = type(drawn) == "string" and (drawn:match("^pymalloc: .*$")
      or drawn:match("^.-:%d+: (pymalloc: .*)$"))
    error(message or drawn, message and 3 or 0)
  end
  return drawn
end

-- The heap of what is drawn, which has its geometry.
local function heap_of(x, kind)
  if kind == "Run" then
    return x.heap
  elseif kind == "Heap" or kind == "Anatomy" or kind == "Diff" then
    return x
  end
  return snapshot_views.owner(x) or core.owner(x)
end

local function draw_struct(kind, canvas, x)
  local draw = struct.drawers[kind]
  if not draw then
    error("pymalloc: view.text: struct is allowed for a pool or an arena only", 0)
  end
  draw(canvas, x, heap_of(x, kind))
end

local function draw_text(kind, canvas, x)
  drawers[kind](canvas, x, kind == "Arena" and heap_of(x, kind))
end

--- A picture of a heap or of a snapshot, of an arena, a pool, a buffer's block, a diff, or the
-- current request of a run. It stays short: arenas that do not fit side by side are a line each,
-- of more than 24 a sign each, and of a long list the middle is left out.
-- @tparam any x
-- @tparam[opt] table options width: columns, 40 or more, default 80; ascii: true draws
-- with ASCII characters only, the default in locales that are not UTF-8; colour: the
-- default is true on a terminal or with CLICOLOR_FORCE or FORCE_COLOR, unless NO_COLOR is
-- set; block: for a pool, draws the block at this offset; struct: true draws the header of a
-- pool, or the arena object of an arena, as CPython's struct in C with its values
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
  elseif canvas.is_struct then
    undisturbed(draw_struct, kind, canvas, x)
  elseif kind == "Pool" and canvas.block ~= nil then
    undisturbed(draw_block, canvas, x, canvas.block)
  else
    undisturbed(draw_text, kind, canvas, x)
  end
  return canvas:text()
end

-- The snapshots before and after, for a picture of their differences: `x` is the one that the
-- options do not give.
local function difference(what, x, look)
  for _, option in ipairs { "before", "after" } do
    local given = look[option]
    local problem = given ~= nil and (type(given) ~= "table" and "got " .. core.describe(given)
      or snapshot_shape.whole_problem(given))
    if problem then
      check.refuse(what, "%s must be a whole snapshot: %s", option, problem)
    end
  end
  local now = core.kind(x) and x:snapshot() or snapshot_views.snapshot(x)
  return diffs.diff(look.before or now, look.after or now)
end

-- Draws with options; `name` is that of the function that was called.
local function draw_svg(name, kind, x, options)
  local what = "view." .. name
  local look = svg.look(what, kind, options)
  if look.before ~= nil or look.after ~= nil then
    x, kind = difference(what, x, look), "Diff"
  elseif look.block ~= nil and kind == "Heap" then
    x, look.block = svg.block_at(what, x, look.block)
    kind = "Pool"
  end
  if look.block ~= nil then
    check_block(what, x, look.block)
  end
  return svg.draw(kind, x, look, heap_of(x, kind))
end

--- A picture as SVG: of a heap or a snapshot, an arena, a pool, a buffer's block, a diff, or the
-- current request of a run, each with title and description for readers who do not see it.
-- It has at most 256 KiB: neighbours in a larger picture are drawn as one, and it says so.
-- @tparam any x
-- @tparam[opt] table options width: 320 to 4000, default 800; scale: from 0.1 to 20, of the size
-- in which it is shown; theme: "light", "dark", or "auto", the default, as the reader prefers;
-- title; columns: pools in a row; highlight: a place such as "0:4096:48", an arena, pool or
-- buffer, or an array of them, which are framed; block: draws the block at this offset of a pool,
-- or at this place of a heap; before or after: for a heap or a snapshot, another snapshot, for a
-- picture of the differences
-- @treturn string
-- @usage pymalloc.view.svg(heap, { theme = "dark" }):match("^<svg") --> <svg
function M.svg(x, options)
  x = seen(x, "svg")
  local kind = kind_of(x)
  if not svg.has(kind) then
    error("pymalloc: view.svg: x must be a heap, a snapshot, an arena, a pool, a buffer, a run or "
      .. "a diff, got " .. core.describe(x), 2)
  end
  local problem = kind == "Diff" and diffs.problem(x)
  if problem then
    error("pymalloc: view.svg: the diff is not whole: " .. problem, 2)
  end
  local drawn = undisturbed(draw_svg, "svg", kind, x, options)
  return drawn
end

--- A labelled picture of the parts of a heap as SVG: the arenas vector, an arena, a pool with its
-- header and blocks, a live block, and a free block with its link.
-- @tparam pymalloc.Heap|pymalloc.Snapshot|pymalloc.Run x
-- @tparam[opt] table options width, scale, theme and title as for svg; highlight: the pool that
-- is drawn, by default one that has live, free and virgin blocks
-- @treturn string
-- @usage pymalloc.view.anatomy(heap):match("arenas vector") --> arenas vector
function M.anatomy(x, options)
  x = seen(x, "anatomy")
  local kind = kind_of(x)
  if kind ~= "Heap" and kind ~= "Run" then
    error("pymalloc: view.anatomy: x must be a heap, a snapshot or a run, got "
      .. core.describe(x), 2)
  end
  local drawn = undisturbed(draw_svg, "anatomy", "Anatomy", kind == "Run" and x.heap or x, options)
  return drawn
end

--- Writes a page, one HTML file that contains the allocator and the trace, for any browser. It
-- needs no server and no network. The page is part of an installed rock; in a checkout,
-- script/web builds it.
-- @tparam pymalloc.Run|pymalloc.Trace|string x a run, a trace, or a path as for pymalloc.replay
-- @tparam string path the file that is written, when it is complete; "-" is standard output
-- @tparam[opt] table options heap: options of the heap, or the name of a profile; compare: the
-- same of a second heap, which is shown beside it; interpreter: whose requests are run, default
-- 0; at: the request that is shown first, by default that of the run; from and to: the requests
-- at which the clock begins and ends (those before are run, those behind are left out); title;
-- progress: a function that is called from time to time with the number of lines read. A run has
-- its own heap and interpreter
-- @treturn integer bytes of the page; or nil and a message
-- @usage pymalloc.view.html(run, "/dev/null", { title = "A program", compare = "3.11" })
function M.html(x, path, options)
  local has_pages, html = pcall(require, "pymalloc.view.html")
  if not has_pages then
    return nil, "a page cannot write pages"
  end
  local read = events.checked(html.read, x, path, options)
  local bytes, problem = html.write(x, path, read)
  return bytes, problem
end

return M
