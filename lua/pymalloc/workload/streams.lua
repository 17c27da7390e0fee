-- Streams of requests: a generator that ends. Streams are cut, joined and mixed, and written as
-- the text of a trace.

local random = require "pymalloc.workload.random"

local M = {}

local LINES = 4096 -- of a piece of text

--- The first `count` requests of a generator, and the marks before each.
function M.cut(generator, count)
  local done = 0
  return function()
    if done == count then
      return nil
    end
    local letter, id, size = generator()
    if letter ~= "m" then
      done = done + 1
    end
    return letter, id, size
  end
end

-- Gives ids of several streams new numbers, 1, 2, 3 ... in the order of their first requests.
-- Returns a function that makes such a function of a stream.
local function renumbering()
  local last = 0
  return function(stream)
    local number_of = {}
    return function()
      local letter, id, size = stream()
      if letter == nil or letter == "m" then
        return letter, id
      end
      local number = number_of[id]
      if not number then
        last = last + 1
        number = last
      end
      number_of[id] = letter ~= "f" and number or nil
      return letter, number, size
    end
  end
end

--- A stream with ids 1, 2, 3 ...
function M.renumbered(stream)
  return renumbering()(stream)
end

--- Streams one after the other. `names`: of each, with which a mark is made before it.
function M.join(streams, names)
  local renumber = renumbering()
  local at, stream = 0, nil
  return function()
    while true do
      if stream then
        local letter, id, size = stream()
        if letter then
          return letter, id, size
        end
      end
      at = at + 1
      if not streams[at] then
        return nil
      end
      stream = renumber(streams[at])
      if names[at] then
        return "m", names[at]
      end
    end
  end
end

-- Draws one of the streams by their weights, again where it has ended. nil: all have.
local function new_choice(count, weights)
  local left, choose = count, random.weighted(weights)
  return function(draw)
    return left > 0 and choose(draw) or nil
  end, function(ended)
    left = left - 1
    weights[ended] = 0
    choose = left > 0 and random.weighted(weights)
  end
end

--- Requests of streams in a random order, by weights; the order of each is kept.
function M.mix(streams, weights, seed)
  local draw, renumber = random.new(seed), renumbering()
  local next_stream, remove = new_choice(#streams, table.move(weights, 1, #weights, 1, {}))
  for i, stream in ipairs(streams) do
    streams[i] = renumber(stream)
  end
  return function()
    local i = next_stream(draw)
    while i do
      local letter, id, size = streams[i]()
      if letter then
        return letter, id, size
      end
      remove(i)
      i = next_stream(draw)
    end
  end
end

local function line_of(letter, id, size)
  if size then
    return letter .. " " .. id .. " " .. size
  end
  return letter .. " " .. id
end

--- An iterator over the text of a trace in pieces of some lines.
function M.pieces(head, stream)
  local letter, id, size
  return function()
    if head then
      local first = head
      head = nil
      return first
    end
    local lines = {}
    repeat
      letter, id, size = stream()
      lines[#lines + 1] = letter and line_of(letter, id, size)
    until not letter or #lines == LINES
    if #lines == 0 then
      return nil
    end
    lines[#lines + 1] = ""
    return table.concat(lines, "\n")
  end
end

return M
