--- Reports of sys._debugmallocstats(), read from text.
--
--     local report = assert(pymalloc.report.parse(text))
--     print(report)

local comparison = require "pymalloc.report.compare"
local core = require "pymalloc.core"
local explanation = require "pymalloc.report.explain"
local parsing = require "pymalloc.report.parse"
local problems = require "pymalloc.report.problems"
local shape = require "pymalloc.report.shape"
local versions = require "pymalloc.report.versions"

local M = {}

--- pymalloc.Report: the numbers of a report; tostring explains it. Numbers whose line is
-- missing are nil. With debug hooks that count requests there is also mallocs, their number,
-- and in a report of mimalloc the numbers mimalloc_blocks and others.
-- @tfield integer threshold largest request that pools serve, in bytes
-- @tfield integer class_count number of size classes
-- @tfield table[] classes the rows: szidx, size, pools, live, available
-- @tfield integer arenas_allocated_total arenas ever obtained
-- @tfield integer arenas_reclaimed arenas ever released
-- @tfield integer arenas_highwater most arenas at one time
-- @tfield integer arenas_current live arenas
-- @tfield integer arena_count the same number, from the line with bytes/arena
-- @tfield integer arena_size bytes of an arena
-- @tfield integer arena_bytes size of all live arenas
-- @tfield integer allocated_bytes bytes in live blocks
-- @tfield integer available_bytes bytes in free and virgin blocks of pools in use
-- @tfield integer unused_pools pools that are empty or not carved
-- @tfield integer pool_bytes bytes of a pool
-- @tfield integer unused_pool_bytes bytes of these pools
-- @tfield integer header_bytes bytes of headers of pools in use
-- @tfield integer quantization_bytes bytes behind the last block of pools in use
-- @tfield integer alignment_bytes bytes of pools lost to the alignment of arenas
-- @tfield integer total_bytes the sum that the report prints
-- @tfield integer map_mid_nodes middle nodes of the arena map
-- @tfield integer map_bot_nodes bottom nodes of the arena map
-- @tfield integer map_root_bytes bytes of the root of the arena map
-- @tfield integer map_mid_bytes bytes of its middle nodes
-- @tfield integer map_bot_bytes bytes of its bottom nodes
-- @tfield integer map_bytes the sum of these three that the report prints
-- @tfield table[] free_lists of types: name, count, size and bytes
local Report = {}
local metatable = { __name = "pymalloc.Report", __metatable = "pymalloc.Report",
  __index = Report }

local function check(report, name)
  if debug.getmetatable(report) ~= metatable then
    error(("pymalloc: report:%s: self must be a report, got %s"):format(name,
      core.describe(report)), 3)
  end
  local problem = shape.problem(report)
  if problem then
    error(("pymalloc: report:%s: the report is not whole: %s"):format(name, problem), 3)
  end
end

-- {=== Methods

--- The versions of CPython that print such a report.
-- @treturn string[] such as "3.9" or "3.7.4 to 3.8"; empty if there is none
-- @treturn string the profile of these versions, or nil
-- @usage pymalloc.report.parse(heap:debugmallocstats()):versions()[1] --> 2.7 to 2.7.16
function Report:versions()
  check(self, "versions")
  return versions.of(self)
end

--- The numbers that do not fit together.
-- @treturn string[] a message for each
-- @usage #pymalloc.report.parse(heap:debugmallocstats()):problems() --> 0
function Report:problems()
  check(self, "problems")
  return problems.of(self)
end

--- The lines of a report that are missing.
-- @treturn string[] their names
-- @usage #pymalloc.report.parse(heap:debugmallocstats()):missing() --> 0
function Report:missing()
  check(self, "missing")
  return problems.missing(self)
end

--- The bytes of the arenas by the kinds of fragmentation.
-- @treturn table[] for live blocks (kind 0) and the kinds 2, 3 and 4: kind, name, bytes; with
-- the fields arena_bytes and rounding_most, the upper bound of kind 1; nil if lines are missing
-- @usage pymalloc.report.parse(heap:debugmallocstats()):kinds()[4].name --> unused pools
function Report:kinds()
  check(self, "kinds")
  return explanation.kinds(self)
end

--- The explanation of a report.
-- @treturn string
-- @usage pymalloc.report.parse(heap:debugmallocstats()):explain():match("Kind %d") --> Kind 1
function Report:explain()
  check(self, "explain")
  return table.concat(explanation.lines(self, problems.of(self), problems.missing(self)), "\n")
end

function metatable:__tostring()
  local problem = shape.problem(self)
  if problem then
    return "pymalloc.Report that is not whole: " .. problem
  end
  return Report.explain(self)
end

-- {=== Functions

local function check_text(text, name)
  if type(text) ~= "string" then
    error(("pymalloc: report.%s: text must be a string, got %s"):format(name, core.describe(text)),
      3)
  end
end

local function all(text)
  local reports = parsing.all(text)
  for i, report in ipairs(reports) do
    reports[i] = setmetatable(report, metatable)
  end
  return reports
end

--- All reports in a text, in order. PYTHONMALLOCSTATS prints one before each new arena.
-- @tparam string text
-- @treturn pymalloc.Report[]
-- @usage #pymalloc.report.parse_all(heap:debugmallocstats():rep(3)) --> 3
function M.parse_all(text)
  check_text(text, "parse_all")
  return all(text)
end

--- The last report in a text. It may be indented or quoted, and parts of it may be missing.
-- @tparam string text
-- @treturn pymalloc.Report or nil and a message
-- @usage pymalloc.report.parse(heap:debugmallocstats()).arenas_current --> 1
function M.parse(text)
  check_text(text, "parse")
  local reports = all(text)
  if #reports == 0 then
    return nil, "there is no report of sys._debugmallocstats() in the text"
  end
  return reports[#reports]
end

--- The differences of two reports.
-- @tparam pymalloc.Report old
-- @tparam pymalloc.Report new
-- @treturn table numbers: an array of tables with name, old, new and change; classes: an array
-- of tables with size, pools, live and available, each with old, new and change
-- @usage
-- local before = pymalloc.report.parse(heap:debugmallocstats())
-- local other <close> = heap:malloc(100)
-- local after = pymalloc.report.parse(heap:debugmallocstats())
-- pymalloc.report.compare(before, after).classes[2].size --> 104
function M.compare(old, new)
  local reports = { old, new }
  for i = 1, 2 do
    local report = reports[i]
    if debug.getmetatable(report) ~= metatable then
      error(("pymalloc: report.compare: argument %d must be a report, got %s"):format(i,
        core.describe(report)), 2)
    end
    local problem = shape.problem(report)
    if problem then
      error(("pymalloc: report.compare: argument %d is not whole: %s"):format(i, problem), 2)
    end
  end
  return comparison.of(old, new)
end

return M
