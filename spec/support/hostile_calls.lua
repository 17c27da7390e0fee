-- Invalid calls. Each is refused with an error that names the fault, and does not change the heap.
-- A row is the call and a part of its error.

local assert = require "luassert"
local pymalloc = require "pymalloc"

local M = {}

-- Returns the variables for a call: heaps, buffers, slices and views, and some that are freed or
-- closed.
local function stage()
  local heap, other, closed = pymalloc.heap(), pymalloc.heap(), pymalloc.heap()
  local b, freed, orphan = heap:buffer("i32", 10), heap:buffer("i32", 4), closed:buffer("i32", 4)
  local names = {
    pymalloc = pymalloc, heap = heap, other = other, closed = closed,
    b = b, s = b:slice(3, 6), u = heap:buffer("u8", "hello"), f = heap:buffer("f64", { 1, 2 }),
    theirs = other:buffer("i32", 4), arena = heap:arena(0), pool = b:pool(),
    freed = freed, freed_slice = freed:slice(1, 2),
    orphan = orphan, lost_slice = orphan:slice(1, 2),
    lost_arena = closed:arena(0), lost_pool = orphan:pool(),
    nan = 0 / 0, inf = 1 / 0, huge = math.maxinteger, least = math.mininteger,
  }
  freed:free()
  closed:close()
  return setmetatable(names, { __index = _G })
end

-- Asserts that a call is refused with an error that has this part.
function M.refuses(code, wanted)
  local names = stage()
  local heap = names.heap
  local call = load("return " .. code, "=call", "t", names)
    or assert(load(code, "=call", "t", names))
  local before = heap:dump()
  local ok, message = pcall(call)
  assert(not ok, "the call was not refused")
  assert(message:find(wanted, 1, true), message)
  assert.is_true(heap:check())
  assert.equal(before, heap:dump())
  heap:close()
  names.other:close()
end

return M
