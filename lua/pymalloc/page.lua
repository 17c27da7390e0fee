-- The facts that the page of `pymalloc html` shows. Its functions take and return plain data, which
-- becomes JSON; web/src/facts.ts has the types of the results. An error is a sentence.
--
--     local page = require "pymalloc.page"
--     local session = page.open("@startup").session
--     page.seek(session, 40299).events[1].text --> 40299.0 request free(0:69632:176)

local check = require "pymalloc.check"
local core = require "pymalloc.core"
local events = require "pymalloc.event"
local map = require "pymalloc.page.map"
local moments = require "pymalloc.page.moment"
local pools = require "pymalloc.page.pool"
local sessions = require "pymalloc.page.sessions"
local timelines = require "pymalloc.page.timeline"

local M = {}

local POINTS_MOST = 10000

-- Makes a function whose errors are sentences: without a place in the library, and without the
-- beginning that is the same for all.
local function define(name, call)
  M[name] = function(...)
    local results = table.pack(pcall(events.without_place, call, ...))
    if not results[1] then
      error(type(results[2]) == "string" and results[2]:gsub("^pymalloc: page: ", "")
        or results[2], 0)
    end
    return table.unpack(results, 2, results.n)
  end
end

local function check_options(options)
  options = options == nil and {} or options
  if type(options) ~= "table" then
    check.refuse("page", "options must be a table, got %s", core.describe(options))
  end
  check.keys("page", "option", options, { "geometry", "interpreter", "from", "to", "name" })
  return options
end

define("open", function(path, options)
  return sessions.facts(sessions.open(path, path, check_options(options)))
end)

define("close", sessions.close)

define("moment", function(handle)
  return moments.facts(sessions.get(handle))
end)

define("seek", function(handle, op)
  local session = sessions.get(handle)
  moments.seek(session, check.integer("page", "op", op, session.from, session.to))
  return moments.facts(session)
end)

define("step", function(handle, count)
  local session = sessions.get(handle)
  check.integer("page", "the number of steps", count, math.mininteger, math.maxinteger)
  moments.seek(session, math.max(session.from, math.min(session.to, session.run.op + count)))
  return moments.facts(session)
end)

define("timeline", function(handle, points)
  check.integer("page", "points", points, 1, POINTS_MOST)
  return timelines.facts(sessions.get(handle), points)
end)

define("map", function(handle)
  return map.bytes(sessions.get(handle))
end)

define("pool", function(handle, slot, offset)
  return pools.facts(sessions.get(handle), slot, offset)
end)

define("arena", function(handle, slot)
  local session = sessions.get(handle)
  return pools.add_arena(session, moments.arena(session.run.heap, pools.arena(session.run, slot)))
end)

define("hash", function(handle)
  return sessions.get(handle).run.heap:hash()
end)

define("profiles", sessions.profiles)

return M
