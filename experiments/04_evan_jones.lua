local kit = require "experiments.kit"
local pymalloc = require "pymalloc"

local COUNT, DICT_BYTES = 2000000, 64 -- an empty dict of 3.11 with its header for the collector

-- The steps of the program: a list of None, of empty dicts, of None, of dicts; all freed.
local function arenas_of(release)
  local heap <close> = pymalloc.heap { profile = "3.11", arena_offset = 4096, release = release }
  local seen, blocks = {}, {}
  for _, is_dicts in ipairs { false, true, false, true, false } do
    if is_dicts then
      blocks = kit.fill(heap, COUNT, DICT_BYTES)
    else
      kit.free_all(heap, blocks)
      blocks = {}
    end
    table.insert(seen, heap:stats().arena_bytes // heap.geometry.arena_bytes)
  end
  return seen
end

local PROGRAM = [[
import sys
n = 2000000
def arenas():
    sys._debugmallocstats()
    sys.stderr.write("\n@\n")
    sys.stderr.flush()
l = [None] * n
arenas()
for i in range(n): l[i] = {}
arenas()
for i in range(n): l[i] = None
arenas()
for i in range(n): l[i] = {}
arenas()
for i in range(n): l[i] = None
del l
arenas()
]]

-- The arenas of a real interpreter at each step; nil if it cannot be run.
local function live(python)
  local path = os.tmpname()
  local file <close> = assert(io.open(path, "w"))
  file:write(PROGRAM)
  file:close()
  local pipe = io.popen(("env -u LD_PRELOAD PYTHONMALLOC=pymalloc PYTHONHASHSEED=0 %s -S %s "
    .. "2>&1 >/dev/null"):format(python, path))
  local seen = {}
  for line in pipe:lines() do
    local count = line:match("arenas allocated current *= *([%d,]+)")
    if count then
      table.insert(seen, (count:gsub(",", "")))
    end
  end
  pipe:close()
  os.remove(path)
  return #seen == 5 and seen or nil
end

local columns = { "", "None", "{}", "None", "{}", "freed" }

return {
  title = "Evan Jones's program",
  sources = {
    { "Evan Jones: Improving Python's Memory Allocator (PyCon 2005); the patch became 2.5's",
      "https://www.evanjones.ca/memoryallocator/" },
  },
  asked = "Does a program that fills a list of 2,000,000 elements with dicts, and empties it, give "
    .. "its memory back? Before 2.5 it did not. We found no table of figures for his test.",
  method = "A list has 2,000,000 times None, then as many empty dicts, then None, dicts, and "
    .. "nothing. The table has the arenas held after each step, for blocks of 64 bytes (an empty "
    .. "dict of 3.11) and arenas of 63 pools, without the objects of the interpreter itself.",
  run = function()
    local keep, never = arenas_of "keep_last", arenas_of "never"
    return {
      text = kit.table(columns, { { "3.11: the last empty arena is kept", table.unpack(keep) },
        { "before 2.5: no arena is released", table.unpack(never) } }),
      sentence = ("With a rule of release, %d arenas of 1 MiB are held only while the dicts live; "
        .. "without one, until the program ends."):format(keep[2]),
    }
  end,
  measure = function()
    local rows = {}
    for _, minor in ipairs { 11, 12, 13 } do
      local python = "python3." .. minor
      local seen = live(python)
      table.insert(rows, seen and { "CPython 3." .. minor, table.unpack(seen) }
        or { "CPython 3." .. minor .. ": no command " .. python })
    end
    return { text = kit.table(columns, rows), sentence = "The interpreter's own objects need one "
      .. "arena or two more." }
  end,
}
