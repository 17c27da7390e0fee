-- pymalloc analyse, and the text, CSV and JSON of pymalloc.Analysis.

local command = require "spec.support.command"
local dkjson = require "dkjson"
local pymalloc = require "pymalloc"
local text = require "pymalloc.text"

local STARTUP = "traces/cpython-startup.trace.xz"

-- Runs pymalloc analyse. Returns its output, its standard error and its exit code.
local function analyse(trace, arguments)
  return command.run(("%s analyse %s %s"):format(command.pymalloc, trace, arguments or ""))
end

local SMALL = "w 1 0 app.py:30 main\nw 2 1 app.py:12 load list\n"
  .. "a 1 24 @2\nm load\na 2 600 @1\nr 2 900\nf 1\ni 1\na 9 50 @1\n"

local function small(arguments)
  local file <close> = command.file(SMALL, ".trace")
  return analyse(file.path, arguments)
end

local function widest(output)
  local most = 0
  for line in output:gmatch("[^\n]+") do
    most = math.max(most, text.columns(line))
  end
  return most
end

describe("pymalloc analyse", function()
  it("prints every section within 80 columns, without colours", function()
    local output, errors, code = analyse(STARTUP)
    assert.equal("", errors)
    assert.equal(0, code)
    assert.matches("^traces/cpython%-startup.trace.xz: 43,354 requests\n", output)
    local at = 1
    for _, section in ipairs(pymalloc.analyse(STARTUP):sections()) do
      local _, behind = output:find("\n\n" .. section .. "\n  ", at, true)
      assert.is_number(behind, section)
      at = behind - 3
    end
    assert.is_true(widest(output) <= 80, widest(output))
    assert.is_nil(output:find("\27", 1, true))
  end)

  it("prints the same as tostring", function()
    assert.equal(tostring(pymalloc.analyse(STARTUP)) .. "\n", (analyse(STARTUP)))
  end)

  it("prints one section, or several", function()
    local output = analyse(STARTUP, "--section churn")
    assert.equal(pymalloc.analyse(STARTUP):text("churn") .. "\n", output)
    output = analyse(STARTUP, "--section phases --section summary")
    assert.matches("^traces/[^\n]*\n\nphases\n.*\n\nsummary\n", output)
  end)

  it("prints a section as CSV with the numbers of the analysis", function()
    local analysis = pymalloc.analyse(STARTUP, { points = 3 })
    local curve = analysis.curve
    local rows = { "request,live_blocks,live_bytes,live_small\n" }
    for i = 1, 3 do
      table.insert(rows, ("%d,%d,%d,%d\n"):format(curve.requests[i], curve.live_blocks[i],
        curve.live_bytes[i], curve.live_small[i]))
    end
    assert.equal(table.concat(rows), (analyse(STARTUP, "--section curve --csv --points 3")))
    assert.equal(analysis:csv("sizes"), (analyse(STARTUP, "--section sizes --csv")))
  end)

  it("quotes a name with commas or quotes in CSV", function()
    local csv = pymalloc.analyse({ text = 'm say "a,b"\na 1 8\n' }):csv("phases")
    assert.matches('\n"say ""a,b""",1,1,1,0,8,0,1,8,8\n$', csv)
  end)

  it("prints all numbers as JSON", function()
    local record = dkjson.decode((small("--json --young 3")))
    assert.equal(2, record.births)
    assert.equal(1, record.left_out)
    assert.same({ "begin", "load" }, { record.phases[1].name, record.phases[2].name })
    assert.same({ "app.py:30 main", 900, 1 },
      { record.sites[1].where, record.sites[1].bytes, record.sites[1].kept })
    assert.equal(3, record.young)
  end)

  it("groups sites, and counts the classes of a geometry", function()
    assert.matches("\n +1 +900 +0.0 %% +1  app.py\n", (small("--section sites --by file")) ..
      (small("--section sites --by site"):gsub("app.py:30 main", "app.py")))
    local classes = small("--section classes --profile 3.11")
    assert.matches("Classes of 3.11: up to 512 bytes, 16 bytes apart", classes)
    assert.matches("\n +32 +1 +25.0 %%", classes)
  end)

  it("prints as many rows as --top says, and the number of rows left out", function()
    local output = analyse(STARTUP, "--section classes --top 2")
    local _, rows = output:gsub("\n +%d+ +%S+ +%S+ %% ", "")
    assert.equal(2, rows)
    assert.matches("\n  %d+ more classes\n$", output)
  end)

  it("analyses the requests of the interpreter that is named", function()
    assert.matches("^%S+: 1 request\n", (small("--interpreter 1")))
  end)

  for arguments, message in pairs {
    ["--csv"] = "--csv prints one section: name it with --section",
    ["--csv --section sizes --section curve"] = "--csv prints one section",
    ["--json --csv"] = "--json and --csv cannot be combined",
    ["--json --section sizes"] = "--json prints all sections",
    ["--points 0"] = "option '--points' takes a whole number from 1 to 1048576, got '0'",
    ["--points 1048577"] = "option '--points' takes a whole number from 1 to 1048576",
    ["--young 0"] = "option '--young' takes a whole number, 1 or more, got '0'",
    ["--interpreter 65536"] = "option '--interpreter' takes a whole number from 0 to 65535",
    ["--by colour"] = "argument for option '--by' must be one of",
    ["--alignment 24"] = "--alignment",
  } do
    it("refuses " .. arguments, function()
      local output, errors, code = analyse(STARTUP, arguments)
      assert.equal("", output)
      assert.equal(2, code)
      assert.matches(message, errors, 1, true)
    end)
  end

  it("says why a trace cannot be read", function()
    local output, errors, code = analyse("/nowhere/x.trace")
    assert.same({ "", "pymalloc: /nowhere/x.trace cannot be opened: No such file or directory\n",
      1 }, { output, errors, code })
  end)
end)

