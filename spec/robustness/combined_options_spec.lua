-- Tests heaps with every combination of the options below, from their first
-- request to their end. For some of the requests a heap has a listener.

require "pymalloc" -- must be loaded before pymalloc_faults
local faults = require "pymalloc_faults"
local heaps = require "spec.support.heaps"

setup(heaps.stop_collector)
teardown(heaps.restart_collector)

local CHOICES = {
  { "profile", "classroom", "3.6", "3.11" },
  { "checked", false, true },
  { "debug", "off", "3.6", "3.8" },
  { "cache_blocks", 0, 5 },
  { "medium", false, true },
  { "max_bytes", math.maxinteger, 1 << 26 },
  { "retain_bytes", 0, 1 << 20 },
  { "count_hops", false, true },
}

-- Calls use(options) for every combination.
local function each(use, options, depth)
  local choice = CHOICES[depth]
  if not choice then
    return use(options)
  end
  for i = 2, #choice do
    options[choice[1]] = choice[i]
    each(use, options, depth + 1)
  end
end

local function text_of(options)
  local parts = {}
  for _, choice in ipairs(CHOICES) do
    table.insert(parts, choice[1] .. "=" .. tostring(options[choice[1]]))
  end
  return table.concat(parts, " ")
end

-- Takes and frees blocks of pools and of the raw allocator. During some of the
-- requests the heap has a listener.
local function live(heap)
  local events = 0
  local blocks = heaps.take(heap, 60, 40)
  heaps.take(heap, 3, 2000)
  local subscription = heap:on(function()
    events = events + 1
  end)
  heaps.give(heap, blocks, 1, 40)
  assert(heap:check())
  subscription:remove()
  heaps.take(heap, 20, 40)
  heap:trim()
  assert(heap:check())
  assert.is_true(events > 0)
end

describe("a heap with any combination of options", function()
  it("serves requests, passes its check, and frees all its memory", function()
    local count = 0
    each(function(options)
      count = count + 1
      local ledger = faults.ledger()
      local heap = ledger:heap(options)
      local is_fine, message = pcall(live, heap)
      assert(is_fine, text_of(options) .. ": " .. tostring(message))
      heap:close()
      assert.equal(0, ledger:accounts().raw_count)
    end, {}, 1)
    assert.equal(3 * 2 * 3 * 2 * 2 * 2 * 2 * 2, count)
  end)
end)
