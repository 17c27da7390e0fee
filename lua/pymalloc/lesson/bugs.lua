-- Small programs with one bug each, and the reports of the debug hooks.

local pymalloc = require "pymalloc"

local M = {}

--- The bugs.
M.bugs = { "past the end", "before the start", "after the free", "into the next block",
  "into the pool's header" }

local HEAD_BYTES, TAIL_BYTES = 16, 16
local TRIES = 1000

-- A generator of pseudo-random integers from 1 to `most`, the same for a seed.
local function dice(seed)
  return function(most)
    seed = (seed * 1103515245 + 12345) % (1 << 31)
    return (seed >> 16) % most + 1
  end
end

-- Eight blocks of about two sizes; they are in two pools.
local function make_blocks(heap, throw)
  local blocks = {}
  for i = 1, 8 do
    local size = (throw(2) == 1 and 16 or 40) + throw(8)
    blocks[i] = { buffer = heap:malloc(size), size = size }
    blocks[i].address = blocks[i].buffer:address()
    blocks[i].place = blocks[i].buffer:location()
  end
  return blocks
end

-- The number of the block right after another one; nil if there is none.
local function next_in_pool(blocks, number)
  local one = blocks[number]
  local stride = (one.size + HEAD_BYTES + TAIL_BYTES + 7) // 8 * 8
  for other, block in ipairs(blocks) do
    if block.address == one.address + stride then
      return other
    end
  end
end

-- A function for each bug, which makes it with a block. The last call in it
-- detects the damage. It returns false if the bug is not possible with the block.
local commit = {}

commit["past the end"] = function(heap, blocks, number, throw)
  local block = blocks[number]
  heap:poke(block.address + block.size, ("\x2e"):rep(throw(3)))
  block.buffer:free()
end

commit["before the start"] = function(heap, blocks, number, throw)
  local block = blocks[number]
  local count = throw(3)
  heap:poke(block.address - count, ("\x00"):rep(count))
  block.buffer:free()
end

commit["after the free"] = function(heap, blocks, number, throw)
  local block = blocks[number]
  block.buffer:free()
  heap:poke(block.address + throw(block.size) - 1, "\x01")
  heap:close()
end

commit["into the next block"] = function(heap, blocks, number)
  local block, other = blocks[number], next_in_pool(blocks, number)
  if not other then
    return false
  end
  local count = blocks[other].address - HEAD_BYTES + 8 - block.address - block.size
  heap:poke(block.address + block.size, ("\x2e"):rep(count))
  blocks[other].buffer:free()
end

commit["into the pool's header"] = function(heap, blocks, number)
  local block = blocks[number]
  if block.place.offset ~= 48 + HEAD_BYTES then
    return false
  end
  heap:poke(block.address - HEAD_BYTES - 16, ("\x00"):rep(HEAD_BYTES + 16))
  heap:malloc(block.size)
end

-- Writes addresses as offsets from the first arena, which do not change from run
-- to run.
local function without_base(report, base)
  report = report:gsub("0x(%x%x%x%x%x%x%x+)", function(digits)
    return ("arena+%d"):format(tonumber(digits, 16) - base)
  end)
  return (report:gsub("^pymalloc: ", ""):gsub("\n\n+", "\n"):gsub("%s+$", ""))
end

local function listing(blocks)
  local words = {}
  for i, block in ipairs(blocks) do
    words[i] = ("%d: malloc(%d) at %d:%d:%d"):format(i, block.size, block.place.arena,
      block.place.pool, block.place.offset)
  end
  return words
end

local function try(bug, throw)
  local heap = pymalloc.heap { debug = true }
  local blocks = make_blocks(heap, throw)
  local base, number = heap:arena(0).address, throw(#blocks)
  local ok, report = pcall(commit[bug], heap, blocks, number, throw)
  pcall(heap.close, heap)
  if not ok then
    return { bug = bug, block = number, requests = listing(blocks),
      report = without_base(report, base) }
  end
end

--- A program with one bug.
-- @return { bug = one of M.bugs, block = the number of the request that made the
-- block, requests = lines, report = text }
function M.program(bug, seed)
  local throw = dice(seed)
  for _ = 1, TRIES do
    local program = try(bug, throw)
    if program then
      return program
    end
  end
  error(("found no program with the bug '%s' that is reported"):format(bug), 0)
end

--- The programs as Lua comments, two requests a line.
function M.text(programs)
  local lines = {}
  for number, program in ipairs(programs) do
    table.insert(lines, ("-- Program %d"):format(number))
    for i = 1, #program.requests, 2 do
      table.insert(lines, ("--   %-32s %s"):format(program.requests[i], program.requests[i + 1]))
    end
    for line in program.report:gmatch("[^\n]+") do
      table.insert(lines, "--   " .. line)
    end
    table.insert(lines, "")
  end
  return table.concat(lines, "\n")
end

return M
