-- The table of an experiment: as text that fits the terminal, as CSV, JSON and Markdown, sorted,
-- and as ratios.

local complaint = require "spec.support.complaint"
local json = require "dkjson"
local measures = require "pymalloc.experiment.measures"
local pymalloc = require "pymalloc"
local text = require "pymalloc.text"

-- A result with these rows; the values of each row are those of the measures, in order.
local function result_of(names, list)
  local rows = {}
  for i, values in ipairs(list) do
    rows[i] = { trace = values[1], design = values[2] }
    for column, name in ipairs(names) do
      rows[i][name] = values[column + 2]
    end
  end
  return require("pymalloc.experiment").of_rows(rows, names)
end

local function lines_of(written)
  local lines = {}
  for line in (written .. "\n"):gmatch("([^\n]*)\n") do
    table.insert(lines, line)
  end
  return lines
end

local function check_width(written, width)
  for _, line in ipairs(lines_of(written)) do
    assert.is_true(text.columns(line) <= width, line)
  end
end

local KIB <const> = 1024

describe("the text of an experiment", function()
  it("has one unit for all bytes, and decimals that tell different values apart", function()
    local names = { "held_peak", "held_mean", "utilisation_mean", "raw_requests" }
    local result = result_of(names, {
      { "t", "3.6", 1024 * KIB, 800 * KIB + 100.5, 57.2, 1234567 },
      { "t", "3.11", 2048 * KIB, 800 * KIB + 108.5, 57.24, 0 },
    })
    assert.equal("trace  design  held_peak  held_mean  utilisation_mean  raw_requests\n"
      .. "                     KiB        KiB                 %\n"
      .. "t      3.6         1,024     800.10             57.20     1,234,567\n"
      .. "t      3.11        2,048     800.11             57.24             0", result:text(80))
  end)

  it("has the unit of which the largest value has at least ten", function()
    for _, case in ipairs { { 10239, "10,239", "bytes" }, { 10240, "10", "KiB" },
      { 10 << 20, "10", "MiB" }, { (10 << 20) - KIB, "10,239", "KiB" }, { 10 << 30, "10", "GiB" },
      { 0, "0", "bytes" }, { 15 << 19, "7,680", "KiB" }, { (11 << 20) + KIB, "11.0", "MiB" } } do
      local lines = lines_of(result_of({ "held_peak" }, { { "t", "d", case[1] } }):text(80))
      assert.equal(case[3], lines[2]:match("%S+$"))
      assert.equal(case[2], lines[3]:match("%S+$"))
    end
    local lines = lines_of(result_of({ "seconds" }, { { "t", "d", 0.00125 } }):text(80))
    assert.equal("ms", lines[2]:match("%S+$"))
    assert.equal("1.2", lines[3]:match("%S+$"))
  end)

  it("marks values that are not known, and names the columns that have no value", function()
    local result = result_of({ "held_peak", "instructions" }, { { "t", "a", 5 }, { "t", "b" } })
    assert.equal("trace  design  held_peak  instructions\n"
      .. "                   bytes\n"
      .. "t      a               5             -\n"
      .. "t      b               -             -\n"
      .. "not known for any row: instructions (the system does not let the process count\n"
      .. "  them)", result:text(80))
  end)

  it("gives the reason for a row that could not be measured", function()
    local result = result_of({ "held_peak" }, { { "t", "jemalloc" } })
    result.rows[1].problem = "libjemalloc.so.2 is not installed\non this system"
    assert.equal("t, jemalloc: libjemalloc.so.2 is not installed?on this system",
      lines_of(result:text(80))[4])
  end)

  it("splits the names of measures in two lines where they do not fit in one", function()
    local names = { "held_peak", "held_mean", "utilisation_peak", "utilisation_mean", "requests" }
    local result = result_of(names, { { "t", "d", 1, 2, 3.0, 4.0, 5 } })
    assert.equal("               held_  held_  utilisation_  utilisation_\n"
      .. "trace  design   peak   mean          peak          mean  requests\n"
      .. "               bytes  bytes             %             %\n"
      .. "t      d           1      2           3.0           4.0         5", result:text(70))
  end)

  it("names the columns for which there is no room", function()
    local result = result_of({ "held_peak", "raw_requests", "utilisation_mean", "requests" },
      { { "t", "d", 1, 2, 3, 4 } })
    assert.equal("               held_      raw_\n"
      .. "trace  design   peak  requests\n"
      .. "               bytes\n"
      .. "t      d           1         2\n"
      .. "not shown in 40 columns:\n"
      .. "  utilisation_mean, requests", result:text(40))
  end)

  it("fits every width, with names and figures of any length", function()
    local long = ("long "):rep(40)
    local result = result_of(measures.default, {
      { "@startup", long .. "a", 1 << 60, 0.1, math.maxinteger, 99.99, 1 / 3 },
      { long, long .. "b", math.mininteger, 0 / 0, 1 / 0, -5 },
      { long .. "x", "3.6", 1 },
      { "\27[31m\n\255", ("\u{1F40D}\u{E9}"):rep(100), 12 },
    })
    for width = 40, 240, 8 do
      check_width(result:text(width), width)
    end
  end)

  it("fits the width that COLUMNS tells, and 80 without it", function()
    local made = [[local pymalloc = require "pymalloc"
      print(pymalloc.experiment { traces = { { text = "a 1 8\n" } }, designs = { "3.6" } })]]
    local path = os.tmpname()
    local file <close> = assert(io.open(path, "w"))
    file:write(made)
    file:close()
    local command = "LUA_PATH='" .. package.path .. "' LUA_CPATH='" .. package.cpath
      .. "' env %s lua5.4 " .. path .. " 2>&1"
    for setting, width in pairs { ["COLUMNS=60"] = 60, ["COLUMNS="] = 80, ["COLUMNS=x"] = 80,
      ["COLUMNS=1"] = 40, ["-u COLUMNS"] = 80 } do
      local pipe <close> = assert(io.popen(command:format(setting)))
      local written = pipe:read("a")
      check_width(written, width)
      assert.matches("not shown in " .. width .. " columns:", written, 1, true)
    end
    os.remove(path)
  end)

  it("shows different names differently when they are cut", function()
    local same = ("x"):rep(50)
    for _, pair in ipairs { { same .. "a", same .. "b" }, { "a" .. same, "b" .. same },
      { same .. "a" .. same, same .. "b" .. same }, { same, same .. same } } do
      local result = result_of({ "requests" }, { { "t", pair[1], 1 }, { "t", pair[2], 1 } })
      local lines = lines_of(result:text(40))
      assert.not_equal(lines[2], lines[3])
      assert.matches("x%.%.", lines[2])
    end
  end)

  it("fits the width where the names of designs and measures are long", function()
    local name = ("n"):rep(100)
    local result = pymalloc.experiment { traces = { { text = "a 1 8\n", name = name } },
      designs = { { name = name } }, measure = { { name, function() return 1 end } } }
    check_width(tostring(result), 80)
    assert.equal(1, result.rows[1][name])
  end)
end)

