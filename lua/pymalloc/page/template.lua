-- The page without a trace, which script/web builds, and what is filled in: the title, the options
-- as JSON, and the trace as base64.

local json = require "pymalloc.json"
local text = require "pymalloc.text"

local M = {}

local here = debug.getinfo(1, "S").source:match("^@(.*)/[^/]*$") or "."

-- An installed page is beside this file; that of a checkout is in build-web/.
local places = { here .. "/page.html", here .. "/../../../build-web/page.html" }

local TITLE = "<title>pymalloc</title>"
local OPTIONS = '<script type="application/json" id="pymalloc-options">{}</script>'
local TRACE = '<script type="application/octet-stream" id="pymalloc-trace"></script>'

local entities = { ["&"] = "&amp;", ["<"] = "&lt;", [">"] = "&gt;", ['"'] = "&quot;",
  ["'"] = "&#39;" }

local function escaped(title)
  return (text.printable(title):gsub("[&<>\"']", entities))
end

-- No "<" and ">" of a script's JSON can end the script or begin a comment; U+2028 and U+2029 end
-- lines in older JavaScript.
local function json_in_script(options)
  return (json.line(options):gsub("[<>&]", { ["<"] = "\\u003c", [">"] = "\\u003e",
    ["&"] = "\\u0026" }):gsub("\226\128\168", "\\u2028"):gsub("\226\128\169", "\\u2029"))
end

-- The text before and behind a part that the page has once; nil if it has not.
local function split(page, part)
  local first, last = page:find(part, 1, true)
  if not first or page:find(part, last + 1, true) then
    return nil
  end
  return page:sub(1, first - 1), page:sub(last + 1)
end

-- The page's text; or nil and a message.
local function read(path)
  for _, place in ipairs(path and { path } or places) do
    local file <close> = io.open(place, "rb")
    if file then
      return file:read("a")
    end
  end
  return nil, "the page is not built: script/web builds it"
end

local Template = {}
Template.__index = Template

--- The page that was built; or nil and a message.
-- @tparam[opt] string path its path, in place of the usual ones
function M.open(path)
  local page, problem = read(path)
  if not page then
    return nil, problem
  end
  local self = setmetatable({}, Template)
  local rest
  self.head, rest = split(page, TITLE)
  self.middle, rest = split(rest or "", OPTIONS)
  self.before, self.tail = split(rest or "", TRACE)
  if not self.tail then
    return nil, "the page that was built is not of this version: script/web builds it"
  end
  return self
end

--- The page around its trace: the text before the base64 and the text behind it.
function Template:fill(title, options)
  local open, close = TRACE:match("^(<[^>]*>)(.*)$")
  local filled = OPTIONS:gsub("{}", function() return json_in_script(options) end)
  return table.concat { self.head, "<title>", escaped(title), "</title>", self.middle, filled,
    self.before, open }, close .. self.tail
end

return M
