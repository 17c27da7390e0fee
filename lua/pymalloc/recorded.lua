-- Sums up the requests that a function made to Lua's allocator, from a recording:
-- their number, their sizes, and the blocks that were not freed.

local sorted_keys = require "pymalloc.sorted_keys"
local text = require "pymalloc.text"
local trace = require "pymalloc.trace"

local M = {}

--- The requests for memory in a trace: { requests =, bytes =, and by size, how
-- many: blocks = { [size] = count }, resizes = the same }. A resize counts with
-- all of its new size.
function M.requests(recorded)
  local sum = { requests = 0, bytes = 0, blocks = {}, resizes = {} }
  for operation, _, size in trace.each(recorded) do
    if size then
      local by_size = operation == "realloc" and sum.resizes or sum.blocks
      by_size[size] = (by_size[size] or 0) + 1
      sum.requests = sum.requests + 1
      sum.bytes = sum.bytes + size
    end
  end
  return sum
end

--- The blocks that a trace leaves behind, in the same form. A block that was
-- there before and was resized is none of them.
function M.left(recorded)
  local size_of, sum = {}, { requests = 0, bytes = 0, blocks = {}, resizes = {} }
  for operation, id, size in trace.each(recorded) do
    if id and (operation ~= "realloc" or size_of[id]) then
      size_of[id] = size
    end
  end
  for _, size in pairs(size_of) do
    sum.blocks[size] = (sum.blocks[size] or 0) + 1
    sum.requests = sum.requests + 1
    sum.bytes = sum.bytes + size
  end
  return sum
end

--- The lines "3 blocks of 56 bytes", the small ones first.
-- @param one, many the words between count and size
function M.lines(by_size, one, many)
  local lines = {}
  for _, size in ipairs(sorted_keys(by_size)) do
    local blocks = text.count(by_size[size], one, many)
    table.insert(lines, ("  %s %s"):format(blocks, text.count(size, "byte")))
  end
  return lines
end

-- Levels of nested calls for which Lua keeps memory after sweep().
local DEPTH = 100

-- Collects garbage, and runs finalizers. A collection also frees the memory that
-- Lua keeps for nested calls which are over. It is therefore run from inside
-- `depth` nested calls: otherwise that memory would be allocated again while a function is
-- recorded, and would count as requested by the function.
local function sweep(depth)
  if depth > 0 then
    sweep(depth - 1)
    return
  end
  collectgarbage()
  collectgarbage()
end

--- Records a function while the collector is stopped, so that the same function
-- makes the same requests each time.
function M.record(f)
  local was_running = collectgarbage("isrunning")
  sweep(DEPTH)
  collectgarbage("stop")
  local ok, recorded = pcall(trace.record, f)
  if was_running then
    collectgarbage("restart")
  end
  if not ok then
    error(recorded, 0)
  end
  return recorded
end

-- Runs the function to its end in a coroutine, whose stack is collected with it.
local function run_apart(f)
  local thread = coroutine.create(f)
  local ok, problem = coroutine.resume(thread)
  if not ok then
    error(problem, 0)
  elseif coroutine.status(thread) ~= "dead" then
    error("pymalloc: assert.frees_all: f must not yield", 0)
  end
end

-- Records a function that runs apart, and the collection of what it has dropped.
local function record_apart(f)
  return (trace.record(function()
    run_apart(f)
    sweep(0)
  end))
end

--- Records a function and the collection of what it has dropped. A collection
-- may also move the stack of the calling function into a smaller block, which
-- would be taken for one that the function leaves. So a function that does
-- nothing is recorded first, at the same depth of calls: the second call is not a
-- tail call, which would be less deep.
function M.record_whole(f)
  sweep(DEPTH)
  record_apart(function() end)
  local recorded = record_apart(f)
  return recorded
end

return M
