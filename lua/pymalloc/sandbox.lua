-- Runs Lua texts of others: with names of their own, and with limits on steps, memory and
-- time.
--
--     local box = sandbox.new { steps = 10000000 }
--     local value, reason = box:run("return { pool_bytes = 4096 }", "@answer.lua")
--     local result, why = box:call(value.next_pool, pools)
--
-- The text sees the functions of sandbox_names.lua, and none with which it could reach files,
-- the system or the program that runs it: no os, io, require, load, debug or coroutine. The
-- methods of strings are these functions too, while it runs. A limit that is exceeded ends the
-- call, whatever the text catches with pcall (bindings/lua/limited.c).

local core = require "pymalloc.core"
local names = require "pymalloc.sandbox_names"
local text = require "pymalloc.text"

local M = {}

local MIB = 1 << 20

-- The limits of one call.
M.LIMITS = { steps = 10000000, bytes = 64 * MIB, seconds = 10 }

M.TEXT_BYTES = MIB -- the longest text

local REASON_BYTES = 1000 -- the longest error of a text

-- The beginning of the names of this file and of sandbox_names.lua, in which a limit can be
-- exceeded too.
local OWN_FILES = debug.getinfo(1, "S").short_src:gsub("%.lua$", "")

local DEPTH, FIELDS = 4, 10000 -- the largest value that can be copied

local Box = {}
Box.__index = Box

-- The sentences on exceeded limits.
local sentences = {
  steps = function(limits)
    return ("it does not end: it was stopped after %s steps"):format(text.group(limits.steps))
  end,
  bytes = function(limits)
    return ("it needs more memory than the %s bytes that are allowed"):format(
      text.group(limits.bytes))
  end,
  seconds = function(limits)
    return ("it takes too long: it was stopped after %s of processor time"):format(
      text.count(limits.seconds, "second"))
  end,
}

--- Makes an environment with limits.
-- @tparam[opt] table options steps, bytes and seconds: the limits of one call, if not those
-- of M.LIMITS; names: more names that texts can use
function M.new(options)
  local self = setmetatable({ limits = {}, names = names.new(), chunks = {} }, Box)
  for name, default in pairs(M.LIMITS) do
    self.limits[name] = options and options[name] or default
  end
  for name, value in pairs(options and options.names or {}) do
    self.names[name] = value
  end
  self.names._G = self.names
  self.strings = names.new().string -- no text can change it
  return self
end

--- The same environment with other limits, for the functions of a text that has run.
-- @tparam table limits steps, bytes and seconds
function Box:within(limits)
  return setmetatable({ limits = limits, names = self.names, strings = self.strings,
    chunks = self.chunks }, Box)
end

-- The reason why a call failed.
local function reason_of(self, problem, exceeded, where)
  if exceeded then
    where = where:sub(1, #OWN_FILES) == OWN_FILES and "" or where
    return where .. sentences[exceeded](self.limits)
  elseif type(problem) ~= "string" then
    return "it raised an error that is not a string but " .. core.describe(problem)
  end
  local cut = #problem > REASON_BYTES and problem:sub(1, REASON_BYTES) .. "..." or problem
  local absent = problem:match("a nil value %(global '([%w_]+)'%)$")
  if absent and _G[absent] ~= nil and self.names[absent] == nil then
    cut = ("%s: the sandbox has no '%s'"):format(cut, absent)
  end
  return (cut:gsub("%c", "?"))
end

-- Finds methods of strings: those of the box for its texts, and those of before for functions of
-- this program that the texts call. Texts cannot make functions of other chunks.
local function methods_of(self, before)
  return function(subject, name)
    local caller = debug.getinfo(2, "S")
    if not caller or self.chunks[caller.source] then
      return self.strings[name]
    elseif type(before) == "function" then
      return before(subject, name)
    end
    return before[name]
  end
end

--- Calls a function with limits. While it runs, the methods of strings are those of the box. In
-- a call of another box, the limits of that call hold.
-- @return true and the results; or false and the reason
function Box:call(f, ...)
  local strings = debug.getmetatable("")
  local before = strings.__index
  strings.__index = methods_of(self, before)
  local results = core.is_limited() and table.pack(pcall(f, ...))
    or table.pack(core.limited(self.limits, f, ...))
  strings.__index = before
  if not results[1] then
    return false, reason_of(self, results[2], results[3], results[4])
  end
  return table.unpack(results, 1, results.n)
end

--- Compiles a text.
-- @tparam string source
-- @tparam string name of the chunk, as for load
-- @return the function, which is to be called by Box:call; or nil and the reason
function Box:compile(source, name)
  if #source > M.TEXT_BYTES then
    return nil, ("it is longer than %s bytes"):format(text.group(M.TEXT_BYTES))
  end
  self.chunks[name] = true
  local compiled, chunk, problem = self:call(load, source, name, "t", self.names)
  if not compiled then
    return nil, chunk
  end
  return chunk, problem
end

--- Runs a text.
-- @tparam string source
-- @tparam string name of the chunk, as for load
-- @return the value that it returns; nil and the reason if it does not compile, raises an
-- error, exceeds a limit or returns nothing
function Box:run(source, name)
  local chunk, problem = self:compile(source, name)
  if not chunk then
    return nil, problem
  end
  local ok, value = self:call(chunk)
  if not ok then
    return nil, value
  elseif value == nil then
    return nil, "it returns nothing"
  end
  return value
end

-- {=== Values

local function copy_of(value, depth, left)
  if type(value) ~= "table" then
    return value
  elseif debug.getmetatable(value) then
    error("it returns a table with a metatable", 0)
  elseif depth == 0 then
    error(("it returns tables in more than %d levels"):format(DEPTH), 0)
  end
  local copied = {}
  for key, item in next, value do
    left.fields = left.fields - 1
    if left.fields < 0 then
      error(("it returns more than %d fields"):format(FIELDS), 0)
    elseif type(key) == "table" then
      error("it returns a table with a key that is a table", 0)
    end
    copied[key] = copy_of(item, depth - 1, left)
  end
  return copied
end

--- A copy of a value that a text returned. A table with a metatable is refused by a message that
-- is raised: reading it could call functions of the text, without limits.
function M.plain(value)
  return copy_of(value, DEPTH, { fields = FIELDS })
end

return M
