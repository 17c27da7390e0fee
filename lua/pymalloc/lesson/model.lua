-- A slow, truthful allocator that judges the fast one: the rules of CPython's
-- pymalloc in the plainest words. Every list is a Lua table in list order,
-- head first; the order of arenas is kept by 3.6's linear walk; no memory is
-- touched. A block is { pool, offset } or, where raw serves it, { raw = bytes }.

local supply = require "pymalloc.lesson.model.supply"

local M = {}
M.__index = M

for name, method in pairs(supply.methods) do
  M[name] = method
end

local HEADER_BYTES = 48
local RAW_MAX = 1 << 47 -- no machine grants more

-- A model of a heap with nothing in it. Fields of `geometry`: alignment,
-- threshold, pool_bytes, arena_bytes, arena_offset, release (a rule's name);
-- and max_arenas, the most at once, unless there is no limit. `rules` has
-- functions that stand in for methods of the model: what if a rule were
-- another?
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

-- The class that serves a request, or nil where it goes to raw.
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

-- Lets `count` more arenas be obtained, then none; -1: any number.
function M:allow_arenas(count)
  self.allowed = count < 0 and math.huge or count
end

local function remove(list, element)
  table.remove(list, assert(supply.find(list, element)))
end

-- {=== Pools

function M:carve_block(pool)
  table.insert(pool.chain, 1, pool.nextoffset)
  pool.nextoffset = pool.nextoffset + self:block_bytes(pool.szidx)
end

-- A pool that comes back to the class it had keeps its header and chain.
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

-- A full pool that has a free block again is the first to serve its class.
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

-- A block, or nil when refused. A size that no Lua integer holds is negative.
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

-- Gives a block back; nil is allowed.
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

-- Does a resized block stay in place? If it is big enough and more than three
-- quarters of it are used.
function M.stays(_, size, block_bytes)
  return size <= block_bytes and 4 * size > 3 * block_bytes
end

-- The block, or another one, or nil when refused: then it is as it was.
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

-- Where a block is: "ARENA:POOL:BLOCK", "L" for a raw one, "NULL" for none.
function M.location(block)
  if not block then
    return "NULL"
  elseif block.raw then
    return "L"
  end
  return string.format("%d:%d:%d", block.pool.arena.slot, block.pool.offset, block.offset)
end

return M
