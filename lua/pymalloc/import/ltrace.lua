-- The format of ltrace: "malloc(24) = 0x55d0", and of tools that write such lines. A process,
-- a time, a caller and a library may stand before the name, and "@LIBRARY" behind it. Names of
-- C++ are mangled, or as ltrace -C writes them. After the arguments of a function that it
-- knows, ltrace may print the contents of more registers.
--
--     1234 0.000123 [0x55d0] lua5.4->realloc(0x5600, 720 <unfinished ...>
--     1234 <... realloc resumed> ) = 0x5610
--     operator new(unsigned long)(72, 1, 2) = 0x55d0
--     free@libc.so.6(0x55d0) = <void>

local M = { ends_lines = true }

local function shapes(verb, call)
  return { verb .. "|" .. call, verb .. "|%p " .. call, verb .. "|[pid %p] " .. call }
end

M.templates = {}
for _, plain in ipairs {
  { "malloc", "malloc(%s)%_= %a" }, { "free", "free(%a)%_= <void>" },
  { "calloc", "calloc(%c, %s)%_= %a" }, { "realloc", "realloc(%o, %s)%_= %a" },
} do
  for _, shape in ipairs(shapes(plain[1], plain[2])) do
    table.insert(M.templates, shape)
  end
end

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
  memalign = allocate_aligned, aligned_alloc = allocate_aligned,
  free = free, cfree = free, free_sized = free, free_aligned_sized = free,
  calloc = function(sink, arguments, result)
    sink:calloc(result, arguments[1], arguments[2])
  end,
  realloc = function(sink, arguments, result)
    sink:realloc(arguments[1], result, arguments[2])
  end,
  reallocarray = function(sink, arguments, result)
    local count, size = sink.number(arguments[2]), sink.number(arguments[3])
    sink:realloc(arguments[1], result, count * size)
  end,
}

-- The functions that make a process; it gets 0 as their result.
local forks = { fork = true, __libc_fork = true, _Fork = true }

-- The reader of a function; nil for one that is not of the allocator.
local function reader_of(name)
  if name:find("^_Zn[wa]") or name:find("^operator new") then
    return allocate
  elseif name:find("^_Zd[la]Pv") or name:find("^operator delete") then
    return free
  end
  return readers[name]
end

local is_operator = { ["operator new"] = true, ["operator delete"] = true,
  ["operator new[]"] = true, ["operator delete[]"] = true }

-- The text before the name of a call, the name, and the text after its "("; nil if the line
-- has no call.
local function split(line)
  local prefix, name, rest = line:match("^(.-)(operator %a+%[?%]?)%(([^()]*%)%(.*)$")
  if name and is_operator[name] then
    return prefix, name, rest:match("^[^()]*%)%((.*)$")
  end
  prefix, name, rest = line:match("^(.-)([%a_][%w_]*)@[^%s(]+%((.*)$")
  if not name or prefix:find("(", 1, true) then
    prefix, name, rest = line:match("^(.-)([%a_][%w_]*)%((.*)$")
  end
  return prefix, name, rest
end

function M.fits(lines)
  for _, line in ipairs(lines) do
    local resumed, result = line:match("<%.%.%. ([^>]-) resumed> .*=%s+(%S+)")
    local _, name, rest = split(line)
    if resumed and reader_of(resumed) and (result:find("^0x%x") or result == "<void>") then
      return true
    elseif name and reader_of(name) and (rest:find("%)%s+=%s+0x%x+")
      or rest:find("%)%s+=%s+<void>") or rest:find("<unfinished ...>", 1, true)) then
      return true
    end
  end
  return false
end

-- The process that made a call, as text; "" if the line does not name it.
local function owner_of(prefix)
  return prefix:match("^%s*%[?p?i?d?%s*(%d+)%]?%s") or ""
end

