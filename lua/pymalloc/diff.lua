--- Comparison of two snapshots.

local core = require "pymalloc.core"
local shape = require "pymalloc.shape"
local snapshot_shape = require "pymalloc.snapshot_shape"
local sorted_keys = require "pymalloc.sorted_keys"

local M = {}

--- pymalloc.Diff: the differences between two snapshots; tostring draws them. Each change
-- is a table with the fields field, old and new.
-- @tfield table[] globals changes of the heap's own fields
-- @tfield table arenas the arrays new, gone, and changed (each with its changes)
-- @tfield table pools the arrays new, gone, and changed (each with its changes)
-- @tfield table blocks the arrays allocated and freed, of { arena =, pool =, block =,
-- size = }
local Diff = { __name = "pymalloc.Diff", __metatable = "pymalloc.Diff" }

-- The two snapshots of each diff, for pictures.
local sources = setmetatable({}, { __mode = "k" })

local arena_fields = { "state", "nfreepools", "ntotalpools", "nextarena", "prevarena" }
local pool_fields = {
  "state", "ref_count", "szidx", "nextoffset", "maxnextoffset", "size", "capacity",
}

local function check_snapshot(value, position)
  if type(value) ~= "table" then
    error(("pymalloc: diff: argument %d must be a snapshot, got %s"):format(position,
      core.describe(value)), 3)
  elseif value.format ~= 1 then
    error(("pymalloc: diff: argument %d must be a snapshot of format 1, got format %s")
      :format(position, tostring(value.format)), 3)
  end
  local problem = snapshot_shape.problem(value)
  if problem then
    error(("pymalloc: diff: argument %d is not a whole snapshot: %s"):format(position, problem), 3)
  end
end

-- The elements of an array as a map, by the value of one of their fields.
local function by(elements, name)
  local map = {}
  for _, element in ipairs(elements) do
    map[element[name]] = element
  end
  return map
end

-- The fields in which two records differ, in the order of `names`.
local function changed_fields(old, new, names)
  local changes = {}
  for _, name in ipairs(names) do
    if old[name] ~= new[name] then
      table.insert(changes, { field = name, old = old[name], new = new[name] })
    end
  end
  return changes
end

-- A JSON library may read 48 as 48.0.
local function list_text(offsets)
  local texts = {}
  for i, offset in ipairs(offsets) do
    texts[i] = ("%d"):format(offset)
  end
  return table.concat(texts, " ")
end

-- Adds the change of a list of offsets, which is compared and stored as text.
local function add_list(changes, name, old, new)
  local old_text, new_text = list_text(old), list_text(new)
  if old_text ~= new_text then
    table.insert(changes, { field = name, old = old_text, new = new_text })
  end
end

-- Adds the offsets of a pool's live blocks to the set `into`, and returns it.
local function live_blocks(pool, into)
  local is_free = {}
  for _, offset in ipairs(pool.free) do
    is_free[offset] = true
  end
  if pool.size then
    local carved = pool.ref_count + #pool.free
    for offset = pool.nextoffset - carved * pool.size, pool.nextoffset - 1, pool.size do
      into[offset] = not is_free[offset] or nil
    end
  end
  return into
end

local function add_blocks(into, arena, pool, offsets, other)
  local sorted = {}
  for offset in pairs(offsets) do
    if not other[offset] then
      table.insert(sorted, offset)
    end
  end
  table.sort(sorted)
  for _, offset in ipairs(sorted) do
    table.insert(into,
      { arena = arena.index, pool = pool.offset, block = offset, size = pool.size })
  end
end

-- Compares the blocks of a pool that is in both snapshots, or in one: then the other pool
-- is nil.
local function compare_blocks(diff, arena, old, new)
  local before = old and live_blocks(old, {}) or {}
  local after = new and live_blocks(new, {}) or {}
  if old and new and old.szidx ~= new.szidx then
    add_blocks(diff.blocks.freed, arena, old, before, {})
    add_blocks(diff.blocks.allocated, arena, new, after, {})
    return
  end
  add_blocks(diff.blocks.allocated, arena, new or old, after, before)
  add_blocks(diff.blocks.freed, arena, old or new, before, after)
end

