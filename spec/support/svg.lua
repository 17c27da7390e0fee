-- Reads SVG for specs.
--
--     local picture = svg.read(text)         -- raises an error where it is not well-formed
--     picture.root.attributes.width
--     picture:all("text")                    -- the elements of that name, in order
--     picture:texts()                        -- the contents of the text elements, in order

local drawings = require "pymalloc.plot.drawing"

local M = {}
local Picture = {}
Picture.__index = Picture

local entities = { amp = "&", lt = "<", gt = ">", quot = '"', ["#39"] = "'" }

local function plain(escaped)
  assert(not escaped:find("[<>]"), "a < or > is not escaped: " .. escaped)
  return (escaped:gsub("&([^;]*;?)", function(name)
    return assert(entities[name:match("^(.*);$")], "no entity: &" .. name)
  end))
end

local function attributes_of(source)
  local attributes = {}
  local rest = source:gsub('%s+([%w:-]+)="([^"]*)"', function(name, value)
    assert(attributes[name] == nil, "twice: " .. name)
    attributes[name] = plain(value)
    return ""
  end)
  assert(not rest:find("%S"), "not an attribute: " .. rest)
  return attributes
end

local function add_text(element, source)
  if source:find("%S") then
    element.text = (element.text or "") .. plain(source)
  end
end

-- Reads the tag that begins at `from`. Returns where it ends.
local function read_tag(text, from, stack, list)
  local slash, name, inside, closed, last = text:match("^<(/?)([%a]+)(.-)(/?)>()", from)
  assert(name, "no tag at " .. from)
  if slash == "/" then
    assert(table.remove(stack).name == name, "wrong end of " .. name)
    return last
  end
  local element = { name = name, attributes = attributes_of(inside), parent = stack[#stack] }
  table.insert(list, element)
  if closed == "" then
    table.insert(stack, element)
  end
  return last
end

function M.read(text)
  assert(utf8.len(text), "not UTF-8")
  assert(not text:find("[\0-\8\11\12\14-\31\127]"), "a control character")
  local stack, list, at = { { name = "document" } }, {}, 1
  while true do
    local from = text:find("<", at, true)
    add_text(stack[#stack], text:sub(at, (from or 0) - 1))
    if not from then
      break
    end
    at = read_tag(text, from, stack, list)
  end
  assert(#stack == 1, "no end of " .. stack[#stack].name)
  assert(list[1].name == "svg" and stack[1].text == nil)
  return setmetatable({ root = list[1], elements = list }, Picture)
end

function Picture:all(name)
  local found = {}
  for _, element in ipairs(self.elements) do
    if element.name == name then
      table.insert(found, element)
    end
  end
  return found
end

function Picture:texts()
  local texts = {}
  for i, element in ipairs(self:all "text") do
    texts[i] = element.text
  end
  return texts
end

-- The left and the right end of a text, in a wide font.
local function ends_of(element)
  local a = element.attributes
  local wide = drawings.text_width(element.text or "", tonumber(a["font-size"]))
  local shift = { middle = wide / 2, ["end"] = wide }
  local x = tonumber(a.x) - (shift[a["text-anchor"]] or 0)
  return x, x + wide
end

--- Asserts that no text and no rectangle ends outside of the picture.
function Picture:assert_inside()
  local width, height = self.root.attributes.viewBox:match("^0 0 (%d+) (%d+)$")
  width, height = tonumber(width), tonumber(height)
  for _, element in ipairs(self:all "text") do
    local left, right = ends_of(element)
    assert(left >= -1 and right <= width + 1, element.text)
    assert(tonumber(element.attributes.y) <= height, element.text)
  end
  for _, element in ipairs(self:all "rect") do
    local a = element.attributes
    local x, y = tonumber(a.x or 0), tonumber(a.y or 0)
    assert(a.x == nil or x >= 0 and x + tonumber(a.width) <= width)
    assert(a.y == nil or y + tonumber(a.height) <= height)
  end
end

--- The element of that name whose text is `text`, or nil.
function Picture:find(name, text)
  for _, element in ipairs(self:all(name)) do
    if element.text == text then
      return element
    end
  end
end

--- Is this a part of the picture's texts?
function Picture:has_text(wanted)
  return table.concat(self:texts(), "\n"):find(wanted, 1, true) ~= nil
end

return M
