-- Small helpers to put a heap into a state and to name what is in it.

local M = {}

-- Lua's collector frees a buffer that nobody holds, at any time. A spec that
-- drops buffers has it stopped: setup(heaps.stop_collector) and
-- teardown(heaps.restart_collector).
function M.stop_collector()
  collectgarbage("stop")
end

function M.restart_collector()
  collectgarbage("restart")
  collectgarbage()
end

-- "ARENA:POOL:BLOCK", or "L" for a buffer that raw serves.
function M.place(buffer)
  local place = buffer:location()
  return place and ("%d:%d:%d"):format(place.arena, place.pool, place.offset) or "L"
end

-- "ARENA:POOL" of the pool of a buffer.
function M.pool_of(buffer)
  local place = buffer:location()
  return ("%d:%d"):format(place.arena, place.pool)
end

-- The offset in its pool.
function M.offset(buffer)
  return buffer:location().offset
end

-- `count` buffers of `size` bytes.
function M.take(heap, count, size)
  local buffers = {}
  for i = 1, count do
    buffers[i] = assert(heap:malloc(size))
  end
  return buffers
end

-- Frees buffers, in the order of the list, or the part from `first` to `last`.
function M.give(heap, buffers, first, last)
  for i = first or 1, last or #buffers do
    heap:free(buffers[i])
  end
end

-- What stands after a line's beginning in the state dump: dump_line(heap,
-- "arena 0"). nil where there is no such line.
function M.dump_line(heap, beginning)
  for line in heap:dump():gmatch("[^\n]+") do
    if line:sub(1, #beginning) == beginning and line:find("^%f[ \0]", #beginning + 1) then
      return line:sub(#beginning + 2)
    end
  end
end

-- The slots of usable_arenas, in order, as text.
function M.usable(heap)
  return M.dump_line(heap, "usable")
end

-- The pools of usedpools of a class, in order, as text; "" where it is empty.
function M.used(heap, szidx)
  local line = M.dump_line(heap, "class " .. szidx)
  return line and line:match("used (.*)$") or ""
end

return M
