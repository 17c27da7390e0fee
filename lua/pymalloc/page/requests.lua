-- Requests as facts.

local core = require "pymalloc.core"
local events = require "pymalloc.event"
local numbers = require "pymalloc.page.numbers"
local text = require "pymalloc.text"

local M = {}

local LETTERS = { malloc = "a", calloc = "c", realloc = "r", free = "f" }

--- The line of the trace for a request, without its site.
function M.line(request)
  local id = text.unsigned(request.id)
  if request.op == "free" then
    return "f " .. id
  end
  local form = request.op == "calloc" and "%s %s 1 %s" or "%s %s %s"
  return form:format(LETTERS[request.op], id, text.unsigned(request.size))
end

--- Frames without characters that no page shows; nil for none.
function M.frames(where)
  if not where then
    return nil
  end
  local frames = {}
  for i, frame in ipairs(where) do
    frames[i] = text.printable(frame)
  end
  return frames
end

--- A request of the trace.
function M.facts(request)
  return { op = request.number, operation = request.op, letter = LETTERS[request.op],
    id = numbers.big(request.id), bytes = request.size and numbers.big(request.size),
    text = M.line(request), where = M.frames(request.where) }
end

--- The place of a block: "0:4096:48", or "raw". Its record is as run:block returns it.
function M.address(block)
  return block.arena and ("%d:%d:%d"):format(block.arena, block.pool, block.block) or "raw"
end

-- The address that an event gives a block, and that of a block which it frees.
local function addresses(event)
  local place = event.block and events.place(event)
  if event.kind == "block_pop" or event.kind == "realloc_in_place" then
    return place
  elseif event.kind == "raw_alloc" or event.kind == "raw_realloc" then
    return "raw"
  elseif event.kind == "block_push" then
    return nil, place
  end
  return nil, event.kind == "raw_free" and "raw" or nil
end

-- Where the request has put its block; for a free, where the block was.
local function address_of(all)
  local taken, freed
  for _, event in ipairs(all) do
    local new, old = addresses(event)
    taken, freed = taken or new, freed or old
  end
  return taken or freed
end

-- The last request before this one that made or resized the block of an id.
local function request_before(run, request)
  if request.number < 2 then
    return nil
  end
  local before = core.run.find(run, "id", request.id, request.number - 1, 1)
  before = before and run:request(before)
  return before and before.op ~= "free" and before or nil
end

--- The request just done; nil at the beginning.
-- @param all its events
function M.now(run, all)
  local request = run:request()
  if not request then
    return nil
  end
  local facts = M.facts(request)
  facts.address = address_of(all)
  if request.op == "free" or request.op == "realloc" then
    local before = request_before(run, request)
    local name = request.op == "free" and "bytes" or "old_bytes"
    facts[name] = before and numbers.big(before.size)
  end
  return facts
end

return M
