-- Reads texts of sys._debugmallocstats() and PYTHONMALLOCSTATS, also pasted ones: with
-- indentation, prompts, quote marks, colours, dates before each line, or with parts cut off.
-- Each line is recognised by its words, wherever they stand in it.

local M = {}

-- The lines with one value: their words, and the field.
local labels = {
  { "times object malloc called", "mallocs" },
  { "arenas allocated total", "arenas_allocated_total" },
  { "arenas reclaimed", "arenas_reclaimed" },
  { "arenas highwater mark", "arenas_highwater" },
  { "arenas allocated current", "arenas_current" },
  { "bytes in allocated blocks", "allocated_bytes" },
  { "bytes in available blocks", "available_bytes" },
  { "bytes lost to pool headers", "header_bytes" },
  { "bytes lost to quantization", "quantization_bytes" },
  { "bytes lost to arena alignment", "alignment_bytes" },
  { "arena map mid nodes", "map_mid_nodes" },
  { "arena map bot nodes", "map_bot_nodes" },
  { "bytes lost to arena map root", "map_root_bytes" },
  { "bytes lost to arena map mid", "map_mid_bytes" },
  { "bytes lost to arena map bot", "map_bot_bytes" },
}

-- The lines of the report on mimalloc, which 3.13 and later print if it serves requests.
local mimalloc_labels = {
  { "Medium block threshold = ", "medium_threshold" },
  { "Large object max size = ", "large_most" },
  { "Allocated Blocks: ", "blocks" },
  { "Allocated Bytes: ", "allocated_bytes" },
  { "Allocated Bytes w/ Overhead: ", "allocated_with_overhead_bytes" },
  { "Bytes Reserved: ", "reserved_bytes" },
  { "Bytes Committed: ", "committed_bytes" },
}

-- No process has more bytes, blocks or pools, and no arena is larger. With these bounds, sums
-- and products of the numbers fit in integers.
M.BYTES_MOST, M.COUNT_MOST, M.SIZE_MOST = 1 << 48, 1 << 40, 1 << 30

--- The fields that are read from a line with one value.
M.label_fields = {}
for _, label in ipairs(labels) do
  table.insert(M.label_fields, label[2])
end
for _, label in ipairs(mimalloc_labels) do
  table.insert(M.label_fields, "mimalloc_" .. label[2])
end

-- "1,234" -> 1234. A number above the bound is nil.
local function number(digits, most)
  local value = math.tointeger(tonumber((digits:gsub(",", ""))))
  return value and value <= (most or M.BYTES_MOST) and value or nil
end

-- The same for a size, which is not 0.
local function size(digits)
  local value = number(digits, M.SIZE_MOST)
  return value and value > 0 and value or nil
end

-- {=== Readers of one line. Each returns the fields that the line has, as a table, or nil

local readers = {}

function readers.threshold(line)
  local threshold, count = line:match("Small block threshold = (%d+), in (%d+) size classes")
  return threshold and { threshold = size(threshold), class_count = size(count) }
end

function readers.arenas(line)
  local count, bytes, all = line:match("(%d+) arenas %* (%d+) bytes/arena%s*=%s*([%d,]+)")
  return count and { arena_count = number(count, M.COUNT_MOST), arena_size = size(bytes),
    arena_bytes = number(all) }
end

function readers.unused(line)
  local count, bytes, all = line:match("(%d+) unused pools %* (%d+) bytes%s*=%s*([%d,]+)")
  return count and { unused_pools = number(count, M.COUNT_MOST), pool_bytes = size(bytes),
    unused_pool_bytes = number(all) }
end

function readers.label(line)
  for _, label in ipairs(labels) do
    local _, last = line:find(label[1], 1, true)
    local value = last and line:match("^%s*=%s*([%d,]+)", last + 1)
    if value then
      return { [label[2]] = number(value) }
    end
  end
end

function readers.mimalloc(line)
  for _, label in ipairs(mimalloc_labels) do
    local _, last = line:find(label[1], 1, true)
    local value = last and line:match("^%s*(%d+)", last + 1)
    if value then
      return { ["mimalloc_" .. label[2]] = number(value) }
    end
  end
end

-- A row of a size class: its five numbers end the line, and its size is a multiple of its
-- index and 1.
local function read_class(line)
  local cells = {}
  for _, digits in ipairs { line:match("%f[%d](%d+)%s+(%d+)%s+(%d+)%s+(%d+)%s+(%d+)%s*$") } do
    table.insert(cells, number(digits, M.COUNT_MOST))
  end
  local szidx, bytes = cells[1], cells[2]
  local step = #cells == 5 and bytes % (szidx + 1) == 0 and bytes // (szidx + 1)
  if step == 8 or step == 16 then
    return { szidx = szidx, size = bytes, pools = cells[3], live = cells[4],
      available = cells[5] }
  end
end

local function read_free_list(line)
  local count, name, bytes, all =
    line:match("(%d+) free (.-) %* (%d+) bytes each%s*=%s*([%d,]+)")
  local list = count and { name = name, count = number(count, M.COUNT_MOST), size = size(bytes),
    bytes = number(all) }
  return list and list.count and list.size and list.bytes and list or nil
end

-- {=== Reports

-- Does the report have one of these fields already? Then the line is of the next one.
local function has_any(report, fields)
  for name in pairs(fields) do
    if report[name] ~= nil then
      return true
    end
  end
  return false
end

local function has_class(report, class)
  local last = report.classes[#report.classes]
  return last ~= nil and last.szidx >= class.szidx
end

local function new(reports)
  local report = { classes = {}, free_lists = {} }
  table.insert(reports, report)
  return report
end

-- Adds fields to the last report, or to a new one where it has them already.
local function add_fields(reports, fields)
  local report = reports[#reports]
  if not report or has_any(report, fields) then
    report = new(reports)
  end
  for name, value in pairs(fields) do
    report[name] = value
  end
end

local function read_line(line)
  for _, name in ipairs { "threshold", "arenas", "unused", "label", "mimalloc" } do
    local fields = readers[name](line)
    if fields then
      return fields
    end
  end
end

-- The line "Total", which the arena map has too.
local function read_total(reports, line)
  local value = line:match("%f[%a]Total%s*=%s*([%d,]+)")
  local report = reports[#reports]
  if value and report then
    local is_of_map = report.total_bytes or report.map_root_bytes
    report[is_of_map and "map_bytes" or "total_bytes"] = number(value)
  end
  return value
end

local function add_line(reports, line)
  local class = read_class(line)
  if class then
    local report = reports[#reports]
    if not report or has_class(report, class) or report.arena_count or report.total_bytes then
      report = new(reports)
    end
    table.insert(report.classes, class)
    return
  end
  local fields = read_line(line)
  if fields then
    return add_fields(reports, fields)
  elseif not read_total(reports, line) then
    local list = read_free_list(line)
    if list and reports[#reports] then
      table.insert(reports[#reports].free_lists, list)
    end
  end
end

--- All reports in a text, as an array of tables.
function M.all(text)
  local reports = {}
  text = text:gsub("\27%[[%d;]*%a", "")
  for line in text:gmatch("[^\r\n]+") do
    add_line(reports, line)
  end
  return reports
end

return M
