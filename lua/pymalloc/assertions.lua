--- Assertions about memory, for tests with luassert (which busted includes).
--
--     require "pymalloc.assertions"
--
--     it("draws a line without allocating memory", function()
--       assert.allocates_nothing(function() canvas:line(1, 1, 80, 24) end)
--     end)
--
-- They count requests to Lua's allocator: strings, tables, closures, userdata, and the
-- buffers of C modules that use Lua's allocator. They do not see requests of a C module
-- to malloc; `pymalloc record` does. Each assertion takes a message as an additional
-- argument, and can be negated: assert.is_not.heap_is_valid(heap).
--
-- While the function under test runs, the collector is stopped. Memory that is allocated
-- only in the first call (by loading a module or growing a table) is counted; to leave it
-- out, call the function once before the test.

local core = require "pymalloc.core"
local optional = require "pymalloc.optional"
local recorded = require "pymalloc.recorded"
local text = require "pymalloc.text"

local luassert, say = optional.load "luassert.assert", optional.load "say"

local M = {}

-- {=== Messages

-- Sets the message of a failed assertion. `expected`: what it expects; `unexpected`: what
-- it expects when it is negated by is_not; `got`: what was found, as an array of lines.
local function explain(state, arguments, expected, unexpected, got, message)
  local wanted = state.mod and expected or unexpected
  arguments[1] = ("Expected %s, got %s"):format(wanted, table.concat(got, "\n"))
  arguments.nofmt = { true }
  arguments.n = 1
  if message ~= nil then
    state.failure_message = message
  end
end

-- The lines of a list: its first line ends in a colon if details follow.
local function with_details(first, details)
  return table.move(details, 1, #details, 2, { #details > 0 and first .. ":" or first })
end

local function refuse(name, what, expected, got)
  error(("pymalloc: assert.%s: %s must be %s, got %s"):format(name, what, expected,
    core.describe(got)), 0)
end

-- {=== Heaps

local function check_heap(name, heap)
  local ok, problem = pcall(core.methods.Heap.size_class, heap, 1)
  if not ok then
    error(("pymalloc: assert.%s: %s"):format(name, (problem:gsub("^pymalloc: ", ""))), 0)
  end
end

--- Asserts that all invariants of a heap hold. A failure names the broken invariant.
-- @tparam pymalloc.Heap heap
-- @tparam[opt] string message printed before the failure
-- @usage assert.heap_is_valid(heap)
function M.heap_is_valid(state, arguments)
  local heap = arguments[1]
  check_heap("heap_is_valid", heap)
  local ok, problem = pcall(heap.check, heap)
  local got = ok and tostring(heap) or problem:gsub("^pymalloc: ", "")
  explain(state, arguments, "a valid heap", "a broken heap", { got }, arguments[2])
  return ok
end

-- The live blocks that the program has: without those in quarantine and in the cache, which
-- are free to the program and live to the pools.
local function live_count(stats)
  return stats.blocks - stats.held_blocks - stats.cached_blocks
end

local function live_lines(stats)
  local by_size = {}
  for _, class in ipairs(stats.classes) do
    by_size[class.size] = class.live > 0 and class.live or nil
  end
  local lines = recorded.lines(by_size, "block of", "blocks of")
  if stats.raw_blocks > 0 then
    table.insert(lines, "  " .. text.count(stats.raw_blocks, "raw block"))
  end
  if stats.medium_blocks > 0 then
    table.insert(lines, "  " .. text.count(stats.medium_blocks, "block of a span",
      "blocks of spans"))
  end
  local kept = stats.held_blocks + stats.cached_blocks
  if kept > 0 then
    table.insert(lines, ("  of these, %d freed and kept by the heap"):format(kept))
  end
  return lines
end

-- The expected count as text, and the same for a negated assertion.
local function count_wanted(count)
  if not count then
    return "a live block", "no live block"
  end
  return text.count(count, "live block"), ("any number of live blocks but %d"):format(count)
end

--- Asserts that a heap has a number of live blocks after a full garbage collection;
-- without a count, that it has at least one. assert.no_live_blocks(heap) asserts that it
-- has none.
-- @tparam[opt] integer count
-- @tparam pymalloc.Heap heap
-- @tparam[opt] string message printed before the failure
-- @usage
-- assert.live_blocks(1, heap)
-- b:free()
-- assert.no_live_blocks(heap)
function M.live_blocks(state, arguments)
  local count, heap, message = arguments[1], arguments[2], arguments[3]
  if type(count) == "userdata" then
    count, heap, message = nil, count, heap
  elseif math.type(count) ~= "integer" or count < 0 then
    refuse("live_blocks", "the count", "an integer, 0 or more", count)
  end
  check_heap("live_blocks", heap)
  collectgarbage()
  collectgarbage()
  local stats = heap:stats()
  local live = live_count(stats)
  local got = with_details(tostring(live), live_lines(stats))
  local expected, unexpected = count_wanted(count)
  explain(state, arguments, expected, unexpected, got, message)
  if count then
    return live == count
  end
  return live > 0
end

-- {=== Functions

local function check_function(name, f)
  if type(f) ~= "function" then
    refuse(name, "f", "a function", f)
  end
end

local function is_count_or_nil(value)
  return value == nil or math.type(value) == "integer" and value >= 0
end

-- Checks a limit, which is a number of requests or { requests =, bytes = }; returns it as
-- such a table.
local function check_limit(name, given)
  local limit = type(given) == "table" and given or { requests = given }
  if limit.requests == nil and limit.bytes == nil or not is_count_or_nil(limit.requests)
    or not is_count_or_nil(limit.bytes) then
    refuse(name, "the limit", "a number of requests, or { requests =, bytes = }",
      type(given) == "table" and (limit.requests or limit.bytes) or given)
  end
  return limit
end

local function limit_text(limit)
  local parts = {}
  if limit.requests then
    table.insert(parts, text.count(limit.requests, "request"))
  end
  if limit.bytes then
    table.insert(parts, text.count(limit.bytes, "byte"))
  end
  return table.concat(parts, " and ")
end

local function request_lines(sum)
  local lines = recorded.lines(sum.blocks, "of", "of")
  local resizes = recorded.lines(sum.resizes, "resize to", "resizes to")
  return table.move(resizes, 1, #resizes, #lines + 1, lines)
end

-- The lines "3 requests for 120 bytes:", then the requests by size.
local function asked(sum)
  return with_details(("%s for %s"):format(text.count(sum.requests, "request"),
    text.count(sum.bytes, "byte")), request_lines(sum))
end

--- Asserts that a function requests no more than a limit from Lua's allocator.
-- @tparam integer|table limit a number of requests, or a table with the fields requests
-- and bytes, of which either may be left out; a resize counts with all of its new size
-- @tparam function f
-- @tparam[opt] string message printed before the failure
-- @treturn table what was requested: requests, bytes, blocks and resizes
-- @usage
-- local asked = assert.allocates_at_most(4, function() return { {}, {} } end)
-- asked.requests --> 4
function M.allocates_at_most(state, arguments)
  local limit, f = check_limit("allocates_at_most", arguments[1]), arguments[2]
  check_function("allocates_at_most", f)
  local sum = recorded.requests(recorded.record(f))
  explain(state, arguments, "at most " .. limit_text(limit), "more than " .. limit_text(limit),
    asked(sum), arguments[3])
  return sum.requests <= (limit.requests or math.huge) and sum.bytes <= (limit.bytes or math.huge),
    { sum }
end

--- Asserts that a function requests nothing from Lua's allocator.
-- @tparam function f
-- @tparam[opt] string message printed before the failure
-- @usage assert.allocates_nothing(function() b[1] = b[2] end)
function M.allocates_nothing(state, arguments)
  check_function("allocates_nothing", arguments[1])
  local sum = recorded.requests(recorded.record(arguments[1]))
  explain(state, arguments, "no request for memory", "a request for memory", asked(sum),
    arguments[2])
  return sum.requests == 0
end

--- Asserts that all memory which a function obtains from Lua's allocator is free again
-- after it has returned and its garbage was collected. The function runs in a new
-- coroutine.
-- @tparam function f
-- @tparam[opt] string message printed before the failure
-- @usage assert.frees_all(function() return heap:malloc(24) end)
function M.frees_all(state, arguments)
  check_function("frees_all", arguments[1])
  local sum = recorded.left(recorded.record_whole(arguments[1]))
  local got = with_details(("%s with %s"):format(text.count(sum.requests, "block"),
    text.count(sum.bytes, "byte")), recorded.lines(sum.blocks, "block of", "blocks of"))
  explain(state, arguments, "no block to be left", "a block to be left", got, arguments[2])
  return sum.requests == 0
end

-- {=== Registration

say:set("assertion.pymalloc", "%s")

for name, callback in pairs(M) do
  luassert:register("assertion", name, callback, "assertion.pymalloc", "assertion.pymalloc")
end

return M
