-- What valgrind --trace-malloc=yes writes: "--PID-- malloc(10) = 0x4A43040",
-- among other lines of valgrind's and of the program.

local M = { ends_lines = true }

-- How each kind of call is read: its arguments, and the address it gave.
local readers = {
  malloc = function(sink, arguments, result)
    sink:malloc(result, arguments:match("size%s+(%w+)") or arguments:match("^%w+"))
  end,
  calloc = function(sink, arguments, result)
    local count, size = arguments:match("^(%w+),%s*(%w+)")
    sink:calloc(result, count, size)
  end,
  realloc = function(sink, arguments, result)
    local old, size = arguments:match("^(%w+),%s*(%w+)")
    sink:realloc(old, result, size)
  end,
  free = function(sink, arguments)
    sink:free(arguments:match("^%w+"))
  end,
}

-- Names of C++ begin with _Zn (new) and _Zd (delete).
local function kind_of(name)
  if name:find("^_Zn") or name:find("align") then
    return name:find("^_Zd") and "free" or "malloc"
  elseif name:find("^_Zd") or name:find("free") then
    return "free"
  end
  return readers[name] and name
end

-- The process, and what it calls; nil where the line is no call's.
local function split(line)
  local pid, name, rest = line:match("^%-%-(%d+)%-%-%s+([%w_]+)(%(.*)$")
  return pid, name, rest
end

function M.fits(lines)
  for _, line in ipairs(lines) do
    local _, name = split(line)
    if name and kind_of(name) then
      return true
    end
  end
  return false
end

-- Requests of another process, say of a forked child, have addresses of their
-- own: only the first one's are taken.
local function is_other(sink, pid)
  sink.pid = sink.pid or pid
  sink.others = sink.others + (pid ~= sink.pid and 1 or 0)
  return pid ~= sink.pid
end

-- A realloc that is a malloc or a free tells so behind its arguments: of a free
-- the result stands on a line of its own.
local function what_it_is(rest)
  local kind, other = rest:match("^%(%w+,%w+%)(%a+)(%(.*)$")
  if kind == "malloc" or kind == "free" then
    return kind, other
  end
  return "realloc", rest
end

function M.line(sink, line)
  local pid, name, rest = split(line)
  local kind = name and kind_of(name)
  if not kind or is_other(sink, pid) then
    return true
  end
  if kind == "realloc" then
    kind, rest = what_it_is(rest)
  end
  local arguments, result = rest:match("^%(([^()]*)%)%s*=?%s*(%S*)$")
  if not arguments or (kind ~= "free" and not result:find("^0x%x+$")) then
    return false
  end
  readers[kind](sink, arguments, result)
  return true
end

return M
