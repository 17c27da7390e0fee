-- The commands of the command line, from the parser that it runs with.

local M = {}

-- The examples in an epilog, each as one line.
local function examples_of(epilog)
  local list = {}
  local text = ("\n" .. (epilog or "")):match("\nExamples?:(.-)\n\n") or (epilog or ""):match(
    "Examples?:(.*)") or ""
  for line in (text:gsub("\\\n%s*", "") .. "\n"):gmatch("(pymalloc[^\n]*)\n") do
    table.insert(list, line)
  end
  return list
end

-- The epilog without its examples.
local function remarks_of(epilog)
  local text = "\n\n" .. (epilog or "") .. "\n\n"
  return text:gsub("\nExamples?:.-\n\n", "\n\n"):match("^%s*(.-)%s*$")
end

-- An option: its names, argument and help.
local function option_of(option)
  local argument = option._maxargs > 0 and (" " .. option:_get_argname(1):gsub("[<>]", "")) or ""
  return {
    names = option._aliases,
    argument = argument,
    text = option._description or "",
    is_needed = option._mincount > 0,
  }
end

local function argument_of(argument)
  return { name = argument:_get_argname(1):gsub("[<>]", ""), text = argument._description or "" }
end

local function map(list, f, is_wanted)
  local mapped = {}
  for _, element in ipairs(list) do
    if not is_wanted or is_wanted(element) then
      table.insert(mapped, f(element))
    end
  end
  return mapped
end

local function is_not_help(option)
  return option._name ~= "-h" and option._aliases[1] ~= "-h"
end

local function command_of(command)
  return {
    name = command._name,
    usage = command:get_usage():gsub("^Usage: ", ""):gsub("%s*%[%-h%]", "", 1),
    text = command._description or "",
    arguments = map(command._arguments, argument_of),
    options = map(command._options, option_of, is_not_help),
    examples = examples_of(command._epilog),
    remarks = remarks_of(command._epilog),
  }
end

--- The program, as a command, with its commands: name, usage, text, arguments,
-- options { names =, argument =, text =, is_needed = }, examples,
-- remarks, commands.
function M.read()
  local parser = require("pymalloc.cli").parser()
  local program = command_of(parser)
  program.commands = map(parser._commands, command_of)
  return program
end

return M
