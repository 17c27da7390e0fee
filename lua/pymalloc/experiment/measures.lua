-- The measures of an experiment: name, unit and a sentence each. The unit is "bytes",
-- "percent", "seconds" or "" for a count. Every kind of design uses these names; a measure that
-- it does not have is absent from its results.

local check = require "pymalloc.check"
local trace = require "pymalloc.trace"

local M = {}

--- All measures, in the order in which tables and references list them. A measure with
-- is_cost is taken only where it is asked for; why_unknown is the reason why it may be unknown.
M.list = {
  { name = "held_peak", unit = "bytes",
    text = "bytes of arenas held, the most after any request" },
  { name = "held_mean", unit = "bytes",
    text = "bytes of arenas held, the mean over the moments after each request" },
  { name = "held_end", unit = "bytes",
    text = "bytes of arenas held after the last request" },
  { name = "utilisation_peak", unit = "percent",
    text = "live_peak in per cent of held_peak" },
  { name = "utilisation_mean", unit = "percent",
    text = "live_mean in per cent of held_mean" },
  { name = "live_peak", unit = "bytes",
    text = "bytes requested and live in pools, the most while held_peak was held" },
  { name = "live_mean", unit = "bytes",
    text = "bytes requested and live in pools, the mean over the moments after each "
      .. "request" },
  { name = "live_end", unit = "bytes",
    text = "bytes requested and live in pools after the last request" },
  { name = "waste_rounding", unit = "bytes",
    text = "bytes at the ends of live blocks that were not requested, at the moment of "
      .. "live_peak" },
  { name = "waste_headers", unit = "bytes",
    text = "bytes of pools in use that no block can have, and of arenas that no pool can "
      .. "have, at the moment of live_peak" },
  { name = "waste_free", unit = "bytes",
    text = "bytes of free blocks in pools in use, at the moment of live_peak" },
  { name = "waste_unused", unit = "bytes",
    text = "bytes of pools without a live block, at the moment of live_peak" },
  { name = "system_calls", unit = "",
    text = "reservations of addresses for arenas, commits and decommits of their pages, "
      .. "and advice on large pages, before the end of the heap" },
  { name = "touched_pages", unit = "",
    text = "pages of 4096 bytes in arenas of which a pool header or a carved block has "
      .. "ever covered a byte" },
  { name = "raw_requests", unit = "",
    text = "requests that the raw allocator served" },
  { name = "requests", unit = "",
    text = "all requests: malloc, calloc, realloc and free" },
  { name = "small_requests", unit = "",
    text = "requests that pools served" },
  { name = "live_most", unit = "bytes",
    text = "bytes requested and live in pools, the most after any request" },
  { name = "total_peak", unit = "bytes",
    text = "bytes of arenas held and bytes live in raw blocks together, or resident bytes "
      .. "of a real allocator, the most after any request" },
  { name = "total_mean", unit = "bytes",
    text = "bytes of arenas held and bytes live in raw blocks together, or resident bytes "
      .. "of a real allocator, the mean over the moments after each request" },
  { name = "total_end", unit = "bytes",
    text = "bytes of arenas held and bytes live in raw blocks together, or resident bytes "
      .. "of a real allocator, after the last request" },
  { name = "total_trimmed", unit = "bytes",
    text = "resident bytes of a real allocator after the last request and its function that "
      .. "returns free memory to the system" },
  { name = "total_live_peak", unit = "bytes",
    text = "all bytes requested and live, the most while total_peak was held" },
  { name = "total_live_mean", unit = "bytes",
    text = "all bytes requested and live, the mean over the moments after each request" },
  { name = "total_live_end", unit = "bytes",
    text = "all bytes requested and live after the last request" },
  { name = "arenas_highwater", unit = "",
    text = "arenas held, the most after any request" },
  { name = "arenas_obtained", unit = "",
    text = "arenas obtained in all" },
  { name = "arenas_released", unit = "",
    text = "arenas released in all" },
  { name = "seconds", unit = "seconds", is_cost = true,
    text = "processor time of the requests; of a heap, the least of three replays" },
  { name = "instructions", unit = "", is_cost = true,
    why_unknown = "the system does not let the process count them",
    text = "instructions executed in user space for the requests, the least of three "
      .. "replays; absent where the system does not let the process count them" },
  { name = "page_faults", unit = "", is_cost = true,
    why_unknown = "the system does not count them",
    text = "page faults of the process during the requests, the least of three replays; "
      .. "absent where the system does not count them" },
}

M.of = {}
for _, measure in ipairs(M.list) do
  M.of[measure.name] = measure
end

--- The names of the measures of a plan that names none.
M.default = { "held_peak", "held_mean", "held_end", "utilisation_peak", "utilisation_mean",
  "live_peak", "live_mean", "live_end", "waste_rounding", "waste_headers", "waste_free",
  "waste_unused", "system_calls", "touched_pages", "raw_requests" }

--- Those of an experiment with a real allocator, which has resident bytes and no arenas.
M.default_of_real = { "total_peak", "total_mean", "total_end", "total_trimmed", "total_live_peak",
  "total_live_mean", "total_live_end" }

-- {=== Measures of a pymalloc.Summary

local function utilisation(summary, arena_bytes)
  local most = summary.heap.arenas_highwater * arena_bytes
  return most > 0 and 100 * summary.peak_live_small_bytes / most or 0
end

-- The field of that name of a summary or of its heap, or "utilisation"; nil for another name.
local function value_of(name, summary, arena_bytes)
  if name == "utilisation" then
    return utilisation(summary, arena_bytes)
  end
  local value = summary[name]
  if type(value) ~= "number" then
    value = summary.heap[name]
  end
  return value
end

local function summary_unit(name)
  return name == "utilisation" and "percent" or name:find("_bytes$") and "bytes" or ""
end

-- A measure that a function reads from a summary and the size of an arena.
local function of_summary(name, unit, read)
  return { name = name, unit = unit, needs_summary = true, read = function(result, design)
    return result.summary and read(result.summary, design.arena_bytes)
  end }
end

-- {=== Reading a plan

local function known(name)
  local measure = M.of[name]
  return { name = name, unit = measure.unit, is_cost = measure.is_cost,
    read = function(result)
      return result[name]
    end }
end

--- Checks one measure of a plan, with its number. Returns a table with the fields name, unit,
-- read (a function of a result and its design), needs_summary and is_cost.
function M.read(given, number)
  if type(given) == "function" then
    return of_summary("measure " .. number, "", given)
  elseif type(given) == "table" and type(given[2]) == "function" then
    return of_summary(tostring(given[1]), "", given[2])
  elseif type(given) == "string" and M.of[given] then
    return known(given)
  end
  local sample = trace.replay_text("a 1 8\n")
  if type(given) ~= "string" or value_of(given, sample, 1) == nil then
    error(("pymalloc: experiment: a measure must be one of %s, a field of a summary or of its "
      .. "heap, 'utilisation', a function or { name, function }, got %s"):format(
      table.concat(M.names(), ", "), check.quote(given)), 0)
  end
  return of_summary(given, summary_unit(given), function(summary, arena_bytes)
    return value_of(given, summary, arena_bytes)
  end)
end

--- The names of all measures, in order.
function M.names()
  local names = {}
  for i, measure in ipairs(M.list) do
    names[i] = measure.name
  end
  return names
end

return M
