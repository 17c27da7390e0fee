-- The objects of pymalloc.workload: a name, a number of requests, and a function that opens a
-- stream of them.

local core = require "pymalloc.core"
local events = require "pymalloc.event"
local streams = require "pymalloc.workload.streams"
local text = require "pymalloc.text"
local traces = require "pymalloc.trace"

local M = {}

-- The methods.
M.methods = {}

-- From a workload to a function that returns a new stream of its requests, to its text, and to
-- the workloads of which it is made by `..`.
local open_of = setmetatable({}, { __mode = "k" })
local text_of = setmetatable({}, { __mode = "k" })
local parts_of = setmetatable({}, { __mode = "k" })

local metatable = { __name = "pymalloc.Workload", __metatable = "pymalloc.Workload" }

--- A workload. `open`: returns a new stream of that many requests.
function M.new(name, requests, open)
  local workload = setmetatable({ name = name, requests = requests }, metatable)
  open_of[workload] = open
  return workload
end

function M.is_workload(value)
  return open_of[value] ~= nil
end

--- A new stream of a workload.
function M.open(workload)
  return open_of[workload]()
end

--- Raises an error of the function `what` unless it is a workload. Returns it.
function M.check(workload, what)
  if not open_of[workload] then
    error(("pymalloc: %s: a workload is expected, got %s"):format(what, core.describe(workload)),
      0)
  end
  return workload
end

--- An iterator over the text of a workload in pieces; the first is a comment.
function M.pieces(workload)
  local head = ("%s\n# %s\n"):format(traces.HEAD, text.printable(workload.name))
  return streams.pieces(head, open_of[workload]())
end

local function make_text(workload)
  local pieces = {}
  for piece in M.pieces(workload) do
    table.insert(pieces, piece)
  end
  return table.concat(pieces)
end

function metatable.__index(workload, field)
  if field == "text" and open_of[workload] then
    text_of[workload] = text_of[workload] or make_text(workload)
    return text_of[workload]
  end
  return M.methods[field]
end

function metatable:__len()
  return self.requests
end

function metatable:__tostring()
  return ("pymalloc.Workload %s, %s"):format(text.printable(tostring(self.name)),
    text.count(text.group(self.requests), "request"))
end

-- The text of a mark: at most 200 bytes, without blanks at its ends.
local function mark_of(name)
  return text.printable(name):sub(1, 200):match("^%s*(.-)%s*$")
end

--- New streams of workloads, and their names as texts of marks.
function M.open_all(parts)
  local opened, marks = {}, {}
  for i, part in ipairs(parts) do
    opened[i], marks[i] = open_of[part](), mark_of(part.name)
  end
  return opened, marks
end

-- The workloads of both sides; a side that is joined of others stands for these.
local function parts_of_both(one, other)
  local parts = {}
  for _, side in ipairs { M.check(one, "workload .. workload"),
    M.check(other, "workload .. workload") } do
    for _, part in ipairs(parts_of[side] or { side }) do
      table.insert(parts, part)
    end
  end
  return parts
end

function metatable.__concat(one, other)
  local parts = events.checked(parts_of_both, one, other)
  local joined = M.new(one.name .. "; " .. other.name, one.requests + other.requests, function()
    return streams.join(M.open_all(parts))
  end)
  parts_of[joined] = parts
  return joined
end

return M
