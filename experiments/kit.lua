-- What several experiments use: tables, blocks of heaps, and traces.

local M = {}

M.KIB, M.MIB = 1024, 1 << 20

--- The processor and the kernel of this machine: "Intel(R) Xeon(R) Processor, model 207, 2
-- processors, Linux 6.18".
function M.machine()
  local info <close> = assert(io.open("/proc/cpuinfo"))
  local release <close> = assert(io.open("/proc/sys/kernel/osrelease"))
  local text = info:read("a")
  local _, count = text:gsub("processor%s*:", "")
  return ("%s, model %s, %d processors, Linux %s"):format(
    text:match("model name%s*: ([^\n]*)") or "unknown processor",
    text:match("model%s*: (%d+)") or "unknown", count, release:read("l"):match("^%d+%.%d+"))
end

--- An integer with commas: 30969000 -> "30,969,000".
function M.commas(number)
  local text = tostring(math.tointeger(number) or number)
  while text:find("^-?%d%d%d%d") do
    text = text:gsub("^(-?%d+)(%d%d%d)", "%1,%2")
  end
  return text
end

function M.mib(bytes)
  return ("%.1f MiB"):format(bytes / M.MIB)
end

function M.kib(bytes)
  return M.commas(math.floor(bytes / M.KIB + 0.5)) .. " KiB"
end

function M.percent(part, whole)
  return ("%.1f %%"):format(100 * part / whole)
end

--- The lines of a table in Markdown. The first `left` columns are aligned to the left.
function M.table(columns, rows, left)
  local marks = {}
  for i = 1, #columns do
    marks[i] = i <= (left or 1) and "---" or "---:"
  end
  local lines = { "| " .. table.concat(columns, " | ") .. " |",
    "| " .. table.concat(marks, " | ") .. " |" }
  for _, row in ipairs(rows) do
    local cells = {}
    for i = 1, #columns do
      cells[i] = tostring(row[i] == nil and "-" or row[i])
    end
    table.insert(lines, "| " .. table.concat(cells, " | ") .. " |")
  end
  return table.concat(lines, "\n")
end

--- A trace from lines.
function M.trace(lines, name)
  return { text = table.concat(lines, "\n") .. "\n", name = name }
end

--- A generator of pseudo-random integers from 1 to `most`, the same for a seed.
function M.dice(seed)
  local state = seed
  return function(most)
    state = (state * 6364136223846793005 + 1442695040888963407) & math.maxinteger
    return (state >> 24) % most + 1
  end
end

--- Allocates `count` blocks of that many bytes. Returns their addresses, in order.
function M.fill(heap, count, bytes)
  local blocks = table.move({}, 1, 0, 1)
  for i = 1, count do
    blocks[i] = heap:malloc(bytes)
  end
  return blocks
end

function M.free_all(heap, blocks)
  for i = 1, #blocks do
    heap:free(blocks[i])
  end
end

--- The geometries that CPython's developers discussed, with one rule of release, so that only
-- sizes differ.
M.geometries = {
  { profile = "3.11", alignment = 8, pool_bytes = 4096, arena_bytes = 256 * M.KIB,
    name = "8 B, 4 KiB, 256 KiB" },
  { profile = "3.11", pool_bytes = 4096, arena_bytes = 256 * M.KIB,
    name = "16 B, 4 KiB, 256 KiB" },
  { profile = "3.11", name = "16 B, 16 KiB, 1 MiB" },
  { profile = "3.11", arena_bytes = 2 * M.MIB, name = "16 B, 16 KiB, 2 MiB" },
  { profile = "3.11", pool_bytes = 64 * M.KIB, arena_bytes = 4 * M.MIB,
    name = "16 B, 64 KiB, 4 MiB" },
}

return M
