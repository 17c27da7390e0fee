-- Steps that generators share. A generator is a function that returns one request at a time:
-- "a", id, size; "r", id, size; "f", id; or "m" and the text of a mark, which is not a request.

local random = require "pymalloc.workload.random"

local M = {}

--- A set of ids from which one is taken at random.
function M.bag()
  local ids, count = {}, 0
  return {
    count = function()
      return count
    end,
    add = function(id)
      count = count + 1
      ids[count] = id
    end,
    take = function(draw)
      local place = 1 + random.below(draw, count)
      local id = ids[place]
      ids[place], ids[count] = ids[count], nil
      count = count - 1
      return id
    end,
  }
end

-- A queue of ids.
local function queue()
  local ids, first, last = {}, 1, 0
  local self = {}
  function self.add(id)
    last = last + 1
    ids[last] = id
  end
  function self.take()
    if first > last then
      return nil
    end
    local id = ids[first]
    ids[first] = nil
    first = first + 1
    return id
  end
  function self.count()
    return last - first + 1
  end
  return self
end
M.queue = queue

--- A generator of blocks with lifetimes. `born(id)` returns the size of a block and its
-- lifetime in requests, 1 or more; nil: it is never freed. A free that is due at the time of
-- another one is made right after it.
function M.with_lifetimes(born)
  local due, after = {}, {} -- by time, the last id that dies then; by id, the one before it
  local dying, now, id = queue(), 0, 0
  return function()
    now = now + 1
    local dead = due[now]
    due[now] = nil
    while dead do
      dying.add(dead)
      dead, after[dead] = after[dead], nil
    end
    dead = dying.take()
    if dead then
      return "f", dead
    end
    id = id + 1
    local size, lifetime = born(id)
    if lifetime then
      local time = now + lifetime
      after[id], due[time] = due[time], id
    end
    return "a", id, size
  end
end

return M