describe("pymalloc.analyse", function()
  for title, case in pairs {
    ["a number as the trace"] = { { 12 }, "trace must be a path or a trace, got 12" },
    ["a userdata that is not a loaded trace"] = { { io.stdout }, "pymalloc.LoadedTrace expected" },
    ["a heap"] = { { pymalloc.heap() }, "pymalloc.LoadedTrace expected, got pymalloc.Heap" },
    ["an unknown option"] = { { "x", { yung = 1 } },
      "unknown option yung (allowed: by, geometry, interpreter, points, young)" },
    ["options that are not a table"] = { { "x", 5 }, "options must be a table, got 5" },
    ["a young of 0"] = { { "x", { young = 0 } }, "young must be an integer from 1 to" },
    ["a fraction of points"] = { { "x", { points = 1.5 } }, "points must be an integer from 1 to" },
    ["a grouping that does not exist"] = { { "x", { by = "colour" } },
      "by must be one of site, stack, line, function, file" },
    ["a geometry that is a number"] = { { "x", { geometry = 7 } }, "geometry must be" },
    ["a profile that does not exist"] = { { "x", { geometry = "2.2" } }, "profile" },
    ["an interpreter beyond 65535"] = { { "x", { interpreter = 65536 } }, "interpreter must be" },
  } do
    it("refuses " .. title .. " at the caller's line", function()
      local ok, problem = pcall(function()
        local analysis = pymalloc.analyse(table.unpack(case[1]))
        return analysis
      end)
      assert.is_false(ok)
      assert.matches(case[2], problem, 1, true)
      assert.matches("analyse_command_spec.lua:%d+: ", problem)
    end)
  end

  it("refuses a loaded trace that is closed", function()
    local loaded = pymalloc.trace.loaded { text = "a 1 8\n" }
    loaded:close()
    assert.error_matches(function() pymalloc.analyse(loaded) end, "the loaded trace is closed")
  end)

  it("has methods that refuse another self and an unknown section", function()
    local analysis = pymalloc.analyse { text = "a 1 8\n" }
    for _, name in ipairs { "json", "csv", "text", "sections" } do
      assert.error_matches(function() analysis[name]({}, "sizes") end,
        "pymalloc: analysis:" .. name .. ": self must be an analysis")
    end
    for _, name in ipairs { "csv", "text" } do
      assert.error_matches(function() analysis[name](analysis, "nothing") end,
        "section must be one of summary, sizes, .*, got a string")
    end
  end)
end)
