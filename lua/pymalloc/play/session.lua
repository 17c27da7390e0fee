-- A session at the prompt: runs statements and expressions in an environment that stays, as
-- Lua's own prompt does, and with limits.

local core = require "pymalloc.core"
local heaps = require "pymalloc.play.heaps"
local limits = require "pymalloc.play.limits"
local names = require "pymalloc.play.names"
local pictures = require "pymalloc.play.picture"
local printed = require "pymalloc.play.printed"

local M = {}

local Session = {}
Session.__index = Session

local EXPLANATION_BYTES = 4000    -- the longest error
local PICTURE_SECONDS = 0.5       -- for pictures of heaps that a statement closes
local DESCRIBING = { seconds = 1, bytes = limits.LIMITS.bytes } -- for errors that are objects

local load_text = load

-- {=== Compiling

-- A chunk of an expression or of statements; nil and the problem. "=x" is the expression x.
local function compile(source, name, environment)
  local expression = source:match("^%s*=(.*)$") or source
  local chunk = load_text("return " .. expression, name, "t", environment)
  if chunk then
    return chunk
  end
  return load_text(source, name, "t", environment)
end

local function is_unfinished(problem)
  return problem:find("<eof>$") ~= nil
end

-- The name of the variable that a line makes and loses; nil if there is none.
local function lost_local(source)
  local name = source:match("^%s*local%s+([%a_][%w_]*)[^\n;]*%s*$")
  return name ~= "function" and name or nil
end

-- {=== Running

-- An error as a text, as Lua's own prompt writes it.
local function describe(problem)
  local kind = type(problem)
  if kind == "string" or kind == "number" then
    return tostring(problem)
  end
  local metatable = debug.getmetatable(problem)
  if metatable and metatable.__tostring then
    return tostring(problem)
  end
  return ("(error object is a %s value)"):format(kind)
end

local sentences = {
  ["not enough memory"] = "There is not enough memory for that.",
}

local function explained(problem)
  local ok, told = limits.call(DESCRIBING, describe, problem)
  if not ok or type(told) ~= "string" then
    told = ("(error object is a %s value)"):format(type(problem))
  end
  told = sentences[told] or told
  return #told > EXPLANATION_BYTES and told:sub(1, EXPLANATION_BYTES) .. "..." or told
end

-- Runs a chunk and prints what it returns. While it runs, the methods of strings are those of
-- the session; a statement that changes them changes no methods but these.
local function run_limited(self, chunk)
  local strings = debug.getmetatable("")
  local before = strings.__index
  strings.__index = self.names.string
  local results = table.pack(limits.call(self.limits, chunk))
  if results[1] and results.n > 1 then
    results = table.pack(limits.call(self.limits, self.printed.print, self.printed,
      table.unpack(results, 2, results.n)))
  end
  strings.__index = before
  return results[1], results[2]
end

-- A function that keeps the picture of a heap. In a statement that closes many heaps, only those
-- are drawn for which there is time.
local function looker(self)
  local spent = 0
  return function(heap)
    if spent < PICTURE_SECONDS then
      local start = os.clock()
      self.closed = pictures.of_heap(heap, { name = self.heaps:name_of(heap, self.names) })
      self.closed.is_closed, self.closed.header_values = true, nil
      spent = spent + os.clock() - start
    end
  end
end

local function run_chunk(self, chunk)
  self.printed = printed.new()
  self.closed, self.newest_before = nil, self.heaps.count
  local ok, problem = self.heaps:watching(looker(self), run_limited, self, chunk)
  return { status = ok and "done" or "error", output = self.printed:text(),
    error = not ok and explained(problem) or nil }
end

--- Runs a statement or an expression.
-- @return { status = "done", "error" or "more": the statement is not finished; output =,
-- error = texts; lost = the name of a variable that the statement makes and loses }
function Session:run(source)
  local chunk, problem = compile(source, "=prompt", self.names)
  if chunk then
    local result = run_chunk(self, chunk)
    result.lost = lost_local(source)
    return result
  elseif is_unfinished(problem) then
    return { status = "more", output = "" }
  end
  return { status = "error", output = "", error = problem }
end

--- Runs the text of a file. What it returns is printed.
function Session:run_file(name, source)
  local chunk, problem = load_text(source, "@" .. name, "t", self.names)
  if not chunk then
    return { status = "error", output = "", error = problem }
  end
  return run_chunk(self, chunk)
end

-- {=== Pictures

-- The heap with that number; nil: the newest that is open.
local function chosen(list, number)
  for _, one in ipairs(list) do
    if one.number == number then
      return one
    end
  end
  return list[1]
end

--- The picture of a heap.
-- @param[opt] wish number: of the heap; arena, pool: the place of the pool that is drawn
function Session:picture(wish)
  wish = wish or {}
  local list = self.heaps:list(self.names)
  local one = chosen(list, wish.number)
  local is_newer = self.closed and not wish.number and self.heaps.count > self.newest_before
  if self.closed and (is_newer or not one) then
    return self.closed
  elseif not one then
    return nil
  end
  local picture = pictures.of_heap(one.heap, { name = one.name, arena = wish.arena,
    pool = wish.pool, last = self.drawn[one.number] })
  self.drawn[one.number] = { requests = picture.requests, header = picture.header_values }
  picture.header_values = nil
  picture.number, picture.heaps = one.number, {}
  for i, other in ipairs(list) do
    picture.heaps[i] = { number = other.number, name = other.name }
  end
  return picture
end

-- The table of the names that a path such as "pymalloc.view." or "heap:" can be followed by.
local function names_after(self, path)
  local holder = self.names
  for name in path:gmatch("[%a_][%w_]*") do
    holder = type(holder) == "table" and rawget(holder, name) or nil
  end
  local methods = core.methods[core.kind(holder) or ""]
  local found = methods or type(holder) == "string" and self.names.string or holder
  return type(found) == "table" and found or {}
end

--- The names that can continue the end of a text: variables, and fields after a dot or colon.
-- @return { start = the part of the name that is typed, names = those that begin with it }
function Session:continuations(source)
  local path, start = source:match("([%a_][%w_%.:]*[%.:])([%w_]*)$")
  start = start or source:match("[%a_][%w_]*$") or ""
  local list = {}
  for name in next, names_after(self, path or "") do
    if type(name) == "string" and name:sub(1, #start) == start then
      table.insert(list, name)
    end
  end
  table.sort(list)
  return { start = start, names = list }
end

--- A session.
-- @param[opt] own limits, by default those of play/limits.lua
function M.new(own)
  local self = setmetatable({ limits = own or limits.LIMITS, heaps = heaps.new(),
    printed = printed.new(), drawn = {}, newest_before = 0 }, Session)
  self.names = names.new(function() return self.printed end, self.heaps:library())
  return self
end

return M
