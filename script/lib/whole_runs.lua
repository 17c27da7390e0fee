-- Runs programs in a CPython with the witness (bindings/python/witness.c), and compares
-- each run with a heap (pymalloc-verify).

local here = (arg[0]:match("^(.*/)") or "./") .. "lib/"
local tree = dofile(here .. "tree.lua")
local interpreters = dofile(here .. "interpreters.lua")

local M = {}

M.COUNTS = { "requests", "places", "obtained", "released", "reports", "headers" }

--- The programs: a name, and the words after "python3", in which LIBRARY is the folder of
-- Python's own modules. `short` ones run with --short, too. An `offset` is the misalignment
-- of the arenas of versions whose pools are larger than a page; that of the others is 0.
-- Arenas that are "mapped" lie where CPython maps them: some miss the alignment of pools,
-- and some do not.
-- `marks` is the number of requests from one comparison of reports and headers to the next,
-- by default 50,000.
M.programs = {
  { "start", short = true, "-c pass" },
  { "pydoc", short = true, offset = 4096, "-m pydoc argparse collections typing unittest" },
  { "dis", offset = 12288, "-m dis LIBRARY/argparse.py" },
  { "tokenize", offset = 8192, "-m tokenize LIBRARY/argparse.py" },
  { "shuffled", offset = "mapped", marks = 250000, "bindings/python/bench.py shuffled" },
  { "workload", marks = 250000, "bindings/python/workload.py" },
}

-- Has this version pools of 16 KiB?
local function has_large_pools(python)
  return (tonumber(python.version:match("^3%.(%d+)")) or 0) >= 10
end

-- The library that records this version.
local function witness_of(python)
  return python.version:find("^2") and "witness_two" or "witness"
end

local function words(python, program)
  return (program[2]:gsub("LIBRARY", function()
    return tree.quoted(python.library)
  end))
end

-- The environment and the words of a program that the witness records.
local function recording(build, python, program, path)
  local offset = has_large_pools(python) and program.offset or 0
  return ("%sPYMALLOC_WITNESS=%s PYMALLOC_WITNESS_OFFSET=%s PYMALLOC_WITNESS_MARKS=%d "
    .. "LD_PRELOAD=%s/pymalloc/%s.so %s %s"):format(interpreters.CLEAN, path, offset,
    program.marks or 50000, build, witness_of(python), tree.quoted(python.path),
    words(python, program))
end

local WORDS = {
  ["#+"] = "obtained an arena",
  ["#-"] = "released the arena of slot %s",
  ["#="] = "placed the block at %s (arena:pool:offset)",
  ["#= L"] = "had the block served by the raw allocator",
  ["#= NULL"] = "refused",
}

-- A line of a record in words.
local function in_words(line)
  local kind, rest = line:match("^(#[-+=]) ?(.*)$")
  local form = kind and (WORDS[line] or WORDS[kind])
  return form and "  " .. form:format(rest) or line
end

-- What pymalloc-verify said of a difference, in words.
local function explain(said)
  local lines = {}
  for line in said:gmatch("[^\n]+") do
    table.insert(lines, in_words(line))
  end
  return table.concat(lines, "\n")
end

local function counts_of(said)
  local counts = {}
  for _, name in ipairs(M.COUNTS) do
    counts[name] = math.tointeger(tonumber(said:match("(%d+) [a-z ]*" .. name)))
  end
  return counts, math.tointeger(tonumber(said:match("alignment (%d+)")))
end

--- Runs a program. Returns the counts of what was compared, and the alignment of blocks; or
-- nil, the first difference in words, and the commands that show it again.
function M.compare(build, python, program, scratch)
  local errors = scratch .. "/errors"
  -- the record is a pipe: descriptor 3 of CPython
  local pipe = assert(io.popen(("{ %s 3>&1 >/dev/null 2>%s | %s/pymalloc-verify -; } 2>&1")
    :format(recording(build, python, program, "/dev/fd/3"), errors, build)))
  local said = pipe:read("a")
  if pipe:close() then
    return counts_of(said)
  end
  local complaint = said:find("has no end", 1, true)
    and ("\n" .. (tree.read(errors) or "")):match("\npymalloc%.witness: [^\n]*") or ""
  return nil, explain(said) .. complaint,
    recording(build, python, program, "RECORD") .. "\n" .. build .. "/pymalloc-verify RECORD"
end

return M