describe("an experiment for other programs", function()
  local names = { "held_peak", "held_mean" }
  local result = result_of(names,
    { { "a,b", 'say "x"', 1024, 1 / 3 }, { "c\nd", "e|f", nil, 2.0 } })

  it("is CSV with exact values", function()
    assert.equal('trace,design,held_peak,held_mean\n"a,b","say ""x""",1024,0.33333333333333\n'
      .. '"c\nd",e|f,,2\n', result:csv())
  end)

  it("is JSON with the units", function()
    local read = json.decode(result:json())
    assert.same({ { name = "held_peak", unit = "bytes", text = measures.of.held_peak.text },
      { name = "held_mean", unit = "bytes", text = measures.of.held_mean.text } }, read.measures)
    assert.equal(1024, read.rows[1].held_peak)
    assert.is_nil(read.rows[2].held_peak)
    assert.equal("c\nd", read.rows[2].trace)
    assert.same({ measures = {}, rows = {} }, json.decode(result_of({}, {}):json()))
  end)

  it("is JSON with every measure of an experiment, and its series", function()
    local plan = { traces = { { text = "a 1 8\nf 1\n" } }, designs = { "3.6" }, series = 2,
      measure = { "held_peak", { "own", function() return 0 / 0 end } } }
    local made = pymalloc.experiment(plan)
    local row = json.decode(made:json()).rows[1]
    assert.equal(262144, row.held_peak)
    assert.equal(131072, row.held_mean)
    assert.same({ 8, 0 }, row.series.live)
    assert.is_nil(row.own)
    assert.equal(pymalloc.experiment(plan):json(), made:json())
  end)

  it("is Markdown, in which no name ends a cell", function()
    assert.equal("| trace | design | held_peak (bytes) | held_mean (bytes) |\n"
      .. "| --- | --- | ---: | ---: |\n"
      .. '| a,b | say "x" | 1,024 | 0.3 |\n'
      .. "| c?d | e\\|f | - | 2.0 |\n", result:markdown())
  end)
end)

