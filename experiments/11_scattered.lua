local kit = require "experiments.kit"
local pymalloc = require "pymalloc"

local MILLIONS, BYTES, EVERY = 4000000, 208, 100

-- The places of the survivors: one random block of each group of EVERY.
local function survivors(count)
  local throw, survives = kit.dice(7), {}
  for first = 1, count, EVERY do
    survives[first + throw(EVERY) - 1] = true
  end
  return survives
end

-- Bytes of arenas at the peak, after the frees of 99 %, and after those of all.
local function exact(count)
  local heap <close> = pymalloc.heap { profile = "3.12", arena_offset = 4096 }
  local blocks, survives = kit.fill(heap, count, BYTES), survivors(count)
  local held = { heap:stats().arena_bytes }
  for i = 1, count do
    if not survives[i] then
      heap:free(blocks[i])
    end
  end
  table.insert(held, heap:stats().arena_bytes)
  for i in pairs(survives) do
    heap:free(blocks[i])
  end
  table.insert(held, heap:stats().arena_bytes)
  return held
end

-- The same requests as a trace in a file.
local function write_trace(count)
  local path, survives = os.tmpname(), survivors(count)
  local file <close> = assert(io.open(path, "w"))
  for id = 1, count do
    file:write("a ", id, " ", BYTES, "\n")
  end
  for _, is_last in ipairs { false, true } do
    for id = 1, count do
      if (survives[id] or false) == is_last then
        file:write("f ", id, "\n")
      end
    end
  end
  return path
end

-- Resident bytes at the three moments, which are samples 100, 199 and 200 of 200, and after
-- the trim. Adds the curve to `curves`.
local function row_of(loaded, name, curves)
  local result, problem = pymalloc.real.replay(loaded, name, { touch = "all" })
  if not result then
    return { name, problem }
  end
  table.insert(curves, { name = name, x = result.series.requests, y = result.series.total })
  local at = {}
  for i, after in ipairs(result.series.requests) do
    at[after] = result.series.total[i]
  end
  local count = #loaded // 2
  local peak = at[count]
  local row = { name, kit.mib(peak) }
  for _, bytes in ipairs { at[count + count // EVERY * (EVERY - 1)], at[2 * count] } do
    table.insert(row, ("%s (%s)"):format(kit.mib(bytes), kit.percent(bytes, peak)))
  end
  table.insert(row, result.total_trimmed and kit.mib(result.total_trimmed) or "-")
  return row
end

local function picture_of(curves)
  return pymalloc.plot.lines {
    title = "Resident bytes: 4,000,000 objects; 99 %, then all are freed",
    x = { title = "requests" }, y = { title = "bytes", unit = "bytes" }, series = curves }
end

return {
  title = "Four million objects, of which 99 % are freed",
  sources = {
    { "Navide 23 (2026): 4012 arenas of a CPython 3.12 are not given back",
      "https://github.com/nt-nerdtechnic/Navide/issues/23" },
  },
  asked = "The issue has a table for 4,000,000 live small objects on macOS, without the program: "
    .. "870.8 MB at the peak, 871.1 MB after 99 % were freed, the rest scattered, and 44.8 MB "
    .. "after all were freed; with PYTHONMALLOC=malloc 871.2, 871.2 and 343.1 MB.",
  method = ("Blocks of %d bytes stand for the objects: 870.8 MB are 228 bytes for each, with the "
    .. "list that refers to them and the interpreter. All are allocated, then 99 of 100 freed in "
    .. "order (the survivor of each hundred is random), then the rest. The first table has the "
    .. "arenas of 3.12, with 63 pools, for 400,000 blocks. The second has the resident bytes of "
    .. "processes with %s blocks, of which every byte is written."):format(BYTES,
    kit.commas(MILLIONS)),
  run = function()
    local held = exact(MILLIONS // 10)
    return {
      text = kit.table({ "arenas", "peak", "99 % freed", "all freed" }, { { "3.12",
        kit.mib(held[1]), ("%s (%s)"):format(kit.mib(held[2]), kit.percent(held[2], held[1])),
        ("%s (%s)"):format(kit.mib(held[3]), kit.percent(held[3], held[1])) } }),
      facts = { { "per cent of the peak held after 99 % were freed", 100 * held[2] / held[1],
        100 * 871.1 / 870.8, tolerance = 1 } },
      sentence = "One survivor in a hundred pins every arena: nothing is given back at that "
        .. "moment, and all but one arena when the rest is freed.",
    }
  end,
  measure = function()
    local path = write_trace(MILLIONS)
    local loaded <close> = assert(pymalloc.trace.loaded(path))
    os.remove(path)
    local rows, curves = {}, {}
    for i, name in ipairs { "cpython", "glibc", "jemalloc", "mimalloc", "tcmalloc" } do
      rows[i] = row_of(loaded, name, curves)
    end
    return {
      text = kit.table({ "allocator", "peak", "99 % freed", "all freed", "trimmed" }, rows),
      picture = #curves > 0 and picture_of(curves) or nil,
      sentence = "No allocator gives much back while one object in a hundred lives. When all are "
        .. "freed, CPython's and glibc's give back all; the others when they are asked to. The "
        .. "343.1 MB are those of the malloc of macOS, which cannot be measured here.",
    }
  end,
}
