-- The help on a name, from the types for editors, which script/reference
-- writes: for each function its signature, its text, parameters and results.

local M = {}

local here = debug.getinfo(1, "S").source:match("^@(.*)/[^/]*$")

-- Where it is in the source; a page has it among its modules.
local PATH = here .. "/../../../types/pymalloc/library/pymalloc.lua"

local entries -- { name =, text = } in order of their names, and by name

local function open_types()
  local found = package.searchpath("types.pymalloc.library.pymalloc", package.path)
  return io.open(PATH) or io.open(found or "")
end

-- A parameter or field as "name: type, meaning".
local function named(words)
  local name, kind, meaning = words:match("^(%S+) (%S+) ?(.*)$")
  return name and ("  %s: %s%s"):format(name, kind, meaning == "" and "" or ", " .. meaning)
    or "  " .. words
end

-- A line of a comment, without the signs of the editor.
local function told(line)
  local rest = line:match("^%-%-%-(.*)$")
  local tag, words = rest:match("^@(%a+) (.*)$")
  if tag == "param" or tag == "field" then
    return named(words)
  elseif tag == "return" then
    return "  returns " .. words:gsub(" # ", ", ", 1)
  end
  return not tag and rest or nil
end

-- The lines as a text, in which a paragraph is one line.
local function text_of(lines)
  local text = ""
  for i, line in ipairs(lines) do
    local goes_on = i > 1 and not line:find("^  ") and line ~= "" and lines[i - 1] ~= ""
    text = text .. (i == 1 and "" or goes_on and " " or "\n") .. line
  end
  return text
end

local function add(found, name, signature, lines)
  local entry = { name = name, text = signature .. "\n" .. text_of(lines) }
  table.insert(found, entry)
  found[name] = entry
end

local function read(file)
  local found, lines, class = {}, {}, nil
  for line in file:lines() do
    local name, rest = line:match("^function ([%w_%.:]+)(%b()) end")
    if name then
      name = name:gsub("^%u%l+%f[.:]", string.lower)
      add(found, name, name .. rest, lines)
    elseif line:find("^%-%-%-") then
      class = line:match("^%-%-%-@class ([%w_%.]+)") or class
      table.insert(lines, told(line))
    elseif class and line:find("^local ") then
      add(found, class, class, lines)
    end
    if not line:find("^%-%-%-") then
      lines, class = {}, nil
    end
  end
  table.sort(found, function(a, b) return a.name < b.name end)
  return found
end

local function all()
  if not entries then
    local file <close> = open_types()
    entries = file and read(file) or {}
  end
  return entries
end

-- The names in which there is such a part, in their last word or, if there are none, anywhere.
local function similar(found, part)
  local list, others = {}, {}
  for _, entry in ipairs(found) do
    local rest = entry.name:lower():gsub("^pymalloc%.", "")
    if rest:match("[^.:]*$"):find(part, 1, true) then
      table.insert(list, entry.name)
    elseif rest:find(part, 1, true) then
      table.insert(others, entry.name)
    end
  end
  return #list > 0 and list or others
end

--- The help on a name.
-- @return { name =, text =, names = other names that are like it }; text is nil if there is none
function M.on(name)
  name = type(name) == "string" and name or ""
  local found = all()
  local entry = found[name] or found["pymalloc." .. name]
  local names = entry and {} or similar(found, (name:lower():gsub("^.*[.:]", "")))
  return { name = entry and entry.name or name, text = entry and entry.text, names = names }
end

return M
