-- Says in words what a report shows.

local fragmentation = require "pymalloc.fragmentation"
local text = require "pymalloc.text"
local versions = require "pymalloc.report.versions"

local M = {}

local CLASSES_SHOWN = 3
local WIDTH = 80

local group, share = text.group, text.share

-- {=== The kinds of fragmentation

local needed = { "allocated_bytes", "available_bytes", "unused_pool_bytes", "header_bytes",
  "quantization_bytes", "alignment_bytes", "arena_bytes" }

--- The kinds of fragmentation, as fragmentation.kinds gives them; nil if lines that are needed
-- are missing.
function M.kinds(report)
  for _, name in ipairs(needed) do
    if not report[name] then
      return nil
    end
  end
  local step = versions.step(report)
  return step and fragmentation.kinds(report, step) or nil
end

-- {=== Sentences, which are added to an array of lines

local function say(lines, format, ...)
  for _, line in ipairs(text.wrap(format:format(...), WIDTH)) do
    table.insert(lines, line)
  end
end

local function say_version(lines, report)
  local found, profile = versions.of(report)
  if report.mimalloc_blocks then
    say(lines, "The report of mimalloc, which CPython 3.13 and later print if it serves requests. "
      .. "It has no arenas of pymalloc.")
  elseif #found == 0 then
    say(lines, "No version of CPython is known to print these numbers: the threshold, the step "
      .. "between classes and the sizes of pools, arenas and the arena map belong to no version.")
  else
    say(lines, "Printed by CPython %s%s.", table.concat(found, ", or "),
      profile and (" (profile %s)"):format(profile) or "")
  end
end

local function say_arenas(lines, report)
  if report.arenas_current and report.arenas_highwater then
    say(lines, "%s now, %d at most at one time%s.", text.count(report.arenas_current, "arena"),
      report.arenas_highwater, report.arenas_reclaimed
        and (", %d released since the start"):format(report.arenas_reclaimed) or "")
  end
end

local function by_free_bytes(report)
  local list = table.move(report.classes, 1, #report.classes, 1, {})
  table.sort(list, function(a, b)
    local one, other = a.available * a.size, b.available * b.size
    return one > other or one == other and a.size < b.size
  end)
  return list
end

local function say_free_blocks(lines, report)
  local parts = {}
  for i, class in ipairs(by_free_bytes(report)) do
    if i <= CLASSES_SHOWN and class.available > 0 then
      table.insert(parts, ("class %d (blocks of %d bytes): %s of %s blocks free, %s bytes"):format(
        class.szidx, class.size, group(class.available), group(class.available + class.live),
        group(class.available * class.size)))
    end
  end
  if #parts > 0 then
    say(lines, "Kind 3: only requests of the same class get these free blocks. Most of their bytes "
      .. "are in %s.", table.concat(parts, "; "))
  end
end

-- How many arenas could be released if the pools in use were together.
local function say_unused_pools(lines, report)
  local per_arena = report.arena_size // report.pool_bytes
  say(lines, "Kind 4: %s of %s pools are unused. Any class gets them, but they are returned to the "
    .. "system only as whole arenas: %d arenas if the pools in use were all together. One live "
    .. "block keeps its arena.", group(report.unused_pools),
    group(report.arena_count * per_arena), report.unused_pools // per_arena)
end

local function say_kinds(lines, report, kinds)
  table.insert(lines, "")
  for _, line in ipairs(fragmentation.lines(kinds)) do
    table.insert(lines, line)
  end
  table.insert(lines, "")
  say(lines, "Kind 1: a block holds up to %d bytes more than were requested; the report does not "
    .. "tell how many.", versions.step(report) - 1)
  say(lines, "Kind 2: %s.", share(kinds[2].bytes, kinds.arena_bytes) .. " of the arenas is headers "
    .. "of pools, ends of pools that are too small for a block, and pools lost to alignment")
  say_free_blocks(lines, report)
  if report.arena_count and report.unused_pools and report.pool_bytes
    and (report.arena_size or 0) >= report.pool_bytes
  then
    say_unused_pools(lines, report)
  end
  say(lines, "Requests above the threshold are not in the report: the raw allocator serves them.")
end

local function say_mimalloc(lines, report)
  table.insert(lines, "")
  local rows = {
    { "blocks", report.mimalloc_blocks },
    { "bytes allocated", report.mimalloc_allocated_bytes },
    { "bytes committed", report.mimalloc_committed_bytes },
    { "bytes reserved", report.mimalloc_reserved_bytes },
  }
  for i, row in ipairs(rows) do
    rows[i] = { row[1], row[2] and group(row[2]) or "unknown" }
  end
  for _, line in ipairs(text.table(rows, "lr")) do
    table.insert(lines, line)
  end
end

local function say_list(lines, title, list)
  if #list > 0 then
    table.insert(lines, "")
    table.insert(lines, title)
  end
  for _, line in ipairs(list) do
    for _, wrapped in ipairs(text.wrap(line, WIDTH, "  ")) do
      table.insert(lines, wrapped)
    end
  end
end

--- The explanation as an array of lines.
-- @param problems and missing as the module problems gives them
function M.lines(report, problems, missing)
  local lines, kinds = {}, M.kinds(report)
  say_version(lines, report)
  say_arenas(lines, report)
  if report.mimalloc_blocks then
    say_mimalloc(lines, report)
  elseif kinds then
    say_kinds(lines, report, kinds)
  end
  if #missing > 0 then
    table.insert(lines, "")
    say(lines, "Lines that are missing: %s.", table.concat(missing, ", "))
  end
  say_list(lines, "Numbers that do not fit together:", problems)
  if #problems == 0 then
    table.insert(lines, "")
    say(lines, "All numbers that can be computed from other numbers are right.")
  end
  return lines
end

return M
