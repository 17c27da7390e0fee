-- The format of valgrind --trace-malloc=yes: "--PID-- malloc(10) = 0x4A43040",
-- among other lines of valgrind and of the program.

local M = { ends_lines = true }

M.templates = {
  "malloc|--%p-- malloc(%s) = %a", "free|--%p-- free(%a)",
  "calloc|--%p-- calloc(%c,%s) = %a", "realloc|--%p-- realloc(%o,%s) = %a",
  "malloc|--%p-- _Znwm(%s) = %a", "free|--%p-- _ZdlPv(%a)",
  "malloc|--%p-- _Znam(%s) = %a", "free|--%p-- _ZdaPv(%a)", "free|--%p-- _ZdlPvm(%a)",
  "skip|==%p== %*", "skip|==%p==",
}

-- A reader for each kind of call. It gets the arguments as text, and the address that was
-- returned.
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

-- The kind of a function. Names of C++ begin with _Zn (new) and _Zd (delete).
local function kind_of(name)
  if name:find("^_Zn") or name:find("align") then
    return name:find("^_Zd") and "free" or "malloc"
  elseif name:find("^_Zd") or name:find("free") then
    return "free"
  end
  return readers[name] and name
end

-- The process, the function and the rest of a call; nil if the line has no call.
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

-- Is it a process other than the first in the text, such as a forked child? Its
-- addresses are independent, so that its requests are left out.
local function is_other(sink, pid)
  if not sink.pid then
    sink.pid = pid
    sink.core:process(sink.number(pid), true)
  elseif pid ~= sink.pid then
    sink.core:process(sink.number(pid), false)
    sink:other()
    return true
  end
  return false
end

-- The kind of a realloc, and the text of its arguments. valgrind writes a realloc
-- that is a malloc or a free with that call after its arguments; the result of
-- such a free is on the next line.
local function what_it_is(rest)
  local kind, other = rest:match("^%(%w+,%w+%)(%a+)(%(.*)$")
  if kind == "malloc" or kind == "free" then
    return kind, other
  end
  return "realloc", rest
end

local read_call

-- What follows a call that valgrind refuses without writing a result and the end of the line,
-- such as a calloc whose product overflows: the next call, or a line of valgrind. nil if the
-- call has a result.
local function after_refused(rest)
  local after = rest:match("^%([^()]*%)(.*)$")
  for _, start in ipairs { "^[%a_][%w_]*%(", "^==%d+==", "^%-%-%d+%-%-" } do
    if after and after:find(start) then
      return after
    end
  end
end

local function read_refused(sink, pid, after)
  local name, rest = after:match("^([%a_][%w_]*)(%(.*)$")
  if name then
    return read_call(sink, pid, name, rest)
  end
  return M.line(sink, after)
end

function read_call(sink, pid, name, rest)
  local kind = kind_of(name)
  if not kind or is_other(sink, pid) then
    return true
  end
  if kind == "realloc" then
    kind, rest = what_it_is(rest)
  end
  local after = kind ~= "free" and after_refused(rest)
  if after then
    return read_refused(sink, pid, after)
  end
  local arguments, result = rest:match("^%(([^()]*)%)%s*=?%s*(%S*)$")
  if not arguments or (kind ~= "free" and not result:find("^0x%x+$")) then
    return false
  end
  readers[kind](sink, arguments, result)
  return true
end

function M.line(sink, line)
  local pid, name, rest = split(line)
  return name == nil or read_call(sink, pid, name, rest)
end

return M
