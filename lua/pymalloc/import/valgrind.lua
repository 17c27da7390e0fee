-- The format of valgrind --trace-malloc=yes: "--PID-- malloc(10) = 0x4A43040",
-- among other lines of valgrind and of the program.

local M = { ends_lines = true }

local find, match = string.find, string.match

M.templates = {
  "malloc|--%p-- malloc(%s) = %a", "free|--%p-- free(%a)",
  "calloc|--%p-- calloc(%c,%s) = %a", "realloc|--%p-- realloc(%o,%s) = %a",
  "malloc|--%p-- _Znwm(%s) = %a", "free|--%p-- _ZdlPv(%a)",
  "malloc|--%p-- _Znam(%s) = %a", "free|--%p-- _ZdaPv(%a)", "free|--%p-- _ZdlPvm(%a)",
}

M.words = { "^--", "== Command: " }

-- A reader for each kind of call. It gets the arguments, and the address that was returned.
local readers = {
  malloc = function(sink, arguments, result)
    sink:malloc(result, arguments[1])
  end,
  -- "(al 64, size 100)" or "(64, 100)"; "(size 100, al 64)" is read as malloc
  memalign = function(sink, arguments, result)
    sink:malloc(result, arguments[2])
  end,
  -- without a result in most versions: then the address is unknown
  posix_memalign = function(sink, arguments, result)
    sink:malloc(result ~= "" and result or nil, arguments[#arguments])
  end,
  calloc = function(sink, arguments, result)
    sink:calloc(result, arguments[1], arguments[2])
  end,
  realloc = function(sink, arguments, result)
    sink:realloc(arguments[1], result, arguments[2])
  end,
  -- frees the block if it fails
  reallocf = function(sink, arguments, result)
    sink:realloc(arguments[1], result, sink.is_null(result) and "0" or arguments[2])
  end,
  reallocarray = function(sink, arguments, result)
    local size = sink.number(arguments[2]) * sink.number(arguments[3])
    if not sink.is_null(result) or arguments[2] == "0" or arguments[3] == "0" then
      sink:realloc(arguments[1], result, size)
    end
  end,
  free = function(sink, arguments)
    sink:free(arguments[1])
  end,
}
readers.aligned_alloc = readers.memalign
for _, name in ipairs { "valloc", "pvalloc", "__builtin_new", "builtin_new", "__builtin_vec_new",
  "malloc_type_malloc" } do
  readers[name] = readers.malloc
end
for _, name in ipairs { "cfree", "vfree", "free_sized", "free_aligned_sized", "__builtin_delete",
  "builtin_delete", "__builtin_vec_delete" } do
  readers[name] = readers.free
end

-- The reader of a function; nil for one that is not of the allocator. Names of C++ begin with
-- _Zn (new) and _Zd (delete).
local function reader_of(name)
  local reader = readers[name]
  if reader then
    return reader
  elseif find(name, "^_Zn[wa]") then
    return readers.malloc
  elseif find(name, "^_Zd[la]Pv") then
    return readers.free
  end
end

-- The process, the function and the place of the arguments of the call with which a line begins;
-- nil if there is no call. The line begins at the place `at`.
local function split(line, at)
  return match(line, "^%-%-(%d+)%-%-%s+([%w_]+)()%(", at)
end

function M.fits(lines)
  for _, line in ipairs(lines) do
    local _, name = split(line, 1)
    if name and reader_of(name) then
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

-- The arguments of a call without their labels, and the place behind them; nil if they are
-- wrong.
local function arguments_of(line, place)
  local text, last = match(line, "^%(([^()]*)%)()", place)
  if not text then
    return nil
  end
  local arguments = {}
  for argument in text:gmatch("[^,%s]+") do
    if argument ~= "al" and argument ~= "size" then
      arguments[#arguments + 1] = argument
    end
  end
  return arguments, last
end

-- The result at a place: "" if there is none, nil if it is wrong.
local function result_of(line, place)
  if place > #line then
    return ""
  end
  return match(line, "^%s*=%s*(0x%x+)$", place)
end

-- The call at a place in the middle of a line: its name and the place of its arguments. A call
-- that valgrind refuses may have neither a result nor the end of its line, such as a calloc
-- whose product overflows. The same holds for a realloc of NULL, which valgrind does by a malloc,
-- and for a realloc to 0 bytes, which it does by a free.
local function next_call(line, place)
  return match(line, "^([%a_][%w_]*)()%(", place)
end

-- Does another line of valgrind stand at a place?
local function is_line_at(line, place)
  return find(line, "^==%d+==", place) or find(line, "^%-%-%d+%-%-", place)
    or find(line, "^%*%*%d+%*%*", place)
end

-- Reads a call of the process. Returns whether it is valid. If another call or line is behind it
-- in the place of a result, also returns the name and the place of this call, or nil and the
-- place of this line.
local function read_call(sink, reader, line, place)
  local arguments, last = arguments_of(line, place)
  if not arguments then
    return false
  end
  local name, next_place = next_call(line, last)
  if name then
    return true, name, next_place
  elseif is_line_at(line, last) then
    return true, nil, last
  end
  local result = result_of(line, last)
  if not result or (result == "" and reader ~= readers.free
    and reader ~= readers.posix_memalign) then
    return false
  end
  reader(sink, arguments, result)
  return true
end

-- Reads the calls of a line of a process, from one on. Returns whether they are right, and the
-- place of another line, or nil.
local function read_calls(sink, pid, line, name, place)
  while name do
    local reader = reader_of(name)
    if not reader or is_other(sink, pid) then
      return true
    end
    local is_right
    is_right, name, place = read_call(sink, reader, line, place)
    if not is_right then
      return false
    end
  end
  return true, pid and place
end

-- The program begins anew in the process: valgrind --trace-children=yes.
local function note_begin(sink, line)
  local pid = match(line, "^==(%d+)== Command: ")
  if pid and pid == sink.pid then
    sink.core:free_all()
  end
end

function M.line(sink, line)
  local is_right, at = true, 1
  note_begin(sink, line)
  while is_right and at do
    local pid, name, place = split(line, at)
    is_right, at = read_calls(sink, pid, line, name, place)
  end
  return is_right
end

return M
