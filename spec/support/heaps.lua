-- Helpers that bring a heap into a state, and that name places in it.

local pymalloc = require "pymalloc"

local M = {}

-- Lua's collector can free a buffer without references at any time. A spec that
-- drops such references stops the collector: setup(heaps.stop_collector) and
-- teardown(heaps.restart_collector).
function M.stop_collector()
  collectgarbage("stop")
end

function M.restart_collector()
  collectgarbage("restart")
  collectgarbage()
end

-- Asserts that a heap is whole, unless a test has closed it, and closes it.
function M.finish(heap)
  local is_fine, text = pcall(heap.check, heap)
  assert(is_fine or text:find("the heap is closed", 1, true), text)
  pcall(heap.close, heap)
end

-- Returns "ARENA:POOL:BLOCK", or "L" for a buffer of the raw allocator.
function M.place(buffer)
  local place = buffer:location()
  return place and ("%d:%d:%d"):format(place.arena, place.pool, place.offset) or "L"
end

-- Returns "ARENA:POOL" for the pool of a buffer.
function M.pool_of(buffer)
  local place = buffer:location()
  return ("%d:%d"):format(place.arena, place.pool)
end

-- Returns the offset of a buffer's block in its pool.
function M.offset(buffer)
  return buffer:location().offset
end

-- Returns `count` new buffers of `size` bytes.
function M.take(heap, count, size)
  local buffers = {}
  for i = 1, count do
    buffers[i] = assert(heap:malloc(size))
  end
  return buffers
end

-- Frees the buffers of a list from `first` to `last`, in order; by default all.
function M.give(heap, buffers, first, last)
  for i = first or 1, last or #buffers do
    heap:free(buffers[i])
  end
end

-- Returns a heap with blocks of all sizes, a third of them freed.
function M.busy(options)
  local heap, blocks = pymalloc.heap(options), {}
  for i = 1, 400 do
    blocks[i] = heap:malloc((i * 37) % heap.geometry.threshold + 1)
  end
  for i = 1, 400, 3 do
    blocks[i]:free()
  end
  return heap, blocks
end

-- The blocks of heaps: they are not collected before their heap is.
local kept_by = setmetatable({}, { __mode = "k" })

-- Returns a heap of profile 3.6, its only carved pool, and the buffers in it. The pool has 38
-- blocks of 104 bytes: 35 are live, and the free chain has two freed ones and the last one.
function M.with_chain()
  local heap = pymalloc.heap()
  local kept = M.take(heap, 37, 100)
  kept[3]:free()
  kept[8]:free()
  kept_by[heap] = kept
  return heap, kept[1]:pool(), kept
end

-- Returns the rest of the dump's line with this beginning, as "arena 0", or nil if
-- there is no such line.
function M.dump_line(heap, beginning)
  for line in heap:dump():gmatch("[^\n]+") do
    if line:sub(1, #beginning) == beginning and line:find("^%f[ \0]", #beginning + 1) then
      return line:sub(#beginning + 2)
    end
  end
end

-- Returns the slots of usable_arenas, in order, as text.
function M.usable(heap)
  return M.dump_line(heap, "usable")
end

-- Returns the used pools of a class, in order, as text; "" if there are none.
function M.used(heap, szidx)
  local line = M.dump_line(heap, "class " .. szidx)
  return line and line:match("used (.*)$") or ""
end

return M