describe("the rows of an experiment", function()
  local result = result_of({ "held_peak", "raw_requests" }, {
    { "one", "3.6", 20, 0 }, { "one", "3.11", 40, 5 }, { "two", "3.6", 0, 7 },
    { "two", "3.11", 10 }, { "two", "3.8", 20, 7 },
  })

  local function order(sorted)
    local list = {}
    for i, row in ipairs(sorted.rows) do
      list[i] = row.trace .. " " .. row.design
    end
    return table.concat(list, "; ")
  end

  it("are sorted by a measure or a name; those without a value are the last", function()
    assert.equal("two 3.6; two 3.11; one 3.6; two 3.8; one 3.11", order(result:sort("held_peak")))
    assert.equal("one 3.11; one 3.6; two 3.8; two 3.11; two 3.6",
      order(result:sort("held_peak", "descending")))
    assert.equal("two 3.6; two 3.8; one 3.11; one 3.6; two 3.11",
      order(result:sort("raw_requests", "descending")))
    assert.equal("one 3.11; two 3.11; one 3.6; two 3.6; two 3.8",
      order(result:sort("design", "ascending")))
    assert.equal("one 3.6; one 3.11; two 3.6; two 3.11; two 3.8", order(result))
  end)

  it("become a table of traces by designs", function()
    local peaks = result:pivot("held_peak")
    assert.same({ "3.6", "3.11", "3.8" }, peaks.measures)
    assert.same({ { trace = "one", ["3.6"] = 20, ["3.11"] = 40 },
      { trace = "two", ["3.6"] = 0, ["3.11"] = 10, ["3.8"] = 20 } }, peaks.rows)
    assert.equal("held_peak\n"
      .. "trace    3.6   3.11    3.8\n"
      .. "       bytes  bytes  bytes\n"
      .. "one       20     40      -\n"
      .. "two        0     10     20", peaks:text(80))
    assert.equal("trace,3.6,3.11,3.8\none,20,40,\ntwo,0,10,20\n", peaks:csv())
    assert.equal("two", peaks:sort("3.6").rows[1].trace)
    result.rows[1].live_most = 9
    local most = result:pivot("live_most")
    assert.equal("bytes", most.columns[1].unit)
    assert.equal(9, most.rows[1]["3.6"])
  end)

  it("become ratios to a design", function()
    local ratios = result:ratios("3.6")
    assert.equal("ratios to 3.6\n"
      .. "trace  design  held_peak  raw_requests\n"
      .. "                       x             x\n"
      .. "one    3.6          1.00             -\n"
      .. "one    3.11         2.00             -\n"
      .. "two    3.6             -          1.00\n"
      .. "two    3.11            -             -\n"
      .. "two    3.8             -          1.00", ratios:text(80))
    assert.equal(40 / 20, ratios.rows[2].held_peak)
    assert.is_nil(result:ratios("3.8").rows[1].held_peak)
  end)

  it("refuse a measure, a direction and a baseline that do not exist", function()
    for message, call in pairs {
      ["sort: the measure must be one of held_peak, raw_requests, got 'speed'"] = function()
        result:sort "speed"
      end,
      ["sort: direction must be ascending or descending, got 'down'"] = function()
        result:sort("held_peak", "down")
      end,
      ["pivot: the measure must be one of held_peak, raw_requests, got nil"] = function()
        result:pivot()
      end,
      ["ratios: the baseline must be one of the designs 3.6; 3.11; 3.8, got '3.9'"] = function()
        result:ratios "3.9"
      end,
      ["text: width must be an integer, 40 or more, got 39"] = function() result:text(39) end,
      ["csv: an experiment expected, got a table"] = function() result.csv({}) end,
    } do
      assert.equal("pymalloc: experiment:" .. message, complaint(call))
    end
  end)
end)

describe("the traces of an experiment", function()
  it("have different names", function()
    local names = require("pymalloc.experiment.sources").names
    assert.same({ "app", "b", "c/same.trace.xz", "d/same.trace.gz", "text #1", "text #2" },
      names { "x/app.trace.xz", { path = "y/b.ptrace" }, "c/same.trace.xz", "d/same.trace.gz",
        { text = "" }, { text = "", name = "text" } })
  end)

  it("are passed to the progress function, with the number of replays done", function()
    local told = {}
    assert(pymalloc.experiment { traces = { { text = "a 1 8\n", name = "t" } },
      designs = { "3.6", "3.11" }, progress = function(...)
        table.insert(told, table.concat({ ... }, " "))
      end })
    assert.same({ "0 2 t 3.6", "1 2 t 3.11" }, told)
  end)
end)
