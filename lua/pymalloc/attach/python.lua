-- Finds CPython in a process: the program or library that it is in, its version, and how it
-- was built.

local elf = require "pymalloc.attach.elf"

local M = {}

-- The symbols of the allocator's state and of the version. A program that was stripped has
-- only those that begin with Py or _Py.
local wanted = {}
for name in ([[
  Py_Version _PyRuntime Py_FileSystemDefaultEncoding PyExc_SystemError PyMem_Malloc
  arenas usedpools maxarenas unused_arena_objects usable_arenas
  narenas_currently_allocated ntimes_arena_allocated narenas_highwater
  raw_allocated_blocks _Py_AllocatedBlocks arena_map_mid_count arena_map_bot_count
  obmalloc_state_main]]):gmatch("%S+") do
  wanted[name] = true
end

local COOKIE = "xdebugpy"
local DATA_MOST = 64 << 20 -- bytes of data in which the version is searched

-- The files that are mapped, in the order in which they are searched: those with python in
-- their names, the program, all others.
local function candidates(memory)
  local paths, seen = { {}, {}, {} }, {}
  for _, map in ipairs(memory.maps) do
    if map.path:sub(1, 1) == "/" and not seen[map.path] then
      seen[map.path] = true
      local name = map.path:match("[^/]*$")
      local rank = name:find("^libpython") and 1
        or (name:find("python") or map.path == memory.program) and 2 or 3
      table.insert(paths[rank], map.path)
    end
  end
  return table.move(paths[3], 1, #paths[3], 1 + #paths[1] + #paths[2],
    table.move(paths[2], 1, #paths[2], 1 + #paths[1], paths[1]))
end

-- The writable memory of a module: its mappings, and those without a file right behind them,
-- where its zeroed data is.
local function writable(memory, path)
  local ranges, last = {}, nil
  for _, map in ipairs(memory.maps) do
    local is_own = map.path == path
    local is_behind = map.path == "" and map.first == last
    last = (is_own or is_behind) and map.last or nil
    if (is_own or is_behind) and map.is_writable then
      table.insert(ranges, { first = map.first, last = map.last })
    end
  end
  return ranges
end

local function first_address(memory, path)
  for _, map in ipairs(memory.maps) do
    if map.path == path then
      return map.first - map.offset
    end
  end
end

-- The symbols of a file as addresses in the process; nil and a message if it has none.
local function symbols_of(memory, path)
  local file <close> = memory:open(path)
  if not file then
    return nil
  end
  local parsed, problem = elf.new(file)
  if not parsed then
    return nil, problem
  end
  local found, shift = parsed:symbols(wanted), first_address(memory, path) - parsed:base()
  for name, address in pairs(found) do
    found[name] = address + shift
  end
  return found
end

local function is_python(symbols)
  return symbols.Py_Version or symbols._PyRuntime or symbols.PyExc_SystemError
end

-- 0x030b02f0 -> "3.11.2"
local function version_text(word)
  local level, serial = word >> 4 & 15, word & 15
  local suffix = ({ [10] = "a", [11] = "b", [12] = "rc" })[level]
  return ("%d.%d.%d%s"):format(word >> 24 & 255, word >> 16 & 255, word >> 8 & 255,
    suffix and suffix .. serial or "")
end

-- The text of sys.version, which Py_GetVersion keeps in zeroed data.
local function version_in_data(memory, ranges)
  for _, range in ipairs(ranges) do
    local bytes = memory:read(range.first, math.min(range.last - range.first, DATA_MOST)) or ""
    local version = bytes:match("%f[%d](%d%.%d+%.%d+[%w+]*) %([^\0\n]+%) \n?%[")
    if version then
      return version
    end
  end
end

local function version_of(memory, python)
  local symbols = python.symbols
  local bytes = symbols.Py_Version and memory:read(symbols.Py_Version, 4)
  local word = bytes and string.unpack("<I4", bytes)
  if word and word >> 24 == 3 then
    return version_text(word)
  end
  return version_in_data(memory, python.ranges) or python.path:match("python(%d%.%d+)")
end

-- From 3.13 on, _PyRuntime begins with offsets for debuggers: a cookie, the version, and
-- whether the build has no global interpreter lock.
local function read_runtime(memory, python)
  local address = python.symbols._PyRuntime
  local bytes = address and memory:read(address, 48 + 32)
  if not bytes or bytes:sub(1, 8) ~= COOKIE then
    return
  end
  local version, is_free_threaded, _, _, head, size, id, following =
    string.unpack("<I8I8I8I8I8I8I8I8", bytes, 9)
  python.word, python.is_free_threaded = version, is_free_threaded ~= 0
  python.offsets = { head = head, size = size, id = id, next = following }
end

local function describe(memory, path, symbols)
  local python = { path = path, symbols = symbols, ranges = writable(memory, path) }
  read_runtime(memory, python)
  python.version = version_of(memory, python)
  return python
end

--- The symbols that a program still has when it was stripped: those that it exports.
function M.exported(symbols)
  local kept = {}
  for name, address in pairs(symbols) do
    local is_local = not name:find("^_?Py") or name == "_Py_AllocatedBlocks"
    kept[name] = not is_local and address or nil
  end
  return kept
end

--- CPython in a process: path of the file, symbols, ranges of its writable data, version,
-- is_free_threaded, and the offsets of interpreters; nil and a message if it is not there.
function M.find(memory)
  local unreadable
  for _, path in ipairs(candidates(memory)) do
    local symbols, problem = symbols_of(memory, path)
    local is_named = path:match("[^/]*$"):find("^l?i?b?python%d")
    if symbols and is_python(symbols) or not symbols and is_named then
      return describe(memory, path, symbols or {})
    end
    unreadable = path == memory.program and problem or unreadable
  end
  return nil, unreadable
end

return M
