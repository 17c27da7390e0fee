-- Requests as facts.

local events = require "pymalloc.event"
local numbers = require "pymalloc.page.numbers"
local text = require "pymalloc.text"

local M = {}

local LETTERS = { malloc = "a", calloc = "c", realloc = "r", free = "f" }

local function line_of(letter, request)
  local id = text.unsigned(request.id)
  if letter == "f" then
    return "f " .. id
  elseif letter == "c" then
    return ("c %s 1 %s"):format(id, text.unsigned(request.size))
  end
  return ("%s %s %s"):format(letter, id, text.unsigned(request.size))
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
  local letter = LETTERS[request.op]
  return { op = request.number, operation = request.op, letter = letter,
    id = numbers.big(request.id), bytes = request.size and numbers.big(request.size),
    text = line_of(letter, request), where = M.frames(request.where) }
end

-- The place at which a request has put or freed its block.
local function address_of(list)
  local address
  for _, event in ipairs(list) do
    if event.kind == "raw_alloc" or event.kind == "raw_realloc" then
      address = "raw"
    elseif event.kind == "raw_free" then
      address = address or "raw"
    elseif event.kind == "block_pop" or event.kind == "realloc_in_place" then
      address = events.place(event)
    elseif event.kind == "block_push" then
      address = address or events.place(event)
    end
  end
  return address
end

--- The request just done; nil at the beginning.
function M.now(run)
  local request = run:request()
  if not request then
    return nil
  end
  local facts = M.facts(request)
  facts.address = address_of(run:events())
  return facts
end

return M
