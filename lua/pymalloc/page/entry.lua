-- The function that the page and the playground call: it calls a function of pymalloc.page or
-- pymalloc.play by its name, with arguments and a result that are text.

local json = require "pymalloc.json"

-- The function of a name such as "seek", or "play.run".
local function named(name)
  local module, key = "pymalloc.page", name
  local play = name:match("^play%.(.*)")
  if play then
    module, key = "pymalloc.play", play
  end
  local found = require(module)[key]
  if type(found) ~= "function" then
    error(("there is no function %s.%s"):format(module, key), 0)
  end
  return found
end

local function prepared(name, arguments)
  local list, count = json.read(arguments)
  return named(name), table.unpack(list, 1, count)
end

local function result_text(name, result, is_bytes)
  if not is_bytes then
    return json.line(result)
  elseif type(result) ~= "string" then
    error(("%s returned a %s, and not a string of bytes"):format(name, type(result)), 0)
  end
  return result
end

-- Calls a function directly by pcall, so that error(message, 2) in it adds no position. As other
-- functions of this library, it may return nil and a message.
local function called(name, is_bytes, is_prepared, ...)
  if not is_prepared then
    return false, (...)
  end
  local ok, result, problem = pcall(...)
  if ok and result == nil and type(problem) == "string" then
    return false, problem
  elseif not ok then
    return false, result
  end
  return pcall(result_text, name, result, is_bytes)
end

-- Memory is exhausted by Lua, or by heaps and traces, whose size the collector does not know: those
-- that are garbage are collected before the next call.
local function message_of(problem)
  if type(problem) ~= "string" then
    return ("(error object is a %s value)"):format(type(problem))
  elseif problem:find("not enough memory", 1, true) or problem:find("no memory", 1, true) then
    collectgarbage()
    return problem == "not enough memory" and "There is not enough memory for that." or problem
  end
  return problem
end

--- Calls a function.
-- @param name its name in pymalloc.page, or its name in pymalloc.play with "play." in front
-- @param arguments an array, as JSON
-- @param is_bytes true if the result is a string of bytes; otherwise it becomes JSON
-- @return true and the result; or false and a message
return function(name, arguments, is_bytes)
  local ok, result = called(name, is_bytes, pcall(prepared, name, arguments))
  return ok, ok and result or message_of(result)
end