local function compare_pool(diff, arena, old, new)
  local place = { arena = arena.index, pool = (old or new).offset, szidx = (new or old).szidx }
  compare_blocks(diff, arena, old, new)
  if not old or not new then
    table.insert(old and diff.pools.gone or diff.pools.new, place)
    return
  end
  place.changes = changed_fields(old, new, pool_fields)
  add_list(place.changes, "free", old.free, new.free)
  if #place.changes > 0 then
    table.insert(diff.pools.changed, place)
  end
end

-- Compares the pools of two arenas, by offset. One of the arenas may be nil.
local function compare_pools(diff, arena, old, new)
  local before, after = by(old and old.pools or {}, "offset"), by(new and new.pools or {}, "offset")
  for _, pool in ipairs(old and old.pools or {}) do
    compare_pool(diff, arena, pool, after[pool.offset])
  end
  for _, pool in ipairs(new and new.pools or {}) do
    if not before[pool.offset] then
      compare_pool(diff, arena, nil, pool)
    end
  end
end

local function compare_arena(diff, old, new)
  local arena = old or new
  local is_same = not old or not new or old.serial == new.serial and old.address == new.address
  if not is_same then
    compare_arena(diff, old, nil)
    return compare_arena(diff, nil, new)
  end
  compare_pools(diff, arena, old, new)
  if not old or not new then
    table.insert(old and diff.arenas.gone or diff.arenas.new, { arena = arena.index })
    return
  end
  local changes = changed_fields(old, new, arena_fields)
  add_list(changes, "freepools", old.freepools, new.freepools)
  if #changes > 0 then
    table.insert(diff.arenas.changed, { arena = arena.index, changes = changes })
  end
end

-- An order of names that are not strings as well.
local function by_text(one, other)
  return tostring(one) < tostring(other)
end

--- The differences between two snapshots.
-- @tparam pymalloc.Snapshot old also one that was saved as JSON and read again
-- @tparam pymalloc.Snapshot new
-- @treturn pymalloc.Diff
-- @usage
-- local before = heap:snapshot()
-- b:free()
-- pymalloc.diff(before, heap:snapshot()).blocks.freed[1].block --> 48
function M.diff(old, new)
  check_snapshot(old, 1)
  check_snapshot(new, 2)
  local diff = {
    globals = changed_fields(old.globals, new.globals,
      sorted_keys(new.globals, old.globals, by_text)),
    arenas = { new = {}, gone = {}, changed = {} },
    pools = { new = {}, gone = {}, changed = {} },
    blocks = { allocated = {}, freed = {} },
  }
  add_list(diff.globals, "usable_arenas", old.usable_arenas, new.usable_arenas)
  local before, after = by(old.arenas, "index"), by(new.arenas, "index")
  for _, arena in ipairs(old.arenas) do
    compare_arena(diff, arena, after[arena.index])
  end
  for _, arena in ipairs(new.arenas) do
    if not before[arena.index] then
      compare_arena(diff, nil, arena)
    end
  end
  sources[diff] = { old, new }
  return setmetatable(diff, Diff)
end

-- The two snapshots that were compared.
function M.sources(diff)
  return table.unpack(sources[diff])
end

local list, record = shape.list, shape.record
local slot, pool_offset, block_offset = snapshot_shape.slot, snapshot_shape.pool_offset,
  snapshot_shape.block_offset

local changes = list(record { field = shape.any })
local arenas = record { arena = slot }
local pools = record { arena = slot, pool = pool_offset }
local blocks = record { arena = slot, pool = pool_offset,
  block = block_offset }
local diff_shape = record {
  globals = changes,
  arenas = record { new = list(arenas), gone = list(arenas),
    changed = list(record { arena = slot, changes = changes }) },
  pools = record { new = list(pools), gone = list(pools),
    changed = list(record { arena = slot, pool = pool_offset,
      changes = changes }) },
  blocks = record { allocated = list(blocks), freed = list(blocks) },
}

-- Is it a table that pymalloc.diff returned?
function M.is_diff(x)
  return debug.getmetatable(x) == Diff
end

-- A message if the fields of a diff were changed, so that it cannot be drawn.
function M.problem(diff)
  return diff_shape(diff, "")
end

function Diff:__tostring()
  return require("pymalloc.view").text(self, { colour = false })
end

return M
