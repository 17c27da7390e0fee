-- The tour that script/demo runs: a replay of the recorded start-up of CPython, a
-- report, a pool header, a buffer and a check.

local pymalloc = require "pymalloc"
local group = require("pymalloc.text").group

local TRACE = "@startup"

local function chapter(title)
  io.write("\n", title, "\n", ("-"):rep(#title), "\n\n")
end

local function say(format, ...)
  io.write(format:format(...), "\n")
end

local function place_name(place)
  return place and ("%d:%d:%d"):format(place.arena, place.pool, place.offset) or "raw"
end

local function summary()
  chapter("1. A recorded program, on a heap of CPython 3.6")
  local figures = assert(pymalloc.trace.replay_file(TRACE))
  local asked = figures.mallocs + figures.callocs + figures.reallocs
  say("%s: %s requests.", TRACE, group(figures.requests))
  say("Of %s requests for memory, pools served %s (%.1f %%), raw %s.", group(asked),
    group(figures.small), 100 * figures.small / asked, group(figures.raw))
  say("At the peak %s blocks with %s bytes were live.", group(figures.peak_live_blocks),
    group(figures.peak_live_bytes))
  say("Arenas: at most %d at a time, %d obtained, %d released.", figures.heap.arenas_highwater,
    figures.heap.arenas_allocated_total, figures.heap.arenas_reclaimed)
end

-- The request after which most blocks are live.
local function peak_of(path)
  local live, most, peak, request = 0, 0, 0, 0
  local change = { malloc = 1, calloc = 1, realloc = 0, free = -1 }
  for operation in assert(pymalloc.trace.each(path)) do
    request = request + 1
    live = live + change[operation]
    if live > most then
      most, peak = live, request
    end
  end
  return peak
end

local function report()
  chapter("2. The report of sys._debugmallocstats(), in the middle of this program")
  local peak = peak_of(TRACE)
  local run <close> = assert(pymalloc.replay(TRACE))
  assert(run:seek(peak))
  say("After request %s, when most blocks are live:\n", group(peak))
  io.write(run.heap:debugmallocstats())
end

local fields = {
  { "ref_count", "live blocks" },
  { "freeblock", "the first free block" },
  { "nextpool", "the next pool of its ring" },
  { "prevpool", "the previous pool of its ring" },
  { "arenaindex", "slot of its arena" },
  { "szidx", "size class" },
  { "nextoffset", "the next virgin block, which was never used" },
  { "maxnextoffset", "the last offset at which a block fits" },
}

-- A field of a header as text: addresses as places. The only pool of a ring is linked to the
-- ring itself on both sides.
local function show(heap, pool, name)
  local value = pool[name]
  if name == "freeblock" then
    return place_name(heap:locate(value))
  elseif name == "nextpool" or name == "prevpool" then
    local place = heap:locate(value)
    return place and place_name(place) or ("usedpools[%d]"):format(pool.szidx)
  end
  return tostring(value)
end

local function pool_header(heap)
  chapter("3. One pool header, field by field")
  local kept = {}
  for i = 1, 5 do
    kept[i] = heap:malloc(24)
  end
  local pool = kept[1]:pool()
  kept[2]:free()
  kept[4]:free()
  say("Five blocks of 24 bytes, of which the second and then the fourth were freed.")
  say("Places are arena:pool:offset.\n")
  for _, row in ipairs(fields) do
    say("  %-14s %-13s %s", row[1], show(heap, pool, row[1]), row[2])
  end
  say("\n  free chain     %s", table.concat(pool:freelist(), " -> "))
  return { kept[1], kept[3], kept[5] }
end

-- The message of the error that a function raises, without the line's number.
local function raised(action)
  local _, message = pcall(action)
  return (message:gsub("^.-:%d+: ", ""))
end

local function buffer(heap)
  chapter("4. A typed buffer")
  local squares = heap:buffer("i32", 10)
  for i = 1, #squares do
    squares[i] = i * i
  end
  say("%s", tostring(squares))
  say("squares[7] is %d, its block is at %s.", squares[7], place_name(squares:location()))
  say("squares[12]: %s", raised(function() return squares[12] end))
  say("squares[1] = 1 << 40: %s", raised(function() squares[1] = 1 << 40 end))
  squares:resize(20)
  say("Resized to %d, squares[7] is %d, its block is at %s.", #squares, squares[7],
    place_name(squares:location()))
  squares:free()
  say("Freed: %s", raised(function() return squares[7] end))
  say("The next block of 80 bytes is at %s: the block freed last is used first.",
    place_name(heap:malloc(80):location()))
end

summary()
report()
local heap <close> = pymalloc.heap()
local kept = pool_header(heap)
buffer(heap)
chapter("5. A check of all invariants")
say("heap:check() returns %s; the %d blocks of part 3 are still live.", tostring(heap:check()),
  #kept)
io.write("\n")
