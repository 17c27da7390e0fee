-- pymalloc report: reads, checks and explains reports of sys._debugmallocstats().

local input = require "pymalloc.input"
local json = require "pymalloc.cli.json"
local numbers = require "pymalloc.cli.numbers"
local reports = require "pymalloc.report"
local stdout = require "pymalloc.cli.stdout"
local terminal = require "pymalloc.cli.terminal"
local text = require "pymalloc.text"

local M = {}

local FAILED, BAD_USAGE = 1, 2
local BYTES_MOST = 64 << 20 -- of a text with reports

function M.define(parser)
  local command = parser:command("report",
    "Explain and check a report of sys._debugmallocstats(), or compare two.",
    "Examples: python3 -c 'import sys; sys._debugmallocstats()' 2>a.txt\n"
      .. "          pymalloc report a.txt\n"
      .. "          pymalloc report before.txt after.txt\n"
      .. "          PYTHONMALLOCSTATS=1 python3 app.py 2>all.txt; pymalloc report all.txt\n"
      .. "          pymalloc report all.txt --number 1 --json")
  command:argument("file", "A text with a report; - is standard input."):argname("FILE")
  command:argument("other", "A later report."):argname("FILE2"):args("?")
  command:option("--number", "The number of the report in each file. Default: that of the last.")
    :argname("N"):convert(numbers.count_reader("--number", 1))
  command:flag("--json", "Print the numbers as JSON.")
end

-- {=== Reading

-- A report of a file; nil and a message if there is none.
local function read(path, wanted)
  local content, problem = input.whole(path, BYTES_MOST)
  if not content then
    return nil, problem
  end
  local name = path == "-" and "standard input" or path
  local all = reports.parse_all(content)
  if #all == 0 then
    return nil, ("%s: there is no report of sys._debugmallocstats() in it"):format(name)
  elseif wanted and wanted > #all then
    return nil, ("%s has %s, and no report %d"):format(name, text.count(#all, "report"), wanted)
  end
  if #all > 1 then
    io.stderr:write(("pymalloc: %s has %s; this is report %d\n"):format(name,
      text.count(#all, "report"), wanted or #all))
  end
  return all[wanted or #all]
end

-- {=== JSON

local function record_of(report)
  local record = {}
  for name, value in pairs(report) do
    record[name] = value
  end
  record.versions, record.profile = report:versions()
  record.problems, record.missing = report:problems(), report:missing()
  local kinds = report:kinds()
  if kinds then
    record.rounding_most = kinds.rounding_most
    record.kinds = table.move(kinds, 1, #kinds, 1, {})
  end
  return record
end

-- {=== Two reports

-- 5 -> "+5"; -5 -> "-5"; 0 -> "0"
local function signed(number)
  return (number > 0 and "+" or "") .. (number < 0 and "-" or "") .. text.group(math.abs(number))
end

local function write_numbers(difference)
  local rows = {}
  for _, number in ipairs(difference.numbers) do
    table.insert(rows, { number.name, text.group(number.old), text.group(number.new),
      signed(number.change) })
  end
  terminal.write_table({ "", "before", "after", "change" }, "lrrr", rows)
end

local function write_classes(difference)
  local rows = {}
  for _, class in ipairs(difference.classes) do
    local changes = { class.pools, class.live, class.available }
    if changes[1].change ~= 0 or changes[2].change ~= 0 or changes[3].change ~= 0 then
      local row = { class.size }
      for _, change in ipairs(changes) do
        table.insert(row, text.group(change.new))
        table.insert(row, signed(change.change))
      end
      table.insert(rows, row)
    end
  end
  if #rows == 0 then
    stdout.write("\nno class changed\n")
    return
  end
  stdout.write("\n")
  terminal.write_table({ "size", "pools", "change", "in use", "change", "available", "change" },
    "rrrrrrr", rows)
end

local function compare(arguments, old, new)
  local difference = reports.compare(old, new)
  if arguments.json then
    stdout.write(json.text(difference))
  else
    write_numbers(difference)
    write_classes(difference)
  end
end

-- {=== The command

local function count_problems(...)
  local count = 0
  for _, report in ipairs { ... } do
    count = count + #report:problems()
  end
  return count
end

local function run_two(arguments, report)
  local other, problem = read(arguments.other, arguments.number)
  if not other then
    return nil, problem, FAILED
  end
  compare(arguments, report, other)
  local count = count_problems(report, other)
  if count > 0 then
    return nil, ("%s in the two reports %s others; pymalloc report FILE names them")
      :format(text.count(count, "number"), count == 1 and "contradicts" or "contradict"), FAILED
  end
  return 0
end

function M.run(arguments)
  if arguments.file == "-" and arguments.other == "-" then
    return nil, "FILE and FILE2 cannot both be standard input", BAD_USAGE
  end
  local report, problem = read(arguments.file, arguments.number)
  if not report then
    return nil, problem, FAILED
  elseif arguments.other then
    return run_two(arguments, report)
  end
  stdout.write(arguments.json and json.text(record_of(report)) or report:explain() .. "\n")
  return #report:problems() == 0 and 0 or FAILED
end

return M
