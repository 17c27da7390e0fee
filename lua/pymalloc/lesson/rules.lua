-- Rules of the allocator, each with a changed version that is correct too but
-- chooses other places; and the comparison of a heap with a model that has a
-- changed rule.

local model = require "pymalloc.lesson.model"
local model_text = require "pymalloc.lesson.model.text"
local pymalloc = require "pymalloc"

local M = {}

--- The name of the changed version, the right rule, and the methods of the model
-- that change it.
M.changed = {
  {
    name = "back of the list",
    rule = "a full pool that gets a free block is put on the FRONT",
    methods = {
      list_used = function(self, pool)
        table.insert(self.usedpools[pool.szidx], pool)
      end,
    },
  },
  {
    name = "header forgotten",
    rule = "an empty pool taken by its old class KEEPS its header",
    methods = {
      keeps_header = function()
        return false
      end,
    },
  },
  {
    name = "one half",
    rule = "a block stays in place above THREE QUARTERS",
    methods = {
      stays = function(_, size, block_bytes)
        return size <= block_bytes and 2 * size > block_bytes
      end,
    },
  },
  {
    name = "oldest pool first",
    rule = "the pool that became empty LAST is used first",
    methods = {
      shelve = function(_, arena, pool)
        table.insert(arena.freepools, pool)
      end,
    },
  },
  {
    name = "new pools first",
    rule = "EMPTY pools are used before new ones",
    methods = {
      unshelve = function(_, arena)
        local has_virgin = #arena.pools < arena.ntotalpools
        return not has_virgin and table.remove(arena.freepools, 1) or nil
      end,
    },
  },
  {
    name = "unsorted",
    rule = "usable_arenas is SORTED by the number of free pools",
    methods = {
      slide_right = function() end,
    },
  },
  {
    name = "oldest slot first",
    rule = "the slot that became unused LAST is used first",
    methods = {
      give_slot = function(self, slot)
        table.insert(self.unused, slot)
      end,
    },
  },
}

--- A changed rule that changes no place: a new pool has two more blocks carved.
M.carved_ahead = {
  start_pool = function(self, pool, szidx)
    local is_new = not self:keeps_header(pool, szidx)
    model.start_pool(self, pool, szidx)
    for _ = 1, is_new and 2 or 0 do
      if pool.nextoffset <= pool.maxnextoffset then
        table.insert(pool.chain, pool.nextoffset)
        pool.nextoffset = pool.nextoffset + self:block_bytes(szidx)
      end
    end
  end,
}

-- {=== Requests, by the letter of their line, on the heap and on the model

local on_heap = {
  a = function(heap, _, size)
    return (heap:malloc(size))
  end,
  c = function(heap, _, count, size)
    return (heap:calloc(count, size))
  end,
  r = function(heap, buffer, size)
    if buffer then
      return (heap:realloc(buffer, size))
    end
    return (heap:malloc(size))
  end,
  f = function(heap, buffer)
    if buffer then
      heap:free(buffer)
    end
  end,
}

local on_model = {
  a = function(heap, _, size)
    return heap:malloc(size)
  end,
  c = function(heap, _, count, size)
    return heap:calloc(count, size)
  end,
  r = function(heap, block, size)
    return heap:realloc(block, size)
  end,
  f = function(heap, block)
    heap:free(block)
  end,
}

local function place_of(buffer)
  local place = buffer and buffer:location()
  return place and ("%d:%d:%d"):format(place.arena, place.pool, place.offset) or "L"
end

-- Runs one request on both; returns both places, or nothing after a free.
local function run_both(run, op, id, ...)
  local buffer = on_heap[op](run.heap, run.buffers[id], ...)
  local block = on_model[op](run.model, run.blocks[id], ...)
  run.buffers[id], run.blocks[id] = buffer, block
  if op ~= "f" then
    return place_of(buffer), model.location(block)
  end
end

-- An iterator of the requests of a trace: the letter, then its numbers.
local function requests_of(trace)
  local lines = trace.text:gmatch("[^\n]+")
  return function()
    for line in lines do
      local op, first, second, third = line:match("^([acrf]) (%d+) ?(%d*) ?(%d*)")
      if op then
        return op, math.tointeger(first), math.tointeger(second), math.tointeger(third)
      end
    end
  end
end

--- Runs a trace on a heap and on the model, request by request, up to the first
-- difference.
-- @param trace of pymalloc.trace
-- @param options of the heap
-- @param methods that change the model, or nil
-- @return { requests = the number that ran, difference = { place in the heap,
-- place in the model } or nil, live = { of the heap, of the model }, dumps =
-- { of the heap, of the model } }
function M.compare(trace, options, methods)
  local heap <close> = pymalloc.heap(options)
  local run = { heap = heap, model = model.new(heap.geometry, methods), buffers = {}, blocks = {} }
  local result = { requests = 0 }
  for op, id, first, second in requests_of(trace) do
    result.requests = result.requests + 1
    local got, expected = run_both(run, op, id, first, second)
    if got ~= expected then
      result.difference = { got, expected }
      break
    end
  end
  result.live = { heap:stats().blocks, run.model.blocks }
  result.dumps = { heap:dump(), model_text.dump(run.model) }
  return result
end

return M
