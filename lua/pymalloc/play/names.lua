-- The names that statements in a page can use: those of Lua, of which a page has the memory and
-- its own files, but no system; and require for this library, whose heaps are seen.

local copy = require "pymalloc.copy"
local help = require "pymalloc.play.help"
local limits = require "pymalloc.play.limits"

local M = {}

local function refusal(what, why)
  return function()
    error(("%s cannot be used here: %s"):format(what, why), 2)
  end
end

local function some_of(from, names)
  local copied = {}
  for _, name in ipairs(names) do
    copied[name] = from[name]
  end
  return copied
end

local function system()
  local names = some_of(os, { "clock", "date", "difftime", "getenv", "remove", "rename", "time",
    "tmpname" })
  names.exit = refusal("os.exit", "the prompt does not end")
  names.execute = refusal("os.execute", "a page cannot start programs")
  return names
end

-- The standard output of statements, which has only the methods that it needs.
local function output_of(printed)
  local output = {}
  function output:write(...)
    for i = 1, select("#", ...) do
      local piece = select(i, ...)
      if type(piece) ~= "string" and type(piece) ~= "number" then
        error(("bad argument #%d to 'write' (string expected, got %s)"):format(i, type(piece)), 2)
      end
      printed():write(tostring(piece))
    end
    return self
  end
  function output:flush() return self end
  function output.setvbuf() return true end
  return output
end

local function files(printed)
  local names = some_of(io, { "open", "lines", "tmpfile", "type" })
  names.stdout = output_of(printed)
  function names.write(...)
    return names.stdout:write(...)
  end
  function names.close(file)
    return file:close()
  end
  names.read = refusal("io.read", "a page has no standard input")
  names.popen = refusal("io.popen", "a page cannot start programs")
  return names
end

-- load, whose default environment is the one of statements.
local function loader(environment)
  return function(chunk, name, mode, ...)
    if select("#", ...) > 0 then
      return load(chunk, name, mode, (...))
    end
    return load(chunk, name, mode, environment)
  end
end

-- require, which gives the statements' own table for this library.
local function requirer(library)
  return function(name)
    if name == "pymalloc" then
      return library
    end
    local ok, found = pcall(require, name)
    if not ok then
      local is_missing = type(found) == "string" and found:find("^module '[^\n]*' not found")
      error(is_missing and ("there is no module '%s' here"):format(tostring(name)) or found, 2)
    end
    return found
  end
end

-- help "heap:malloc" prints what the reference says.
local function helper(printed)
  return function(name)
    local found = help.on(name)
    if found.text then
      printed():write(found.text, "\n")
    elseif #found.names > 0 then
      printed():write(name and "There is help on these names: " or "Write a name, as in help "
        .. '"heap:malloc". The names are: ', table.concat(found.names, ", "), "\n")
    else
      printed():write("There is no help on that. help() lists the names.\n")
    end
  end
end

local BASIC = { "_VERSION", "assert", "collectgarbage", "error", "getmetatable", "ipairs", "next",
  "pairs", "pcall", "rawequal", "rawget", "rawlen", "rawset", "select", "setmetatable",
  "tonumber", "tostring", "type", "xpcall" }

--- A new table of the names.
-- @param printed a function that returns where print writes
-- @param library the table that require "pymalloc" returns
function M.new(printed, library)
  local names = some_of(_G, BASIC)
  names._G = names
  names.coroutine = limits.coroutines()
  names.debug = some_of(debug, { "getinfo", "traceback" })
  names.io, names.os = files(printed), system()
  names.math, names.string = copy(math), copy(string)
  names.table, names.utf8 = copy(table), copy(utf8)
  names.load = loader(names)
  names.require, names.help = requirer(library), helper(printed)
  names.pymalloc = library
  function names.print(...)
    printed():print(...)
  end
  return names
end

return M
