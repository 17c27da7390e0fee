-- Reads the comments that the reference is made of, from Lua and C files.
--
-- In Lua such a comment begins with ---, in C with /***; both at the start of a
-- line. The first line may begin with the name of what it is about:
--
--   heap:size_class(size): a function or method, as a script calls it
--   pymalloc.Pool: a type; its fields follow as @tfield
--
-- In Lua the name may be left out: it is then that of the function which follows.
-- Then come the tags of LDoc: @tparam[opt] TYPE NAME TEXT, @treturn TYPE TEXT,
-- @tfield[opt] TYPE NAME TEXT, @usage CODE, and @local for a function that is not
-- public.

local tree = require "script.lib.tree"

local M = {}

-- {=== Blocks of lines

-- Calls found(number of the first line, lines of the comment, line behind it)
local function each_lua_block(text, found)
  local block, first, number = nil, nil, 0
  for line in (text .. "\n"):gmatch("([^\n]*)\n") do
    number = number + 1
    local opening = line:match("^%-%-%- ?(.*)$")
    if opening then
      block, first = { opening }, number
    elseif block then
      local more = line:match("^%-%- ?(.*)$")
      if more then
        table.insert(block, more)
      else
        found(first, block, line)
        block = nil
      end
    end
  end
end

local function each_c_block(text, found)
  local block, first, number, is_over = nil, nil, 0, false
  for line in (text .. "\n"):gmatch("([^\n]*)\n") do
    number = number + 1
    if line == "/***" then
      block, first, is_over = {}, number, false
    elseif block and is_over then
      found(first, block, line)
      block = nil
    elseif block and line == "*/" then
      is_over = true
    elseif block then
      table.insert(block, line:match("^%*%* ?(.*)$") or line)
    end
  end
end

-- {=== Tags

local readers = {}

local function read_typed(list)
  return function(entry, modifier, rest)
    local type, name, text = rest:match("^(%S+)%s+(%S+)%s*(.*)$")
    if not type then
      return "expected a type and a name, got '" .. rest .. "'"
    end
    table.insert(entry[list],
      { type = type, name = name, text = text, is_optional = modifier == "opt" })
    return nil, entry[list][#entry[list]]
  end
end

readers.tparam = read_typed("params")
readers.tfield = read_typed("fields")

function readers.treturn(entry, _, rest)
  local type, text = rest:match("^(%S+)%s*(.*)$")
  if not type then
    return "expected a type"
  end
  local name, more = text:match("^(%.%.%.)%s*(.*)$")
  table.insert(entry.returns, { type = type, name = name, text = name and more or text })
  return nil, entry.returns[#entry.returns]
end

function readers.usage(entry, _, rest)
  table.insert(entry.usage, rest ~= "" and rest or nil)
  return nil, "usage"
end

readers["local"] = function(entry)
  entry.is_local = true
end

-- Adds a line to the text that the last tag began.
local function continue(entry, target, line)
  if target == "usage" then
    table.insert(entry.usage, line)
  elseif target then
    target.text = target.text .. (target.text == "" and "" or " ") .. line:match("^%s*(.*)$")
  else
    table.insert(entry.lines, line)
  end
end

local function read_line(entry, target, line, fault)
  local tag, modifier, rest = line:match("^@(%l+)%[?(%l*)%]?%s*(.*)$")
  if not tag then
    continue(entry, target, line)
    return target
  elseif not readers[tag] then
    fault("unknown tag @" .. tag)
    return target
  end
  local problem, now = readers[tag](entry, modifier, rest)
  if problem then
    fault("@" .. tag .. ": " .. problem)
  end
  return now
end

-- {=== Names

-- The name at the beginning of the first line, its arguments, and the rest of the line.
local function subject_of(line)
  local name, arguments, rest = line:match("^(%l[%w_.]*[.:][%l_]+)(%b()):%s*(.*)$")
  if name then
    return name, arguments, rest
  end
  name, rest = line:match("^(pymalloc%.%u%a+):%s*(.*)$")
  return name, nil, rest
end

local function entry_of(path, first, block, code, report)
  local entry = { path = path, line = first, code = code, lines = {}, params = {}, fields = {},
    returns = {}, usage = {} }
  local name, arguments, rest = subject_of(block[1] or "")
  entry.name, entry.arguments = name, arguments
  local target
  for number, line in ipairs(block) do
    target = read_line(entry, target, number == 1 and name and rest or line, function(problem)
      report(("%s:%d: %s"):format(path, first + number, problem))
    end)
  end
  return entry
end

--- The comments of a file, in order. Each: path, line, code (the line behind
-- it), name and arguments (or nil), lines of text, params, returns, fields,
-- usage (lines), is_local.
-- @param report is called with a message for each fault
function M.read(path, report)
  local entries = {}
  local each = path:find("%.lua$") and each_lua_block or each_c_block
  each(tree.read(path), function(first, block, code)
    table.insert(entries, entry_of(path, first, block, code, report))
  end)
  return entries
end

return M
