-- The format of ltrace: "malloc(24) = 0x55d0", and of tools that write such lines. A process,
-- times, a caller and a library may stand before the name, and "@LIBRARY" behind it. Names of
-- C++ are mangled, or as ltrace -C writes them. After the arguments of a function that it
-- knows, ltrace may print the contents of more registers.
--
--     1234 0.000123 [0x55d0] lua5.4->realloc(0x5600, 720 <unfinished ...>
--     1234 <... realloc resumed> ) = 0x5610
--     operator new(unsigned long)(72, 1, 2) = 0x55d0
--     free@libc.so.6(0x55d0) = <void>
--
-- <no return ...> is written in place of <unfinished ...> when another thread exits.
--
-- Calls that libc itself makes, "libc.so.6->calloc(0, 1600) = 0x55d0", are left out: ltrace 0.7.3
-- gives them the names of other functions.

local calls = require "pymalloc.import.ltrace_calls"
local processes = require "pymalloc.import.processes"

local M = { ends_lines = true }

local find, match, sub = string.find, string.match, string.sub

local NAME_MOST = 300 -- bytes before the first bracket that are looked at
local NESTED_MOST = 100 -- calls inside another one, whose end is then taken for missing

-- { verb, the call up to its arguments, its arguments, its result, the end of its second line }
local PLAIN = {
  { "malloc", "malloc", "%s", "%a" }, { "free", "free", "%a", "<void>" },
  { "calloc", "calloc", "%c, %s", "%a" }, { "realloc", "realloc", "%o, %s", "%a" },
  { "malloc", "_Znwm", "%s%*", "%a" }, { "free", "_ZdlPvm", "%a%*", "%*" },
  { "free", "_ZdlPv", "%a%*", "%*" }, { "malloc", "_Znam", "%s%*", "%a" },
  { "free", "_ZdaPv", "%a%*", "%*" },
  { "malloc", "operator new(unsigned long)", "%s%*", "%a" },
  { "free", "operator delete(void*, unsigned long)", "%a%*", "%*" },
  { "free", "operator delete(void*)", "%a%*", "%*" },
  { "malloc", "operator new[](unsigned long)", "%s%*", "%a" },
  { "free", "operator delete[](void*)", "%a%*", "%*" },
}

