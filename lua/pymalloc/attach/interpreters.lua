-- Finds the isolated interpreters of CPython 3.12 and later, which have allocators of their
-- own. Interpreters are a list that begins in _PyRuntime; the newest is the first. In 3.12
-- the allocator's state is inside the interpreter's structure, from 3.13 on the structure has
-- a pointer to it.

local locate = require "pymalloc.attach.locate"
local scan = require "pymalloc.attach.scan"

local M = {}

local MOST = 1 << 16
local RUNTIME_WORDS = 1024 -- of _PyRuntime in 3.12: the list begins in them

local function in_3_12()
  return { next = 0, id = 8 }
end

-- The addresses of all interpreters from `head` on, by their ids; nil if it is not such a list.
-- The ids fall along the list.
local function follow(memory, head, offsets)
  local found, last = {}, math.maxinteger
  for _ = 1, MOST do
    local id = scan.word(memory, head + offsets.id)
    if not id or id < 0 or id >= last then
      return nil
    end
    found[id], last = head, id
    head = scan.word(memory, head + offsets.next)
    if head == 0 then
      return id == 0 and found or nil
    elseif not head then
      return nil
    end
  end
end

-- In 3.12 the pointers to the newest and to the main interpreter are next to each other.
local function search(memory, runtime)
  local bytes = runtime and memory:read(runtime, RUNTIME_WORDS * scan.WORD)
  local words = bytes and scan.words(bytes) or {}
  for i = 1, #words - 1 do
    local head, main = words[i], words[i + 1]
    local is_pair = head ~= 0 and main ~= 0 and head % 8 == 0 and main % 8 == 0
    local found = is_pair and follow(memory, head, in_3_12())
    if found and found[0] == main then
      return found
    end
  end
end

local function addresses(memory, python, minor)
  local runtime = python.symbols._PyRuntime
  if minor == 12 then
    return search(memory, runtime)
  elseif not python.offsets or not runtime then
    return nil
  end
  local head = scan.word(memory, runtime + python.offsets.head)
  return head and head ~= 0 and follow(memory, head, python.offsets)
end

-- The offset of the pointer to the state in the structure of the main interpreter.
local function pointer_offset(memory, python, main_interpreter, used)
  local bytes = memory:read(main_interpreter, python.offsets.size) or ""
  for i, word in ipairs(scan.words(bytes)) do
    if word == used.address then
      return (i - 1) * scan.WORD
    end
  end
end

-- A function from the address of an interpreter to that of its usedpools.
local function finder(memory, python, minor, main_interpreter, used)
  if minor == 12 then
    return function(interpreter) return interpreter + used.address - main_interpreter end
  end
  local offset = pointer_offset(memory, python, main_interpreter, used)
  return function(interpreter) return offset and scan.word(memory, interpreter + offset) end
end

--- The interpreters, as a table from the id of each to the state of its allocator (see
-- locate). Those that use the allocator of the main interpreter have its state.
function M.find(memory, python, minor, main)
  local states = { [0] = main }
  local found = minor >= 12 and addresses(memory, python, minor)
  if not found then
    return states
  end
  local used_address = finder(memory, python, minor, found[0], main.used)
  for id, interpreter in pairs(found) do
    local address = id ~= 0 and used_address(interpreter)
    local used = address and address ~= main.used.address and locate.used_at(memory, address)
    local state = used and locate.state(used)
    local has_arenas = state and scan.word(memory, state.addresses.arenas) ~= 0
    states[id] = has_arenas and state or main
  end
  return states
end

return M
