--- Events: the steps of a heap inside its requests.
--
-- An event is a table of numbers and strings; tostring writes it as one line:
--
--     7.2 block_pop 0:4096:48  ref_count 0 -> 1, freeblock 0:4096:48 -> -

local check = require "pymalloc.check"
local core = require "pymalloc.core"
local text = require "pymalloc.text"

--- pymalloc.Event: one step of a heap inside one request. The changes of all events
-- together cover the whole state of the allocator.
-- @tfield integer request number of the request
-- @tfield integer index number of the event among those of the request
-- @tfield string kind name of the kind
-- @tfield string operation the request: "malloc", "calloc", "realloc", "free"
-- @tfield integer bytes requested
-- @tfield string about the record that the event is about: "heap", "arena", "class",
-- "pool", "block"
-- @tfield integer arena slot of the arena; of an event about an arena, pool or block
-- @tfield integer pool offset of the pool in its arena
-- @tfield integer block offset of the block in its pool
-- @tfield integer class size class
-- @tfield table[] changes for each: of (the kind of record), the fields that identify it,
-- as here, and field, old, new

local M = {
  -- An array of all kinds: { name =, meaning =, detail =, bit = }.
  kinds = core.events.kinds,
  -- An array of all fields that changes refer to: { of =, name = }.
  fields = core.events.fields,
}

local kind_of = {}
for _, kind in ipairs(M.kinds) do
  kind_of[kind.name] = kind
end

-- Sets of bits: all kinds, and all kinds but the details.
M.all, M.plain = 0, 0
for _, kind in ipairs(M.kinds) do
  M.all = M.all | kind.bit
  M.plain = kind.detail and M.plain or M.plain | kind.bit
end

-- The names of all kinds, for error messages.
local function names()
  local list = {}
  for i, kind in ipairs(M.kinds) do
    list[i] = kind.name
  end
  return table.concat(list, ", ")
end

--- Calls a function that checks the arguments of a method. Its error gets the place at which the
-- method was called. The method must not call this by a tail call: the error would then get the
-- place of another caller.
function M.checked(checker, ...)
  local results = table.pack(pcall(checker, ...))
  if not results[1] then
    local is_own = type(results[2]) == "string" and results[2]:find("^pymalloc: ")
    error(results[2], is_own and 3 or 0)
  end
  return table.unpack(results, 2, results.n)
end

--- Calls a function of the library or of the core. The message of an error loses its place,
-- which would be one of the library.
function M.without_place(call, ...)
  local results = table.pack(pcall(call, ...))
  if not results[1] then
    local problem = results[2]
    error(type(problem) == "string" and problem:gsub("^[^\n]-: (pymalloc: )", "%1") or problem, 0)
  end
  return table.unpack(results, 2, results.n)
end

--- Calls a function of the core. The message of an error gets no place, which would be one
-- of the library.
function M.unplaced(call, ...)
  local results = table.pack(pcall(call, ...))
  if not results[1] then
    error(results[2], 0)
  end
  return table.unpack(results, 2, results.n)
end

--- The kind of that name; anything else is an error that begins with 'what'.
function M.kind(name, what)
  return kind_of[name]
    or check.refuse(what, "unknown event %s (allowed: %s)", check.quote(name), names())
end

--- A set of kinds from a name, an array of names, or nil for all but details.
function M.set(wanted, what)
  if wanted == nil then
    return M.plain
  elseif type(wanted) == "table" and #wanted == 0 then
    error(("pymalloc: %s: no event is named (allowed: %s)"):format(what, names()), 0)
  end
  local set = 0
  for _, name in ipairs(type(wanted) == "table" and wanted or { wanted }) do
    set = set | M.kind(name, what).bit
  end
  return set
end

--- The size class, of a heap with `class_count` of them; anything else is an error.
function M.class(class, class_count, what)
  return check.integer(what, "class", class, 0, class_count - 1)
end

--- Is the event a detail, of which a single free may have thousands?
function M.is_detail(event)
  return kind_of[event.kind].detail
end

--- The place of what an event, or a change, is about: "0:4096:48", or "".
function M.place(record)
  if record.block then
    return ("%d:%d:%d"):format(record.arena, record.pool, record.block)
  elseif record.pool then
    return ("%d:%d"):format(record.arena, record.pool)
  elseif record.arena then
    return "arena " .. record.arena
  elseif record.of == "class" then
    return "class " .. record.class
  end
  return record.group and "group " .. record.group or ""
end

local function value_text(value)
  return value == nil and "nothing" or tostring(value)
end

-- Does a change belong to the record that the event is about, or to the pool of its block?
local function is_own(change, event)
  if change.of == "pool" or change.of == "block" then
    return change.arena == event.arena and change.pool == event.pool
      and (change.block == nil or change.block == event.block)
  end
  return M.place(change) == M.place(event)
end

--- One change as text; its record is named unless the event is about it.
function M.change_text(change, event)
  local own = M.place(change)
  local prefix = (own == "" or is_own(change, event)) and "" or own .. " "
  return ("%s%s %s -> %s"):format(prefix, change.field, value_text(change.old),
    value_text(change.new))
end

-- A request as text: "malloc(24)".
function M.request_text(event)
  if event.operation == "free" then
    return "free(" .. (event.block and M.place(event) or "") .. ")"
  end
  return ("%s(%s)"):format(event.operation, text.unsigned(event.bytes))
end

--- An event as one line.
function M.text(event)
  local place = M.place(event)
  local parts = { ("%d.%d %s"):format(event.request, event.index, event.kind) }
  if event.kind == "request" then
    table.insert(parts, M.request_text(event))
  elseif place ~= "" then
    table.insert(parts, place)
  end
  local changes = {}
  for i, change in ipairs(event.changes) do
    changes[i] = M.change_text(change, event)
  end
  return table.concat(parts, " ") .. (#changes > 0 and "  " or "") .. table.concat(changes, ", ")
end

core.metatables.Event.__tostring = M.text

return M
