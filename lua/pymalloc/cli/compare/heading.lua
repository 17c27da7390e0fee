-- The end of the help of pymalloc compare.

local lab = require "pymalloc.lab"
local measures = require "pymalloc.experiment.measures"
local text = require "pymalloc.text"

local M = {}

local COLUMNS = 80

local EXAMPLES = [[
Examples: pymalloc compare @startup @json
          pymalloc compare @json --geometry 3.6 --geometry 3.11,pool=4K \
            --geometry 3.11,release=never,name=kept --baseline 3.6
          pymalloc compare @json --policy 3.11,next_arena=lowest \
            --policy 3.11,classes=doubling:8 --oracle live --real glibc
          pymalloc compare @json --sweep pool-bytes=4K..64K \
            --sweep arena-bytes=64K..4M --measure held_mean --svg sweep.svg
          pymalloc compare @startup --measure held_peak,seconds --sort seconds
          pymalloc compare @startup --geometry 3.6 --plot lines --svg s.svg
          pymalloc compare @startup --geometry 3.6 --svg slide.svg \
            --theme dark --scale 2 --title "CPython 3.6"
          pymalloc compare @startup --csv --jobs 2 --sweep pool-bytes=4K,16K
          pymalloc compare @startup --json --plot bars --plot-trace startup
          pymalloc compare @startup --markdown
          pymalloc compare @startup @json --list >cells.txt
          pymalloc compare --cells cells.txt --shard 1/2 --output part.1
          pymalloc compare --cells cells.txt --shard 2/2 --output part.2
          pymalloc compare --merge part.1 part.2 --csv
          pymalloc compare --cell "$(head -n 1 cells.txt)"

A GEOMETRY is a profile and KEY=VALUE, separated by commas; POLICIES the same,
with the fields of pymalloc.lab; an ORACLE is live or lifetimes; an ALLOCATOR is
glibc, jemalloc, mimalloc, tcmalloc, cpython or the path of a library. The key
name gives the name in the table. Numbers may end in K, M or G. pool, arena and
retain are short for pool_bytes, arena_bytes and retain_bytes. The beginning of
a policy's name is enough if no other policy begins so.
Without designs, 3.6 and 3.11 are compared. Without a geometry and a policy, the
values of a sweep are fields of 3.11.
A SWEEP is KEY=FIRST..LAST, which doubles, or KEY=VALUE,VALUE...]]

local function wrapped(sentence)
  return table.concat(text.wrap(sentence, COLUMNS), "\n")
end

-- A line for each kind of policy, with the names of its policies.
local function policy_lines()
  local lines = {}
  for kind, policies in pairs(lab.policies()) do
    local names = {}
    for i, policy in ipairs(policies) do
      names[i] = policy.name
    end
    table.insert(lines, ("%s: %s."):format(kind, table.concat(names, "; ")))
  end
  table.sort(lines)
  for i, line in ipairs(lines) do
    lines[i] = table.concat(text.wrap(line, COLUMNS, "  ", "    "), "\n")
  end
  return table.concat(lines, "\n")
end

--- The examples, the grammar of designs, and the names of all policies and measures.
function M.text()
  return EXAMPLES .. "\n\nThe policies are:\n" .. policy_lines() .. "\n\n"
    .. wrapped("The measures are " .. table.concat(measures.names(), ", ")
      .. ", and the fields of a summary of pymalloc.trace.")
end

return M
