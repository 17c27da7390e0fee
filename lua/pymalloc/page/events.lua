-- Events as facts.

local events = require "pymalloc.event"
local json = require "pymalloc.json"

local M = {}

-- The events of a request that are listed; a request may have thousands of details.
M.MOST = 200

local function place_of(event)
  if not event.pool then
    return json.null
  end
  return { arena = event.arena, pool = event.pool, block = event.block }
end

local function value_of(value)
  return value == nil and json.null or value
end

local function change_facts(change)
  return { of = change.of, record = events.place(change), name = change.field,
    before = value_of(change.old), after = value_of(change.new) }
end

--- One event.
function M.facts(event)
  local fields = {}
  for i, change in ipairs(event.changes) do
    fields[i] = change_facts(change)
  end
  return { n = event.index, kind = event.kind, text = events.text(event),
    place = place_of(event), arena = value_of(event.arena), detail = events.is_detail(event),
    fields = fields }
end

--- The events of a request, without the details behind the first MOST events; and their number.
function M.list(all)
  local list, left_out = {}, 0
  for i, event in ipairs(all) do
    if i <= M.MOST or not events.is_detail(event) then
      table.insert(list, M.facts(event))
    else
      left_out = left_out + 1
    end
  end
  return list, left_out
end

return M
