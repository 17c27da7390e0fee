-- The facts that the page of `pymalloc html` shows. Its functions take and return plain data, which
-- becomes JSON; web/src/facts.ts has the types of the results. An error is a sentence.
--
--     local page = require "pymalloc.page"
--     local session = page.open("@startup").session
--     page.seek(session, 40299).events[1].text --> 40299.0 request free(0:69632:176)
--
-- What the first moment does not need is loaded by the first function that needs it: the browser
-- of a reader compiles Lua's modules each time that a page is opened.

local check = require "pymalloc.check"
local core = require "pymalloc.core"
local events = require "pymalloc.event"
local moments = require "pymalloc.page.moment"
local numbers = require "pymalloc.page.numbers"
local pools = require "pymalloc.page.pool"
local sessions = require "pymalloc.page.sessions"
local timelines = require "pymalloc.page.timeline"

local M = {}

local MOVES = { seek = true, step = true, continue = true, append = true, undo = true }
local OPTIONS = { "geometry", "interpreter", "from", "to", "name" }

-- An error as a sentence: without its place in the library, and without the name of the function
-- of the library, which no user of the page has called.
local function sentence(problem)
  if type(problem) ~= "string" then
    return problem
  end
  return (problem:gsub("^pymalloc: ", ""):gsub("^page: ", ""):gsub("^run:[%w_]+: ", ""))
end

local function define(name, call)
  M[name] = function(...)
    local results = table.pack(pcall(events.without_place, call, ...))
    if not results[1] then
      error(sentence(results[2]), 0)
    end
    return table.unpack(results, 2, results.n)
  end
end

-- The options as a table of their own. A number may be a float such as 48.0.
local function read_options(options)
  local read = {}
  if options ~= nil and type(options) ~= "table" then
    check.refuse("page", "options must be a table, got %s", core.describe(options))
  end
  for name, value in pairs(options or {}) do
    read[name] = math.type(value) == "float" and math.tointeger(value) or value
  end
  check.keys("page", "option", read, OPTIONS)
  return read
end

-- {=== Sessions

define("open", function(path, options)
  return sessions.facts(sessions.open(path, read_options(options)))
end)

define("openText", function(text, options)
  return sessions.facts(sessions.open_text(text, read_options(options)))
end)

define("reopen", function(handle, options)
  local other = sessions.get(handle)
  local session = sessions.reopen(other, read_options(options))
  require("pymalloc.page.typed").copy(other, session)
  return sessions.facts(session)
end)

define("checkGeometry", sessions.check_geometry)

define("close", sessions.close)

define("profiles", sessions.profiles)

define("convert", function(path)
  return require("pymalloc.page.convert").convert(path)
end)

-- {=== Moments

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
  count = check.integer("page", "the number of steps", count, -0xffffffff, 0xffffffff)
  moments.seek(session, math.max(session.from, math.min(session.to, session.run.op + count)))
  return moments.facts(session)
end)

define("continue", function(handle, condition, direction)
  local session = sessions.get(handle)
  return moments.continue(session, condition, direction) and moments.facts(session) or nil
end)

define("timeline", function(handle, points, from, to)
  return timelines.facts(sessions.get(handle), points, from, to)
end)

define("hash", function(handle)
  return sessions.get(handle).run.heap:hash()
end)

define("digest", function(handle)
  return sessions.get(handle).run:digest()
end)

-- {=== The heap

define("map", function(handle)
  return core.run.map(sessions.get(handle).run)
end)

define("arena", function(handle, slot)
  return pools.arena(sessions.get(handle), slot)
end)

define("pool", function(handle, slot, offset)
  return pools.pool(sessions.get(handle), slot, offset)
end)

define("look", function(handle, slot, offset)
  return pools.look(sessions.get(handle), slot, offset)
end)

define("show", function(handle, name, arguments, follows, slot, offset)
  local session = sessions.get(handle)
  if not MOVES[name] or type(arguments) ~= "table" then
    check.refuse("page", "show takes the name of a function that returns a moment and an array of "
      .. "its arguments, got %s and %s", check.quote(name), core.describe(arguments))
  end
  local facts = M[name](handle, table.unpack(arguments))
  if not facts then
    return ""
  elseif follows then
    slot, offset = moments.place(facts, slot, offset)
  end
  return pools.look(session, slot, offset, facts)
end)

define("block", function(handle, id)
  return require("pymalloc.page.search").life(sessions.get(handle), numbers.id(id))
end)

define("search", function(handle, text)
  return require("pymalloc.page.search").search(sessions.get(handle), text)
end)

define("lastWrite", function(handle, record, field)
  local session = sessions.get(handle)
  return require("pymalloc.page.pins").last_write(session, pools.view(session.run, record), field)
end)

define("pins", function(handle, slot)
  return require("pymalloc.page.pins").pins(sessions.get(handle), slot)
end)

define("whatIf", function(handle, id)
  return require("pymalloc.page.pins").what_if(sessions.get(handle), numbers.id(id))
end)

-- {=== Typed requests

define("append", function(handle, line)
  local session = sessions.get(handle)
  require("pymalloc.page.typed").append(session, line)
  return moments.facts(session)
end)

define("undo", function(handle)
  local session = sessions.get(handle)
  require("pymalloc.page.typed").undo(session)
  return moments.facts(session)
end)

define("text", function(handle)
  return require("pymalloc.page.typed").text(sessions.get(handle))
end)

define("dump", function(handle)
  return require("pymalloc.page.saved").dump(sessions.get(handle))
end)

define("svg", function(handle)
  return require("pymalloc.page.saved").svg(sessions.get(handle))
end)

define("snapshot", function(handle)
  return require("pymalloc.page.saved").snapshot(sessions.get(handle))
end)

return M
