-- The format of pwndbg's command track-heap: "[*] malloc(24) -> 0x5600, 0x20 bytes real size",
-- among other output of gdb. Colours are removed.

local M = {
  templates = { "malloc|[*] malloc(%s) -> %a, %*", "free|[*] free(%a)",
    "calloc|[*] calloc(%c, %s) -> %a, %*", "realloc|[*] realloc(%o, %s) -> %a, %*" },
  words = { "[*] ", "[!] ", "\27[" },
}

-- The text behind "[*] "; nil for another line.
local function told(line)
  return line:gsub("\27%[[%d;]*m", ""):match("%[([*!])%] (.*)$")
end

local function call_of(line)
  local sign, text = told(line)
  if sign then
    return sign, text:match("^(%l+)%(([^()]*)%)(.*)$")
  end
end

local readers = {
  malloc = function(sink, arguments, result) sink:malloc(result, arguments:match("^%w+")) end,
  calloc = function(sink, arguments, result)
    local count, size = arguments:match("^(%w+), (%w+)$")
    sink:calloc(result, count, size)
  end,
  realloc = function(sink, arguments, result)
    local old, size = arguments:match("^(%w+), (%w+)$")
    sink:realloc(old, result, size)
  end,
  free = function(sink, arguments) sink:free(arguments:match("0x%x+")) end,
}

function M.fits(lines)
  for _, line in ipairs(lines) do
    local sign, name, _, rest = call_of(line)
    if sign == "*" and readers[name] and (name == "free" or rest:find("^ %-> 0x%x")) then
      return true
    end
  end
  return false
end

-- A line about a block that the tool had not seen before: a free is written as usual, a realloc
-- is written without its result.
local function read_unknown(sink, name, rest)
  if name == "free" then
    sink:free(rest:match("0x%x+"))
  elseif name == "realloc" then
    sink.cut = sink.cut + 1
  end
  return true
end

function M.line(sink, line)
  local sign, name, arguments, rest = call_of(line)
  if not sign or not readers[name] then
    return true
  elseif sign == "!" then
    return read_unknown(sink, name, rest)
  end
  local result = rest:match("^ %-> (0x%x+)")
  if name ~= "free" and not result then
    return false
  end
  readers[name](sink, arguments, result)
  return true
end

return M
