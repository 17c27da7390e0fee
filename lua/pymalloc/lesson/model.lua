-- The rules of CPython's pymalloc in Lua, written to be read: the results of the
-- real allocator are compared with those of this model. The model has no memory.
-- Each list is a Lua table, whose first element is the first of the list. The
-- order of arenas is kept by the linear walk of 3.6. A block is { pool, offset }
-- or, if it is a raw block, { raw = bytes }.

local supply = require "pymalloc.lesson.model.supply"

local M = {}
M.__index = M

for name, method in pairs(supply.methods) do
  M[name] = method
end

local HEADER_BYTES = 48
local RAW_MAX = 1 << 47 -- bytes that x86-64 addresses in a process: malloc refuses more

-- A model of an empty heap. Fields of `geometry`: alignment, threshold,
-- pool_bytes, arena_bytes, arena_offset, release (the name of a release rule), and
-- max_arenas, the largest number of arenas at the same time (nil: no limit).
-- `rules` has functions that replace methods of the model, to try other rules.
function M.new(geometry, rules)
  local alignment = geometry.alignment
  local self = {
    geometry = geometry,
    header_bytes = (HEADER_BYTES + alignment - 1) // alignment * alignment,
    class_count = geometry.threshold // alignment,
    arenas = {}, -- by slot, from 0
    maxarenas = 0,
    usable = {}, -- arenas
    unused = {}, -- slots
    usedpools = {}, -- per class, from 0: pools
    current = 0,
    total = 0,
    highwater = 0,
    blocks = 0, -- live ones
    raw_blocks = 0, -- those of them that raw serves
    allowed = math.huge, -- arenas that may still be obtained
    offset = 0, -- of the next arenas from a multiple of the pool size
    max_arenas = geometry.max_arenas or math.huge, -- at once
    hops = 0, -- arenas passed by the walk along usable
  }
  for szidx = 0, self.class_count - 1 do
    self.usedpools[szidx] = {}
  end
  for name, rule in pairs(rules or {}) do
    assert(M[name], name)
    self[name] = rule
  end
  return setmetatable(self, M)
end

-- The class that serves a request; nil if the raw allocator serves it.
function M:class_of(size)
  if size >= 1 and size <= self.geometry.threshold then
    return (size - 1) // self.geometry.alignment
  end
end

function M:block_bytes(szidx)
  return (szidx + 1) * self.geometry.alignment
end

function M:capacity(szidx)
  return (self.geometry.pool_bytes - self.header_bytes) // self:block_bytes(szidx)
end

-- Allows `count` more arenas to be obtained; -1 means any number.
function M:allow_arenas(count)
  self.allowed = count < 0 and math.huge or count
end

-- The next arenas begin `bytes` behind a multiple of the pool size.
function M:offset_arenas(bytes)
  self.offset = bytes
end

local function remove(list, element)
  table.remove(list, assert(supply.find(list, element)))
end

-- {=== Pools

function M:carve_block(pool)
  table.insert(pool.chain, 1, pool.nextoffset)
  pool.nextoffset = pool.nextoffset + self:block_bytes(pool.szidx)
end

-- A pool that the class it had before takes again keeps its header and chain.
function M.keeps_header(_, pool, szidx)
  return pool.szidx == szidx
end

function M:start_pool(pool, szidx)
  pool.count = 0
  if not self:keeps_header(pool, szidx) then
    pool.szidx = szidx
    pool.chain = {}
    pool.nextoffset = self.header_bytes
    pool.maxnextoffset = self.geometry.pool_bytes - self:block_bytes(szidx)
    self:carve_block(pool)
  end
  table.insert(self.usedpools[szidx], 1, pool)
end

function M:take_block(pool)
  local offset = table.remove(pool.chain, 1)
  pool.count = pool.count + 1
  if #pool.chain == 0 and pool.nextoffset <= pool.maxnextoffset then
    self:carve_block(pool)
  end
  if #pool.chain == 0 then
    remove(self.usedpools[pool.szidx], pool)
  end
  return { pool = pool, offset = offset }
end

-- A full pool that has a free block again is put on the front of its list.
function M:list_used(pool)
  table.insert(self.usedpools[pool.szidx], 1, pool)
end

function M:give_block(block)
  local pool = block.pool
  local was_full = #pool.chain == 0
  table.insert(pool.chain, 1, block.offset)
  pool.count = pool.count - 1
  if was_full then
    self:list_used(pool)
  end
  if pool.count == 0 then
    remove(self.usedpools[pool.szidx], pool)
    self:give_pool(pool.arena, pool)
  end
end

-- {=== Requests

function M:malloc_small(szidx)
  local pool = self.usedpools[szidx][1]
  if not pool then
    pool = self:take_pool()
    if not pool then
      return nil
    end
    self:start_pool(pool, szidx)
  end
  return self:take_block(pool)
end

function M:malloc_raw(size)
  if size < 0 or size > RAW_MAX then
    return nil
  end
  self.raw_blocks = self.raw_blocks + 1
  return { raw = math.max(size, 1) }
end

-- Returns a block, or nil if the request is refused. A negative size stands for one
-- that is too large for a Lua integer.
function M:malloc(size)
  local szidx = self:class_of(size)
  local block = szidx and self:malloc_small(szidx) or self:malloc_raw(size)
  if block then
    self.blocks = self.blocks + 1
  end
  return block
end

function M:calloc(count, size)
  if size ~= 0 and count > math.maxinteger // size then
    return nil
  end
  return self:malloc(count * size)
end

-- Frees a block; nil has no effect.
function M:free(block)
  if not block then
    return
  end
  self.blocks = self.blocks - 1
  if block.raw then
    self.raw_blocks = self.raw_blocks - 1
  else
    self:give_block(block)
  end
end

local function realloc_raw(block, size)
  if size < 0 or size > RAW_MAX then
    return nil
  end
  block.raw = math.max(size, 1)
  return block
end

-- Whether a resized block stays in place: it is large enough, and more than three
-- quarters of it are used.
function M.stays(_, size, block_bytes)
  return size <= block_bytes and 4 * size > 3 * block_bytes
end

-- Returns the block or another one; or nil if the request is refused, and then the
-- block is unchanged.
function M:realloc(block, size)
  if not block then
    return self:malloc(size)
  elseif block.raw then
    return realloc_raw(block, size)
  end
  if self:stays(size, self:block_bytes(block.pool.szidx)) then
    return block
  end
  local moved = self:malloc(size)
  if moved then
    self:free(block)
  end
  return moved
end

-- The place of a block: "ARENA:POOL:OFFSET", "L" for a raw block, "NULL" for nil.
function M.location(block)
  if not block then
    return "NULL"
  elseif block.raw then
    return "L"
  end
  return string.format("%d:%d:%d", block.pool.arena.slot, block.pool.offset, block.offset)
end

return M
