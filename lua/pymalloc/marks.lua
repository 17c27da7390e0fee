-- The marks of a run's trace.

local core = require "pymalloc.core"

local M = {}

--- The marks in order, each with op (the requests done before it) and text.
function M.list(run)
  local list, op, text = {}, core.run.mark(run, 1)
  while op do
    table.insert(list, { op = op, text = text })
    op, text = core.run.mark(run, #list + 1)
  end
  return list
end

--- The text of a condition { mark = text }, or true for any mark; nil for another
-- condition. A condition with more than a mark is an error.
function M.wanted(condition, what)
  local text = type(condition) == "table" and rawget(condition, "mark")
  if text == nil or text == false then
    return nil
  elseif type(text) ~= "string" and text ~= true then
    error(("pymalloc: %s: mark must be a text or true, got %s"):format(what,
      core.describe(text)), 0)
  end
  for name in pairs(condition) do
    if name ~= "mark" then
      error(("pymalloc: %s: a condition with mark has no %s"):format(what, tostring(name)), 0)
    end
  end
  return text
end

-- The number of the first mark with at least `op` requests before it; one more than there
-- are if there is none.
local function first_from(run, op)
  local low, high = 1, core.run.mark_count(run) + 1
  while low < high do
    local middle = (low + high) // 2
    if core.run.mark(run, middle) < op then
      low = middle + 1
    else
      high = middle
    end
  end
  return low
end

-- Searches from mark to mark, by 1 or -1. Returns the requests before the one that is found.
local function search(run, first, by, wanted)
  local last = by > 0 and core.run.mark_count(run) or 1
  for i = first, last, by do
    local op, text = core.run.mark(run, i)
    if wanted == true or text == wanted then
      return op
    end
  end
end

--- The number of requests before the next mark; nil if there is none.
function M.after(run, wanted)
  return search(run, first_from(run, run.op + 1), 1, wanted)
end

--- The number of requests before the previous mark; nil if there is none.
function M.before(run, wanted)
  return search(run, first_from(run, run.op) - 1, -1, wanted)
end

--- The texts of the marks at the present request.
function M.here(run)
  local texts = {}
  for i = first_from(run, run.op), first_from(run, run.op + 1) - 1 do
    local _, text = core.run.mark(run, i)
    table.insert(texts, text)
  end
  return texts
end

return M
