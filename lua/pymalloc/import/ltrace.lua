-- The format of ltrace: "malloc(24) = 0x55d0". A process, a time, a caller and a
-- library may stand before the name. After the arguments of a function that it
-- knows, ltrace may print the contents of more registers.
--
--     1234 0.000123 [0x55d0] lua5.4->realloc(0x5600, 720 <unfinished ...>
--     1234 <... realloc resumed> ) = 0x5610

local M = { ends_lines = true }

local function allocate(sink, arguments, result)
  sink:malloc(result, arguments[1])
end

local function allocate_aligned(sink, arguments, result)
  sink:malloc(result, arguments[2])
end

local function free(sink, arguments)
  sink:free(arguments[1])
end

local readers = {
  malloc = allocate, valloc = allocate, pvalloc = allocate,
  _Znwm = allocate, _Znam = allocate, _Znwj = allocate, _Znaj = allocate,
  _ZnwmRKSt9nothrow_t = allocate, _ZnamRKSt9nothrow_t = allocate,
  _ZnwmSt11align_val_t = allocate, _ZnamSt11align_val_t = allocate,
  memalign = allocate_aligned, aligned_alloc = allocate_aligned,
  free = free, cfree = free, _ZdlPv = free, _ZdaPv = free, _ZdlPvm = free, _ZdaPvm = free,
  _ZdlPvmSt11align_val_t = free, _ZdaPvmSt11align_val_t = free,
  calloc = function(sink, arguments, result)
    sink:calloc(result, arguments[1], arguments[2])
  end,
  realloc = function(sink, arguments, result)
    sink:realloc(arguments[1], result, arguments[2])
  end,
  reallocarray = function(sink, arguments, result)
    sink:realloc(arguments[1], result, math.tointeger(arguments[2]) * math.tointeger(arguments[3]))
  end,
}

-- The text before the name of a call, the name, and the text after its "("; nil if the line
-- has no call that a reader knows.
local function split(line)
  local prefix, name, rest = line:match("^(.-)([%a_][%w_]*)%((.*)$")
  if name and readers[name] then
    return prefix, name, rest
  end
end

function M.fits(lines)
  for _, line in ipairs(lines) do
    local _, name, rest = split(line)
    if name and (rest:find("%)%s+=%s+0x%x+") or rest:find("%)%s+=%s+<void>")) then
      return true
    end
  end
  return false
end

-- The process that made a call, as text; "" if the line does not name it.
local function owner_of(prefix)
  return prefix:match("^%s*%[?p?i?d?%s*(%d+)%]?%s") or ""
end

local function read(sink, name, text, result)
  local arguments = {}
  for argument in text:gmatch("[^,%s]+") do
    table.insert(arguments, argument)
  end
  readers[name](sink, arguments, result)
  return true
end

-- The first line of a call that is continued in a later line. A free needs only this one.
local function begin(sink, prefix, name, text)
  if readers[name] == free then
    return read(sink, name, text)
  end
  sink.pending = sink.pending or {}
  sink.pending[owner_of(prefix) .. name] = text
  return true
end

local function resume(sink, prefix, name, result)
  local key = owner_of(prefix) .. name
  local text = (sink.pending or {})[key]
  if not text then
    return not readers[name] or readers[name] == free
  end
  sink.pending[key] = nil
  return read(sink, name, text, result)
end

function M.line(sink, line)
  local before, resumed, result = line:match("^(.-)<%.%.%. ([%w_]+) resumed> .*=%s+(%S+)")
  if resumed then
    return resume(sink, before, resumed, result)
  end
  local prefix, name, rest = split(line)
  if not name then
    return true
  end
  local text = rest:match("^(.-)%s*<unfinished") or rest:match("^(.-)%s*<no return")
  if text then
    return begin(sink, prefix, name, text)
  end
  text, result = rest:match("^([^()]*)%)%s+=%s+(%S+)")
  if not text then
    text, result = rest:match("^(.-)%)%s+=%s+(%S+)")
  end
  return text ~= nil and read(sink, name, text, result)
end

return M
