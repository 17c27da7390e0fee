local pymalloc = require "pymalloc"
local faults = require "pymalloc_faults"
local heaps = require "spec.support.heaps"

setup(heaps.stop_collector)
teardown(heaps.restart_collector)

local KIB = 1024

-- With a sanitizer, the resident memory is also that in which the sanitizer keeps its notes on
-- the blocks, and nothing gives that back.
local is_sanitized = package.searchpath("pymalloc.preload", package.cpath) == nil
local check = is_sanitized and pending or it

-- Returns the resident anonymous memory of this process, in KiB.
local function resident_kib()
  local file <close> = assert(io.open("/proc/self/status"))
  return tonumber(file:read("a"):match("RssAnon:%s*(%d+)"))
end

-- Replaces each element of a list by the address of a new block of 512 bytes, zeroed.
local function take(heap, taken)
  for i = 1, #taken do
    taken[i] = faults.calloc(heap, 1, 512)
  end
end

-- A list of `count` elements, made before the memory is measured.
local function list(count)
  local made = {}
  for i = 1, count do
    made[i] = i
  end
  return made
end

describe("the resident memory of a heap after trim", function()
  for name, options in pairs {
    ["an exact heap"] = {},
    ["a heap with finer arenas"] = { arena_bytes = 64 * KIB },
    ["a cached heap"] = { profile = "3.11", cache_bytes = 64 * KIB },
  } do
    for _, mib in ipairs { 3, 35, 45 } do -- large pages begin at 32
      check(("is less than 1.2 MiB after a peak of %d MiB, on %s"):format(mib, name), function()
        options.retain_bytes = 64 * KIB * KIB
        local heap <close> = pymalloc.heap(options)
        local taken = list(2 * KIB * mib)
        local before = resident_kib()
        take(heap, taken)
        assert.is_true(resident_kib() - before >= mib * KIB)
        faults.free_all(heap, taken)
        heap:trim()
        assert.is_true(resident_kib() - before < 1200, "the memory is still resident")
      end)
    end
  end
end)
