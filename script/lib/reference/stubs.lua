-- Writes the types for editors: annotations of the Lua language server. The
-- files are never run; each is the shape of one module.

local catalogue = require "script.lib.reference.catalogue"

local M = {}

local MADE = "-- Types for editors. Made by script/reference; never run.\n"

local function say(lines, format, ...)
  table.insert(lines, select("#", ...) > 0 and format:format(...) or format)
end

local function describe(lines, text)
  for line in (text .. "\n"):gmatch("([^\n]*)\n") do
    say(lines, ("---" .. line):gsub("%s+$", ""))
  end
end

-- A type that may be nil, by what is said of it.
local function may_be_nil(result)
  return result.text:find("%f[%w]nil%f[%W]") ~= nil
end

local function parameters_of(entry)
  local names = {}
  for _, param in ipairs(entry.params) do
    table.insert(names, param.name)
  end
  return table.concat(names, ", ")
end

local function write_function(lines, entry, name)
  describe(lines, entry.text)
  for _, param in ipairs(entry.params) do
    say(lines, "---@param %s%s %s %s", param.name, param.is_optional and "?" or "", param.type,
      param.text)
  end
  for _, result in ipairs(entry.returns) do
    local text = result.text ~= "" and " # " .. result.text or ""
    say(lines, "---@return %s%s%s", result.type, may_be_nil(result) and "|nil" or "", text)
  end
  say(lines, "function %s(%s) end\n", name, parameters_of(entry))
end

local function local_name(type_name)
  return type_name:match("[^.]*$")
end

-- The operators that comments cannot tell of.
local operators = {
  ["pymalloc.Buffer"] = { "---@field [integer] number", "---@operator len: integer" },
}

local function write_type(lines, entry)
  describe(lines, entry.text)
  say(lines, "---@class %s", entry.name)
  for _, field in ipairs(entry.fields) do
    local optional = (field.is_optional or may_be_nil(field)) and "?" or ""
    say(lines, "---@field %s%s %s %s", field.name, optional, field.type, field.text)
  end
  for _, line in ipairs(operators[entry.name] or {}) do
    say(lines, line)
  end
  if catalogue.word_of[entry.name] then
    say(lines, "local %s = {}", local_name(entry.name))
  end
  say(lines, "")
end

-- Calls write(entry, rest of the name) for functions whose names begin so.
local function each_function(entries, names, prefix, write)
  for _, name in ipairs(names) do
    if entries[name].kind == "function" and name:sub(1, #prefix) == prefix then
      write(entries[name], name:sub(#prefix + 1))
    end
  end
end

local function sorted_pairs(map)
  local keys = {}
  for key in pairs(map) do
    table.insert(keys, key)
  end
  table.sort(keys)
  local i = 0
  return function()
    i = i + 1
    return keys[i], map[keys[i]]
  end
end

local function finish(lines)
  return (table.concat(lines, "\n"):gsub(" +\n", "\n"):gsub("\n+$", "\n"))
end

--- The shape of require "pymalloc".
function M.module(entries, names)
  local lines = { "---@meta pymalloc\n", MADE }
  for _, name in ipairs(names) do
    if entries[name].kind == "type" then
      write_type(lines, entries[name])
    end
  end
  for type_name, word in sorted_pairs(catalogue.word_of) do
    each_function(entries, names, word .. ":", function(entry, method)
      write_function(lines, entry, local_name(type_name) .. ":" .. method)
    end)
  end
  say(lines, "---@class pymalloc\n---@field _VERSION string\nlocal pymalloc = {}\n")
  say(lines, "pymalloc.trace = {}\n\npymalloc.view = {}\n")
  each_function(entries, names, "pymalloc.", function(entry)
    write_function(lines, entry, entry.name)
  end)
  say(lines, "return pymalloc")
  return finish(lines) .. "\n"
end

--- The shape of require "pymalloc.lesson".
function M.lesson(entries, names)
  local lines = { "---@meta pymalloc.lesson\n", MADE }
  say(lines, "---@overload fun(number: integer, title: string, tell: function)\n"
    .. "local lesson = {}\n")
  each_function(entries, names, "lesson.", function(entry)
    write_function(lines, entry, entry.name)
  end)
  say(lines, "return lesson")
  return finish(lines) .. "\n"
end

--- What require "pymalloc.assertions" adds to luassert.
function M.assertions(entries, names)
  local lines = { "---@meta pymalloc.assertions\n", MADE }
  say(lines, "---@class luassert")
  say(lines, "local luassert = {}\n")
  each_function(entries, names, "assert.", function(entry, rest)
    write_function(lines, entry, "luassert." .. rest)
  end)
  say(lines, "return luassert")
  return finish(lines) .. "\n"
end

return M