-- {=== Processes. The addresses of a forked child are independent, so that its requests are
-- left out. A number that comes from no fork is a thread's.

local function mark(sink, owner, kind)
  sink.processes[owner] = kind
  sink.core:process(sink.number(owner), kind == "own")
end

-- The first process of the text is the one whose requests are taken.
local function mark_own(sink, owner)
  sink.processes = sink.processes or { first = owner }
  if owner ~= "" and not sink.processes[owner] then
    mark(sink, owner, "own")
  end
end

local function mark_other(sink, owner)
  sink.processes = sink.processes or {}
  if owner ~= "" and owner ~= sink.processes.first then
    mark(sink, owner, "other")
  end
end

local function is_other(sink, owner)
  return sink.processes ~= nil and sink.processes[owner] == "other"
end

-- A fork has returned, in the parent or in the child.
local function note_fork(sink, owner, result)
  if result == "0" then
    mark_other(sink, owner)
  elseif result:find("^%d+$") then
    mark_own(sink, owner)
    mark_other(sink, result)
  end
end

-- {=== Calls

local function read(sink, name, text, result)
  local arguments = {}
  for argument in text:gmatch("[^,%s()]+") do
    table.insert(arguments, argument)
  end
  reader_of(name)(sink, arguments, result)
  return true
end

-- The call of the allocator that a process is inside of; nil if there is none.
local function outer_of(sink, owner)
  return sink.pending and sink.pending[owner]
end

local function set_outer(sink, owner, call)
  sink.pending = sink.pending or {}
  sink.pending_count = (sink.pending_count or 0)
    + (call and 1 or 0) - (sink.pending[owner] and 1 or 0)
  sink.pending[owner] = call
end

-- While calls are split, each line has to be looked at.
function M.is_busy(sink)
  return (sink.pending_count or 0) > 0
end

-- Takes a whole call, or its first line: then `result` is nil. A call that another call of the
-- allocator makes in the same process is part of that one.
local function take(sink, owner, name, text, result)
  if is_other(sink, owner) then
    sink:other()
    return true
  end
  mark_own(sink, owner)
  local outer = outer_of(sink, owner)
  if outer then
    outer.depth = outer.depth + (result and 0 or 1)
    sink.nested = sink.nested + 1
    return true
  elseif not result then
    set_outer(sink, owner, { name = name, text = text, depth = 0 })
    return reader_of(name) ~= free or read(sink, name, text)
  end
  return read(sink, name, text, result)
end

-- The last line of a call that was begun in an earlier line. A free was taken there.
local function resume(sink, owner, name, result)
  if is_other(sink, owner) then
    return true
  end
  mark_own(sink, owner)
  local outer = outer_of(sink, owner)
  if not outer then
    sink.cut = sink.cut + 1
    return true
  elseif outer.depth > 0 then
    outer.depth = outer.depth - 1
    return true
  end
  set_outer(sink, owner, nil)
  return reader_of(name) == free or read(sink, name, outer.text, result)
end

-- {=== Lines

local function read_resumed(sink, line)
  local before, name, result = line:match("^(.-)<%.%.%. (.-) resumed> .*=%s+(%S+)")
  if not name then
    return nil
  end
  name = name:gsub("@.*$", ""):gsub("^(operator %a+%[?%]?).*$", "%1")
  if forks[name] then
    note_fork(sink, owner_of(before), result)
  elseif reader_of(name) then
    return resume(sink, owner_of(before), name, result)
  end
  return true
end

-- The arguments and the result of a call in one line; the result of a free may be missing.
local function parts_of(name, rest)
  local text, result = rest:match("^([^()]*)%)%s+=%s+(%S+)")
  if not text then
    text, result = rest:match("^(.-)%)%s+=%s+(%S+)")
  end
  if not text and reader_of(name) == free then
    text, result = rest:match("^([^()]*)%)%s*$"), "<void>"
  end
  return text, result
end

function M.line(sink, line)
  local resumed = read_resumed(sink, line)
  if resumed ~= nil then
    return resumed
  end
  local prefix, name, rest = split(line)
  if line:find("--- Called exec() ---", 1, true) then
    mark_other(sink, owner_of(line))
    return true
  elseif name and forks[name] then
    note_fork(sink, owner_of(prefix), rest:match("=%s+(%S+)") or "")
    return true
  elseif not name or not reader_of(name) then
    return true
  end
  local text, result = rest:match("^(.-)%s*<unfinished"), nil
  if rest:find("<no return", 1, true) then
    text, result = rest:match("^(.-)%s*<no return"), "<void>"
    if reader_of(name) ~= free then
      sink.cut = sink.cut + 1
      return true
    end
  elseif not text then
    text, result = parts_of(name, rest)
    if not text then
      return false
    end
  end
  return take(sink, owner_of(prefix), name, text, result)
end

return M
