-- The format of heaptrack's data files, interpreted (.zst, .gz) and raw. Each line begins with
-- a letter; numbers are hexadecimal.
--
--     v VERSION FILE_VERSION     s LENGTH TEXT, or s TEXT before version 3: the next string
--     i IP MODULE FUNCTION FILE LINE ...: the next instruction
--     t INSTRUCTION PARENT: the next stack     a SIZE STACK: the next kind of allocation
--     + KIND, - KIND: an allocation and a free of that kind
--
-- Version 0 and raw files have + SIZE STACK ADDRESS and - ADDRESS instead. The number of a stack
-- is that of its site, because each stack, and nothing else, defines a site. Interpreted files do
-- not say which of the blocks of a kind is freed: the last one allocated is taken. A realloc is
-- a free and an allocation. Raw files have no names of functions.

local M = {
  templates = { "kind_malloc|+ %x", "kind_free|- %x", "site_malloc|+ %x %k %h", "site|t %x %k",
    "kind|a %x %k", "skip|c %*", "skip|R %*" },
}

function M.fits(lines)
  for i = 1, math.min(#lines, 50) do
    if lines[i]:find("^v %x+") then
      return true
    elseif not lines[i]:find("^[#xXmIscRA]") then
      return false
    end
  end
  return false
end

local function hex_numbers(text)
  local list = {}
  for digits in text:gmatch("%x+") do
    table.insert(list, assert(tonumber(digits, 16)))
  end
  return list
end

local function state_of(sink)
  sink.state = sink.state or { strings = {}, file_version = 0 }
  return sink.state
end

local readers = {}

function readers.v(state, text)
  local numbers = hex_numbers(text)
  local version = numbers[2] or (numbers[1] == 0x10200 and 1 or 0)
  if version > 3 then
    return nil, ("version %d of heaptrack files is unknown (the last known: 3)"):format(version)
  end
  state.file_version = version
end

function readers.s(state, text)
  local string = state.file_version >= 3 and text:match("^%x+ (.*)$") or text
  table.insert(state.strings, string)
end

-- "FILE:LINE FUNCTION", or the address of an instruction without debug information.
function readers.i(state, text, sink)
  local numbers = hex_numbers(text)
  local name = state.strings[numbers[3] or 0]
  local file, line = state.strings[numbers[4] or 0], numbers[5]
  local place = file and ("%s:%d"):format(file:match("[^/]*$"), line or 0)
  sink.core:label(place and place .. (name and " " .. name or "") or name
    or ("0x%x"):format(numbers[1]))
end

function readers.t(_, text, sink)
  local numbers = hex_numbers(text)
  sink.core:labelled(numbers[2] or 0, numbers[1])
end

-- The site of a stack; 0 if it is not defined.
local function site_of(sink, stack)
  return stack and stack > 0 and stack <= sink.core:sites() and stack or 0
end

-- In files of version 0 a number behind + or - is not a kind.
function readers.a(state, text, sink)
  local numbers = hex_numbers(text)
  if state.file_version > 0 then
    sink.core:kind(numbers[1], site_of(sink, numbers[2]))
    state.has_kinds = true
  end
end

readers["+"] = function(_, text, sink)
  local number = tonumber(text, 16)
  if not number then
    local size, stack, address = table.unpack(hex_numbers(text))
    sink.core:at(site_of(sink, stack))
    sink.core:put("malloc", assert(address), size)
  elseif not sink.core:put("kind_malloc", 0, number) then
    return false, ("allocation kind %x is not defined"):format(number)
  end
end

readers["-"] = function(state, text, sink)
  local number = assert(tonumber(text, 16))
  if not state.has_kinds then
    sink:free(number)
  elseif not sink.core:put("kind_free", 0, number) then
    return false, ("no block of kind %x is live"):format(number)
  end
end

function M.line(sink, line)
  local letter, text = line:match("^(.) ?(.*)$")
  local read = readers[letter]
  if read then
    local ok, why = read(state_of(sink), text, sink)
    if ok == nil and why or ok == false then
      return ok, why
    end
    return true
  end
  return letter:find("[#xXmIcRASe]") ~= nil
end

return M
