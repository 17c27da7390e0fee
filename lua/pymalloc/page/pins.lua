-- Who keeps arenas from being released, and what a free would cause.

local check = require "pymalloc.check"
local events = require "pymalloc.event"
local json = require "pymalloc.json"
local numbers = require "pymalloc.page.numbers"
local page_events = require "pymalloc.page.events"
local requests = require "pymalloc.page.requests"
local sites = require "pymalloc.sites"
local text = require "pymalloc.text"

require "pymalloc.pins" -- the methods pins, pinned_by and what_if_free

local M = {}

local ROWS_MOST, BLOCKS_MOST, ARENAS_MOST = 200, 200, 500

local function first_of(list, most)
  return table.move(list, 1, math.min(#list, most), 1, {})
end

local function row_facts(rows)
  local facts = {}
  for i, row in ipairs(first_of(rows, ROWS_MOST)) do
    facts[i] = { where = text.printable(row.where), arenas = row.arenas, alone = row.alone,
      blocks = row.blocks, bytes = row.bytes }
  end
  return facts
end

-- The arenas with live blocks, those with the fewest first.
local function arenas_of(run)
  local list, arena_of = {}, {}
  for _, size, _, slot in sites.each_live(run) do
    local arena = arena_of[slot]
    if not arena then
      arena = { slot = slot, blocks = 0, bytes = 0 }
      arena_of[slot] = arena
      table.insert(list, arena)
    end
    arena.blocks, arena.bytes = arena.blocks + 1, arena.bytes + size
  end
  table.sort(list, function(one, other)
    if one.blocks ~= other.blocks then
      return one.blocks < other.blocks
    end
    return one.slot < other.slot
  end)
  return list
end

local function block_facts(blocks)
  local facts = {}
  for i, block in ipairs(first_of(blocks, BLOCKS_MOST)) do
    facts[i] = { id = numbers.big(block.id), bytes = numbers.big(block.size),
      request = block.request, address = requests.address(block),
      place = { arena = block.arena, pool = block.pool, block = block.block },
      where = requests.frames(block.where) }
  end
  return facts
end

--- The pins of the heap, with the blocks of one arena.
function M.pins(session, slot)
  local run = session.run
  if slot ~= nil then
    check.integer("page", "slot", slot, 0, run.heap:stats().arena_slots - 1)
  end
  local arenas = arenas_of(run)
  local shown = slot or arenas[1] and arenas[1].slot
  local blocks = shown and run:pinned_by(shown) or {}
  local rows = run:pins { arena = slot }
  return { rows = row_facts(rows), rows_left_out = math.max(0, #rows - ROWS_MOST),
    slot = shown or json.null,
    blocks = block_facts(blocks), left_out = math.max(0, #blocks - BLOCKS_MOST),
    arenas = first_of(arenas, ARENAS_MOST), arenas_left_out = math.max(0, #arenas - ARENAS_MOST) }
end

--- The events that a free of an id would cause.
function M.what_if(session, id)
  local run = session.run
  local all, problem = run:what_if_free(id, true)
  if not all then
    check.refuse("page", "%s", problem == "pymalloc: run:what_if_free: the id is not live"
      and ("id %s is not live after request %d"):format(text.unsigned(id), run.op) or problem)
  end
  local block, released = run:block(id), nil
  for _, event in ipairs(all) do
    released = event.kind == "arena_release" and event.arena or released
  end
  local list, left_out = page_events.list(all)
  return { id = numbers.big(id), events = list, left_out = left_out, released = released,
    place = block.arena and { arena = block.arena, pool = block.pool, block = block.block },
    address = requests.address(block) }
end

--- The last event that wrote a field of a record; nil if none did.
function M.last_write(session, view, field)
  if type(field) ~= "string" then
    check.refuse("page", "field must be the name of a field, got %s", check.quote(field))
  end
  local event = events.checked(session.run.last_write, session.run, view, field)
  return event and { op = event.request, event = page_events.facts(event) }
end

return M