-- Behind the templates of whole calls, those of the two lines of a split one.
M.templates = {}
for i, plain in ipairs(PLAIN) do
  local verb, name, arguments, result = table.unpack(plain)
  local last = result == "%*" and "%*" or result .. "%e"
  M.templates[i] = ("%s|%%P%%d%s%%l(%s)%%_= %s"):format(verb, name, arguments, last)
  M.templates[#PLAIN + 2 * i - 1] = ("%s_begins|%%P%%d%s%%l(%s <unfinished ...>"):format(verb,
    name, arguments)
  M.templates[#PLAIN + 2 * i] = ("call_ends|%%P%%d<... %s resumed> )%%_= %s"):format(name, last)
end

-- The names of calls, and the signs of events.
M.words = calls.words()
table.move({ "+++ ", "--- " }, 1, 2, #M.words + 1, M.words)
M.words.ends_at_bracket, M.words.has_processes = true, true

-- {=== Parts of a line

-- The name of an operator of C++, and the place of its arguments.
local function split_operator(line, head, open)
  local name = match(head, "(operator %a+%[?%]?)$")
  local close = name and calls.is_operator[name] and find(line, ")", open, true)
  local first = close and match(line, "^@?[^%s(]*%(()", close + 1)
  if first then
    return name, first
  end
end

-- The name of the function of a call, and the place of its arguments; nil if the line has no
-- call.
local function split(line)
  local open = find(line, "(", 1, true)
  if not open then
    return nil
  end
  local head = sub(line, open > NAME_MOST and open - NAME_MOST or 1, open - 1)
  if find(head, "operator", 1, true) then
    local name, first = split_operator(line, head, open)
    if name then
      return name, first
    end
  elseif find(head, "@", 1, true) then
    head = match(head, "^(.*)@[^@%s>]+$") or head
  end
  return match(head, "([%w_]+)$"), open + 1
end

-- The process of a line, without zeros in front; "" if the line does not name it.
local function owner_of(line)
  return match(line, "^%s*0*(%d+)%s") or match(line, "^%s*%[pid%s+0*(%d+)%]%s") or ""
end

-- The result of a call whose arguments are in a text.
local function result_of(text)
  return match(text, "%)%s+=%s+(%S+)")
end

-- The name of the function of "<... NAME resumed> ) = RESULT", which begins at a place, and the
-- result; nil for what is missing.
local function split_resumed(line, at)
  local name, place = match(line, "^<%.%.%. (operator %a+%[?%]?)()", at)
  if not name then
    name, place = match(line, "^<%.%.%. ([%w_]+)()", at)
  end
  local close = name and find(line, "resumed>", place, true)
  return name, close and match(line, "^resumed> .*=%s+(%S+)", close)
end

-- {=== Recognising

-- Is it the call, or the end of a call, of a function of the allocator?
local function is_call(line)
  local at = find(line, "<... ", 1, true)
  if at then
    local name, result = split_resumed(line, at)
    return result and calls.reader_of(name) and (find(result, "^0x%x") or result == "<void>")
  end
  local name, first = split(line)
  if not name or not calls.reader_of(name) then
    return false
  end
  local result = result_of(sub(line, first))
  return result and (find(result, "^0x%x") or result == "<void>")
    or find(line, "<unfinished ...>", first, true)
end

function M.fits(lines)
  for _, line in ipairs(lines) do
    if is_call(line) then
      return true
    end
  end
  return false
end

-- {=== Calls. The calls of the allocator that a process is inside of are a stack. A stack of one
-- call may be in the core.

local function state_of(sink)
  if not sink.ltrace then
    sink.processes = processes.new(sink)
    sink.ltrace = { stacks = {} }
  end
  return sink.ltrace
end

-- The number of a process, and whether the core may know the process.
local function number_of(owner)
  local number = tonumber(owner)
  return number, owner == "" or math.type(number) == "integer"
end

-- Lines of the process that have a word are left to Lua.
local function set_busy(sink, owner, is_busy)
  local number, is_known = number_of(owner)
  if is_known then
    sink.core:busy(number, is_busy)
  end
end

local function set_stack(sink, owner, stack)
  sink.ltrace.stacks[owner] = stack
  set_busy(sink, owner, stack ~= nil)
end

-- The stack of a process; nil if it is inside of no call. A call of the core becomes one.
local function stack_of(sink, owner)
  local stack = sink.ltrace.stacks[owner]
  local number, is_known = number_of(owner)
  if stack or not is_known then
    return stack
  end
  local template, size, count, old, id, nested = sink.core:take_call(number)
  if template then
    local plain = PLAIN[(template - #PLAIN + 1) // 2]
    stack = calls.begun(match(plain[2], "^operator %a+%[?%]?") or plain[2], size, count, old, id)
    stack.nested = nested
    set_stack(sink, owner, stack)
  end
  return stack
end

-- The rest of the outer call of a process is not in the text.
local function cut_stack(sink, owner)
  local stack = stack_of(sink, owner)
  if stack then
    sink.cut = sink.cut + (stack.is_taken and 0 or 1)
    set_stack(sink, owner, nil)
  end
end

-- The first line of a call. A free happens here, and a realloc may give the old block away.
local function begin(sink, owner, name, text)
  local stack = { name, text = text, nested = 0 }
  set_stack(sink, owner, stack)
  stack.is_taken = calls.begin(sink, stack)
  return true
end

-- A call that another call of the allocator makes in the same process is part of that one.
local function nest(sink, owner, stack, name, is_whole)
  stack.nested = stack.nested + 1
  if stack.nested > NESTED_MOST then
    cut_stack(sink, owner)
    return false
  end
  sink.nested = sink.nested + 1
  if not is_whole then
    table.insert(stack, name)
  end
  return true
end

-- Takes a call, or its first line: then `is_whole` is false.
local function take(sink, owner, name, text, is_whole)
  if not sink.processes:is_own(owner) then
    sink:other()
    return true
  end
  local stack = stack_of(sink, owner)
  if stack and nest(sink, owner, stack, name, is_whole) then
    return true
  elseif not is_whole then
    return begin(sink, owner, name, text)
  end
  local arguments, result = match(text, "^([^()]*)%)%s+=%s+(%S+)")
  if not arguments then
    result = result_of(text)
    arguments = result and match(text, "^[^)]*")
  end
  if not arguments and calls.is_free(name) then
    arguments = match(text, "^([^()]*)%)%s*$")
  end
  return arguments ~= nil and calls.read(sink, name, arguments, result)
end

-- The last line of a call. Lines of the calls inside it may be missing.
local function resume(sink, owner, name, result)
  if not sink.processes:is_own(owner) then
    return true
  end
  local stack = stack_of(sink, owner)
  local depth = stack and #stack or 0
  while depth > 0 and stack[depth] ~= name do
    depth = depth - 1
  end
  if depth == 0 then
    sink.cut = sink.cut + 1
    return true
  end
  for i = #stack, depth, -1 do
    stack[i] = nil
  end
  if depth == 1 then
    set_stack(sink, owner, nil)
    return calls.finish(sink, name, stack, result)
  end
  return true
end

-- {=== Lines

local function read_resumed(sink, line, at)
  local owner, name, result = owner_of(line), split_resumed(line, at)
  if not result then
    return not (name and calls.reader_of(name))
  elseif calls.forks[name] then
    sink.processes:forked(owner, result)
    return true
  elseif calls.threads[name] then
    sink.processes:made_thread(owner)
    return true
  end
  return not calls.reader_of(name) or resume(sink, owner, name, result)
end

-- A line about a process: "100 +++ exited (status 0) +++".
local function read_event(sink, line)
  local owner = owner_of(line)
  if find(line, "--- Called exec() ---", 1, true) then
    cut_stack(sink, owner)
    sink.processes:replaced(owner)
    return
  end
  sink.processes:is_own(owner)
  if find(line, "+++ ", 1, true) then
    cut_stack(sink, owner)
  elseif find(line, "--- SIGCHLD", 1, true) then
    sink.processes:child_ended()
  end
end

-- A call of another function, which may make a process or a thread.
local function read_other(sink, line, name, first, owner)
  local result = result_of(sub(line, first))
  if calls.forks[name] and result then
    sink.processes:forked(owner, result)
  elseif calls.forks[name] then
    sink.processes:forks(owner)
  elseif calls.threads[name] and (result == "0" or not result) then
    sink.processes:makes_thread(owner, result ~= nil)
  else
    sink.processes:is_own(owner)
  end
  return true
end

-- Does libc itself make the call whose arguments are at a place?
local function is_of_libc(line, first)
  return find(line, "libc.so", 1, true)
    and find(sub(line, 1, first - 1), "libc%.so[%d.]*%->[%w_]+%($")
end

local function read_call(sink, line, name, first)
  local owner = owner_of(line)
  if not calls.reader_of(name) then
    return read_other(sink, line, name, first, owner)
  end
  if is_of_libc(line, first) then
    sink.misnamed = sink.misnamed + 1
    return true
  end
  local text = sub(line, first)
  local cut = find(text, "<unfinished", 1, true) or find(text, "<no return", 1, true)
  return take(sink, owner, name, cut and sub(text, 1, cut - 1) or text, not cut)
end

function M.line(sink, line)
  state_of(sink)
  local resumed = find(line, "<... ", 1, true)
  if resumed and match(sub(line, 1, resumed - 1), "^[^(]*$") then
    return read_resumed(sink, line, resumed)
  elseif find(line, "^[^(]*[-+][-+][-+] ") then
    read_event(sink, line)
    return true
  end
  local name, first = split(line)
  return name == nil or read_call(sink, line, name, first)
end

-- Calls that do not end are cut off.
function M.finish(sink)
  state_of(sink)
  for _, stack in pairs(sink.ltrace.stacks) do
    sink.cut = sink.cut + (stack.is_taken and 0 or 1)
  end
  sink.ltrace.stacks = {}
  sink.cut = sink.cut + sink.core:calls_cut()
  sink.unclear = sink.processes:unclear()
end

return M
