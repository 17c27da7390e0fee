-- Space over time: which addresses of a heap are in use after which requests of a trace. Few
-- blocks are drawn one by one; many are added up in a grid of cells.

local axes = require "pymalloc.plot.axis"
local check = require "pymalloc.plot.check"
local core = require "pymalloc.core"
local geometry_name = require "pymalloc.geometry_name"
local text = require "pymalloc.text"

local M = {}

M.COLUMNS, M.ROWS, M.SPANS_MOST = 360, 160, 1500

local fields = check.with_look { "heap" }

-- The numbers of 8 bytes in a string.
local function numbers(packed)
  local list = {}
  for i = 1, #packed // 8 do
    list[i] = string.unpack("=I8", packed, 8 * i - 7)
  end
  return list
end

local function spans_of(packed)
  local list = {}
  for at = 1, #packed, 32 do
    local address, bytes, from, to = string.unpack("=I8I8I8I8", packed, at)
    table.insert(list, { address = address, bytes = bytes, from = from, to = to })
  end
  return list
end

-- The options of a heap, which the caller gave as a table, as the name of a profile, or not.
local function heap_options(what, given)
  if given ~= nil and type(given) ~= "table" and type(given) ~= "string" then
    check.refuse(what, "heap must be a table of options or the name of a profile, got %s",
      core.describe(given))
  end
  return type(given) == "string" and { profile = given } or given or {}
end

local function add_notes(data)
  if data.spans then
    table.insert(data.notes, ("Each mark is a block in its place: %s in all. Blocks that raw "
      .. "serves are not drawn."):format(text.count(text.group(data.span_count), "mark")))
  else
    table.insert(data.notes, ("%s blocks in their places, added up: each cell is the mean of %s "
      .. "and %s of addresses. Blocks that raw serves are not drawn."):format(
      text.group(data.span_count), text.count(text.group(data.column_requests), "request"),
      axes.text(data.row_bytes, "bytes")))
  end
end

local function add_axes(data, what)
  data.x = axes.new(what, { name = "x", title = "requests", unit = "" }, 0, data.requests,
    { ticks = 7 })
  data.y = axes.new(what, { name = "y", title = "address, from the base of the heap's region",
    unit = "bytes" }, 0, math.max(1, data.extent), { ticks = 6 })
end

--- Runs a loaded trace on a heap and adds up its blocks. Returns the data; or nil and a message.
-- A wrong option raises a message.
function M.read(loaded, given, what)
  given = given == nil and {} or given
  check.fields(what, "the options", given, fields)
  local data, options = check.look(what, given), heap_options(what, given.heap)
  local name = geometry_name(options)
  local columns, rows, column_requests, row_bytes, extent, spans, live, held, all =
    core.trace.space(loaded, options, M.COLUMNS, M.ROWS, M.SPANS_MOST)
  if not columns then
    return nil, rows
  end
  data.columns, data.rows, data.column_requests, data.row_bytes = columns, rows, column_requests,
    row_bytes
  data.extent, data.span_count, data.requests = extent, spans, #loaded
  data.live, data.held = numbers(live), numbers(held)
  data.spans = spans <= M.SPANS_MOST and spans_of(all) or nil
  if data.title == "" then
    data.title = ("Space over time: %s, %s"):format(check.text(what, "name", loaded.name), name)
  end
  add_axes(data, what)
  add_notes(data)
  return data
end

-- The bytes times requests of a cell, which is smaller at the upper and the right border.
local function whole(data, column, row)
  local requests = math.min(data.column_requests,
    data.requests - (column - 1) * data.column_requests)
  local bytes = math.min(data.row_bytes, data.extent - (row - 1) * data.row_bytes)
  return requests * bytes
end

--- The shares of a cell that are live and that are held, from 0 to 1; row 1 is the lowest.
function M.shares(data, column, row)
  local at = (row - 1) * data.columns + column
  local most = whole(data, column, row)
  return data.live[at] / most, data.held[at] / most
end

--- The look of a cell: the number of a shade, "held" where next to nothing is live, or nil
-- where less than half of it is held.
function M.look_of(data, column, row, shades)
  local live, held = M.shares(data, column, row)
  if live * 2 * shades >= 1 then
    return math.min(shades, 1 + math.floor(live * shades))
  end
  return held >= 0.5 and "held" or nil
end

function M.description(data)
  return ("%s over %s, up to %s of addresses."):format(
    text.count(text.group(data.span_count), "block"), text.count(text.group(data.requests),
    "request"), axes.text(data.extent, "bytes"))
end

return M
