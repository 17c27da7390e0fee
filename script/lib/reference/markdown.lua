-- Writes the reference as Markdown: one page for Lua, one for C, one for the
-- command line.

local header = require "script.lib.reference.header"
local tree = require "script.lib.tree"

local M = {}

local MADE = "Made by `script/reference` from %s; `script/check` proves that it is current.\n"

-- Text in which "<close>" is no tag of HTML; lines of code stay as they are.
local function prose(text)
  return (text:gsub("[^\n]+", function(line)
    return not line:find("^    ") and line:gsub("<(%l+)>", "`<%1>`") or nil
  end))
end

local function say(lines, format, ...)
  table.insert(lines, select("#", ...) > 0 and format:format(...) or format)
end

local function code(lines, language, text)
  say(lines, "```" .. language .. "\n" .. text .. "\n```\n")
end

-- "heap:size_class(size)" -> "heapsize_classsize", as the links to headings are
local function anchor(title)
  return title:lower():gsub("[^%w_ -]", ""):gsub(" ", "-")
end

-- {=== Lua

local function type_text(type)
  return (type:gsub("|", " or "))
end

local function item(name, type, text, is_optional)
  local line = ("* %s*%s*%s"):format(name and "`" .. name .. "` " or "", type_text(type),
    is_optional and ", optional" or "")
  return text ~= "" and line .. ": " .. prose(text) or line
end

local function write_function(lines, entry)
  say(lines, "### " .. entry.name .. entry.arguments .. "\n")
  say(lines, prose(entry.text) .. "\n")
  for _, param in ipairs(entry.params) do
    say(lines, item(param.name, param.type, param.text, param.is_optional))
  end
  if #entry.returns > 0 then
    say(lines, #entry.params > 0 and "\nReturns\n" or "Returns\n")
  end
  for _, result in ipairs(entry.returns) do
    say(lines, item(result.name, result.type, result.text))
  end
  if #entry.params + #entry.returns > 0 then
    say(lines, "")
  end
  code(lines, "lua", entry.example)
end

local function cell(text)
  return (prose(text):gsub("|", "\\|"))
end

local function write_type(lines, entry)
  if not entry then
    return
  end
  say(lines, "`%s`\n\n%s\n", entry.name, prose(entry.text))
  if #entry.fields == 0 then
    return
  end
  say(lines, "| field | type | |\n| --- | --- | --- |")
  for _, field in ipairs(entry.fields) do
    say(lines, "| `%s` | %s | %s |", field.name, cell(type_text(field.type)), cell(field.text))
  end
  say(lines, "")
end

local function write_events(lines)
  say(lines, "| kind | what happens |\n| --- | --- |")
  for _, kind in ipairs(require("pymalloc.event").kinds) do
    say(lines, "| `%s` | %s |", kind.name, kind.meaning)
  end
  say(lines, "")
end

-- Title, what the names of functions begin with, their type, and the file whose
-- head goes before.
local groups = {
  { "The module", "pymalloc.", nil, "init" },
  { "Heaps", "heap:", "pymalloc.Heap" },
  { "Options of a heap", nil, "pymalloc.Options" },
  { "Geometries", nil, "pymalloc.Geometry" },
  { "Size classes", nil, "pymalloc.SizeClass" },
  { "Buffers", "b:", "pymalloc.Buffer" },
  { "Arenas", "arena:", "pymalloc.Arena" },
  { "Pools", "pool:", "pymalloc.Pool" },
  { "Places", nil, "pymalloc.Place" },
  { "Statistics", nil, "pymalloc.Stats" },
  { "Statistics of a size class", nil, "pymalloc.ClassStats" },
  { "Watching", "subscription:", "pymalloc.Subscription", "watch" },
  { "Events", nil, "pymalloc.Event", "event" },
  { "Snapshots", nil, "pymalloc.Snapshot", "snapshot" },
  { "Differences", nil, "pymalloc.Diff", "diff" },
  { "Traces", "pymalloc.trace.", "pymalloc.Trace", "trace" },
  { "Options of a replay", nil, "pymalloc.ReplayOptions" },
  { "Summaries", nil, "pymalloc.Summary" },
  { "Runs", "run:", "pymalloc.Run", "run" },
  { "Experiments", "experiment:", "pymalloc.Experiment", "experiment" },
  { "Pictures", "pymalloc.view.", nil, "view" },
  { "Hosting", nil, nil, "hosted" },
  { "Assertions", "assert.", nil, "assertions" },
  { "Lessons", "lesson.", nil, "lesson" },
}

-- The functions whose names begin so, with no other module in between.
local function functions_of(entries, names, prefix)
  local list = {}
  for _, name in ipairs(names) do
    local rest = prefix and name:sub(1, #prefix) == prefix and name:sub(#prefix + 1)
    if rest and entries[name].kind == "function" and not rest:find("%.") then
      table.insert(list, entries[name])
    end
  end
  return list
end

local function write_contents(lines, entries, names)
  for _, group in ipairs(groups) do
    local links = {}
    for _, entry in ipairs(functions_of(entries, names, group[2])) do
      table.insert(links, ("[%s](#%s)"):format(entry.name:match("[^.:]*$"),
        anchor(entry.name .. entry.arguments)))
    end
    say(lines, "* [%s](#%s)%s", group[1], anchor(group[1]),
      #links > 0 and ": " .. table.concat(links, ", ") or "")
  end
  say(lines, "")
end

--- The page of the Lua modules, from what the catalogue reads.
function M.lua(entries, names, heads)
  local lines = { "# The Lua modules\n" }
  say(lines, MADE:format("the comments in `bindings/lua` and `lua/pymalloc`"))
  say(lines, "In the examples `heap` is a heap of profile 3.6, `b` a buffer of it with the\n"
    .. "i32 numbers 10, 20, 30, `pool` and `arena` where it lies, and `run` stands at request\n"
    .. "2 of the trace `a 1 24`, `a 2 40`, `f 1`. What stands behind `-->` is tested.\n")
  write_contents(lines, entries, names)
  for _, group in ipairs(groups) do
    say(lines, "## " .. group[1] .. "\n")
    if group[4] then
      say(lines, prose(heads[group[4]]) .. "\n")
    end
    write_type(lines, entries[group[3]])
    if group[3] == "pymalloc.Event" then
      write_events(lines)
    end
    for _, entry in ipairs(functions_of(entries, names, group[2])) do
      write_function(lines, entry)
    end
  end
  return table.concat(lines, "\n"):gsub("\n+$", "\n")
end

-- {=== C

-- The first line of a program in examples that calls a function, and its path.
local function example_of(root, name)
  for _, path in ipairs(tree.files(root .. "/examples", "*.c")) do
    for line in tree.read(path):gmatch("[^\n]+") do
      if line:find("%f[%w_]" .. name .. "%f[^%w_]") then
        return path:match("/(examples/.*)$"), line:match("^%s*(.-)%s*$")
      end
    end
  end
end

local function write_c_item(lines, root, entry)
  say(lines, "### " .. (#entry.names > 0 and table.concat(entry.names, ", ") or entry.name) .. "\n")
  code(lines, "c", entry.code)
  if entry.text ~= "" then
    say(lines, entry.text .. "\n")
  end
  for _, name in ipairs(entry.names) do
    local path, line = example_of(root, name)
    if path then
      say(lines, "Example: `%s` in [%s](../../%s)\n", line, path, path)
    end
  end
end

--- The page of the C headers.
function M.c(root)
  local lines = { "# The C library\n" }
  say(lines, MADE:format("`csrc/pymalloc.h` and `csrc/pymalloc_inline.h`"))
  say(lines, "`find_package(pymalloc)` in CMake, `pkg-config pymalloc` elsewhere;\n"
    .. "[examples/embed](../../examples/embed/embed.c) is a whole program. Sizes are in bytes.\n"
    .. "Functions that return a pointer return NULL when memory is short; functions that\n"
    .. "return bool return false when they fail. A heap belongs to one thread at a time.\n")
  for _, path in ipairs { "csrc/pymalloc.h", "csrc/pymalloc_inline.h" } do
    for _, section in ipairs(header.read(root .. "/" .. path)) do
      local title = section.title or path:find("inline") and "Inline paths: pymalloc_inline.h"
      local has_title = false
      for _, entry in ipairs(section.items) do
        if header.is_public(entry) and (title or entry.kind == "function") then
          if not has_title then
            say(lines, "## " .. title .. "\n")
            has_title = true
          end
          write_c_item(lines, root, entry)
        end
      end
    end
  end
  return table.concat(lines, "\n"):gsub("\n+$", "\n")
end

-- {=== The command line

local function write_command(lines, command)
  say(lines, "## %s\n", command.name == "pymalloc" and "pymalloc" or "pymalloc " .. command.name)
  say(lines, command.text .. "\n")
  code(lines, "", command.usage)
  if #command.arguments + #command.options > 0 then
    say(lines, "| | |\n| --- | --- |")
  end
  for _, argument in ipairs(command.arguments) do
    say(lines, "| `%s` | %s |", argument.name, cell(argument.text))
  end
  for _, option in ipairs(command.options) do
    local choices = option.choices and " One of " .. table.concat(option.choices, ", ") .. "." or ""
    say(lines, "| `%s%s` | %s%s |", table.concat(option.names, "`, `"), option.argument,
      cell(option.text), choices)
  end
  say(lines, #command.arguments + #command.options > 0 and "" or nil)
  code(lines, "sh", table.concat(command.examples, "\n"))
  if command.remarks ~= "" then
    say(lines, command.remarks .. "\n")
  end
end

--- The page of the command line.
function M.command(program)
  local lines = { "# The command line\n" }
  say(lines, MADE:format("the parser that the command runs with"))
  write_command(lines, program)
  for _, command in ipairs(program.commands) do
    write_command(lines, command)
  end
  return table.concat(lines, "\n"):gsub("\n+$", "\n")
end

return M
