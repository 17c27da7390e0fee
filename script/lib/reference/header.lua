-- Reads csrc/pymalloc.h and pymalloc_inline.h: sections, and in them types and
-- functions with the comment above each.

local tree = require "script.lib.tree"

local M = {}

-- {=== Chunks: runs of lines between empty lines, where no brace is open

local function count(line, sign)
  return select(2, line:gsub(sign, ""))
end

local function chunks_of(text)
  local chunks, chunk, depth, in_comment = {}, {}, 0, false
  for line in (text .. "\n\n"):gmatch("([^\n]*)\n") do
    if line == "" and depth == 0 and not in_comment then
      table.insert(chunks, #chunk > 0 and chunk or nil)
      chunk = {}
    else
      table.insert(chunk, line)
    end
    in_comment = (in_comment or line:find("/%*")) and not line:find("%*/")
    if not line:find("[/*][*]+ ?[{}]=") and not line:find("^%*%*") and not line:find("extern") then
      depth = depth + count(line, "{") - count(line, "}")
    end
  end
  return chunks
end

-- The text of the comment at the beginning of a chunk, and the lines after it.
local function split(chunk)
  local text, code, in_comment = {}, {}, false
  for _, line in ipairs(chunk) do
    local opens = #code == 0 and line:find("^/%*")
    if opens or in_comment then
      in_comment = not line:find("%*/%s*$")
      local said = line:gsub("^/%*+ ?", ""):gsub("%s*%*/$", ""):gsub("^%*%* ?", "")
      table.insert(text, (said ~= "" or not opens) and line ~= "*/" and said or nil)
    else
      table.insert(code, line)
    end
  end
  return table.concat(text, "\n"), table.concat(code, "\n")
end

-- {=== The kind of a chunk

local function section_title(text)
  return text:match("^{=+\n([^\n]+)")
end

-- Declarations without bodies: "PYM_API void *pym_malloc(...);" or static inline
local function functions_in(code)
  local names = {}
  for name in code:gmatch("PYM_API[^;(]-([%w_]+)%(") do
    table.insert(names, name)
  end
  local inline = code:match("^static inline[^(]-([%w_]+)%(")
  table.insert(names, inline)
  return names
end

local function type_name(code)
  return code:match("^typedef.*[%s}]([%w_]+);$") or code:match("^typedef.-%(%*([%w_]+)%)")
    or code:match("^struct ([%w_]+) {")
end

local function declaration(code)
  if code:find("^PYM_API") then
    code = code:gsub("PYM_API ", ""):gsub("\n        ", "\n")
  end
  return (code:gsub("^(static inline.-%))\n{.*$", "%1;"))
end

local function add_chunk(section, path, text, code)
  local names = functions_in(code:find("^#") and "" or code)
  local name = names[1] or type_name(code)
  if name then
    table.insert(section.items, { path = path, name = name, names = names, text = text,
      kind = names[1] and "function" or "type", code = declaration(code) })
  end
end

--- The sections of a header in order: { title =, items = { { name =, names = all
-- functions declared there, kind =, text =, code =, path = } } }.
function M.read(path)
  local sections = { { title = nil, items = {} } }
  for _, chunk in ipairs(chunks_of(tree.read(path))) do
    local text, code = split(chunk)
    if section_title(text) then
      table.insert(sections, { title = section_title(text), items = {} })
    elseif text:find("^}=+") then
      table.insert(sections, { title = nil, items = {} })
    else
      add_chunk(sections[#sections], path, text, code)
    end
  end
  return sections
end

--- Is it public? Of the inline functions, only those whose name ends in _inline are.
function M.is_public(item)
  return item.kind == "type" or not item.code:find("^static inline")
    or item.name:find("_inline$") ~= nil
end

return M
