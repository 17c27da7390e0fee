-- The format of "uftrace replay", recorded with arguments and results:
--
--     0.123 us [  1234] |   malloc(24) = 0x5600;
--              [  1234] |   calloc(3, 8) {
--     1.012 us [  1234] |   } = 0x5620; /* calloc */
--     0.098 us [  1234] |   free(0x5600);
--
-- Calls inside another call of the allocator are part of that one.

local M = {
  templates = { "malloc|%*]%_|%_malloc(%s) = %a;", "free|%*]%_|%_free(%a);",
    "calloc|%*]%_|%_calloc(%c, %s) = %a;", "realloc|%*]%_|%_realloc(%o, %s) = %a;" },
}

-- While a call is open, the calls of its thread are part of it.
function M.is_busy(sink)
  return sink.open ~= nil and next(sink.open) ~= nil
end

-- The thread of a line and the text behind "|". A log that was written for a terminal has colours.
local function split(line)
  if line:find("\27", 1, true) then
    line = line:gsub("\27%[[%d;]*m", "")
  end
  return line:match("^[^(]-%[%s*(%d+)%s*%]%s*|%s*(.*)$")
end

local function words(arguments)
  local list = {}
  for word in arguments:gmatch("[^,%s]+") do
    table.insert(list, word)
  end
  return list
end

local readers = {
  malloc = function(sink, arguments, result) sink:malloc(result, arguments[1]) end,
  calloc = function(sink, arguments, result)
    sink:calloc(result, arguments[1], arguments[2])
  end,
  realloc = function(sink, arguments, result)
    sink:realloc(arguments[1], result, arguments[2])
  end,
  aligned_alloc = function(sink, arguments, result) sink:malloc(result, arguments[2]) end,
  free = function(sink, arguments) sink:free(arguments[1]) end,
}
readers.memalign = readers.aligned_alloc

M.words = { "\27[", ends_at_bracket = true }
for name in pairs(readers) do
  table.insert(M.words, "<" .. name .. ">")
end

-- The name, the arguments, and the text behind the ")" of the call.
local function call_of(text)
  local name, arguments, rest = text:match("^([%a_][%w_]*)%(([^()]*)%)%s*(.*)$")
  return readers[name] and name, arguments, rest
end

function M.fits(lines)
  for _, line in ipairs(lines) do
    local _, text = split(line)
    if text and (call_of(text) or text:find("^} = 0x%x+; /%* %l*alloc")) then
      return true
    end
  end
  return false
end

local NO_RESULT = "the call has no result: record with -A malloc@arg1 -R malloc@retval, and the "
  .. "same for calloc, realloc and free"

local function take(sink, name, arguments, result)
  if name ~= "free" and not result then
    return nil, NO_RESULT
  end
  readers[name](sink, words(arguments), result)
  return true
end

local function open(sink, thread, name, arguments)
  local outer = sink.open[thread]
  if outer then
    outer.depth = outer.depth + 1
    sink.nested = sink.nested + 1
  else
    sink.open[thread] = { name = name, arguments = arguments, depth = 0 }
  end
  return true
end

local function close(sink, thread, text)
  local outer = sink.open[thread]
  local name = text:match("^[^(]-/%*%s*([%a_][%w_]*)")
  if not readers[name] then
    return true
  elseif not outer then
    sink.cut = sink.cut + 1
    return true
  elseif outer.depth > 0 then
    outer.depth = outer.depth - 1
    return true
  end
  sink.open[thread] = nil
  return take(sink, outer.name, outer.arguments, text:match("^}%s*=%s*(%w+)"))
end

function M.line(sink, line)
  local thread, text = split(line)
  sink.open = sink.open or {}
  if not text then
    return true
  elseif text:find("^}") then
    return close(sink, thread, text)
  end
  local name, arguments, rest = call_of(text)
  if not name then
    return true
  elseif rest:find("^{") then
    return open(sink, thread, name, arguments)
  elseif sink.open[thread] then
    sink.nested = sink.nested + 1
    return true
  end
  return take(sink, name, arguments, rest:match("^=%s*(%w+)"))
end

return M
