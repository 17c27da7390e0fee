-- Reports and snapshots are tables, so a script can change their fields. No method and no
-- picture then raises an error of Lua from inside the library.

local pymalloc = require "pymalloc"

local heap = pymalloc.heap()
local b = heap:malloc(24)

after_each(function() assert.equal(24, #b) end) -- the block stays live

-- Does an error of the function have a place in this file, and match?
local function assert_placed(expected, f)
  local ok, problem = pcall(f)
  assert.is_false(ok)
  assert.matches("^[^:]*changed_tables_spec.lua:%d+: pymalloc: " .. expected .. "$", problem)
end

local function nothing() end
-- Values of which no field of a report or a snapshot can have all.
local odd = { "x", 5, -1, 1e300, 0 / 0, true, nothing, {}, { {} }, { 1, 2 }, { "x" }, { 1, {} },
  { 1, true }, { nothing }, { 1, nothing }, { x = nothing }, { math.huge } }

-- Calls a function; an error must be one of this library, at a line of this file.
local function try(f, ...)
  local ok, problem = pcall(f, ...)
  assert.is_true(ok or type(problem) == "string" and problem:match("^pymalloc: ") ~= nil
    or tostring(problem):match("^[^:]*changed_tables_spec.lua:%d+: pymalloc: ") ~= nil, problem)
  return ok
end

describe("a report with a changed field", function()
  local text = heap:debugmallocstats()
  local methods = debug.getmetatable(pymalloc.report.parse(text)).__index

  for name in pairs(pymalloc.report.parse(text)) do
    it(name .. " raises errors of this library only", function()
      local refused = 0
      for _, value in ipairs(odd) do
        local report = pymalloc.report.parse(text)
        report[name] = value
        for _, method in pairs(methods) do
          refused = refused + (try(method, report) and 0 or 1)
        end
        try(pymalloc.report.compare, report, pymalloc.report.parse(text))
        assert.is_string(tostring(report))
      end
      assert.is_true(refused > 0)
    end)
  end

  it("says which field is wrong", function()
    local report = pymalloc.report.parse(text)
    report.classes[1].live = "many"
    local expected = "the report is not whole: classes[1].live must be an integer from 0 to "
      .. "1099511627776, got a string"
    assert.error_matches(function() report:problems() end, "report:problems: " .. expected, 1, true)
    assert.matches("pymalloc.Report that is not whole: classes[1].live", tostring(report), 1, true)
    assert.error_matches(function() pymalloc.report.compare(report, report) end,
      "report.compare: argument 1 is not whole: classes[1].live", 1, true)
  end)

  it("refuses a size of 0", function()
    local report = pymalloc.report.parse(text)
    report.arena_size = 0
    assert.error_matches(function() report:kinds() end,
      "arena_size must be an integer from 1 to 1073741824, got 0")
  end)
end)

describe("a snapshot with a changed field", function()
  local methods = debug.getmetatable(heap:snapshot()).__index

  for name in pairs(heap:snapshot()) do
    it(name .. " raises errors of this library only", function()
      for _, value in ipairs(odd) do
        local snapshot = heap:snapshot()
        snapshot[name] = value
        for method_name, method in pairs(methods) do
          try(method, snapshot, method_name == "save" and "/dev/null" or 0)
        end
        try(pymalloc.view.text, snapshot)
        try(pymalloc.view.svg, snapshot)
        try(pymalloc.diff, snapshot, heap:snapshot())
        assert.is_string(tostring(snapshot))
      end
    end)
  end

  for _, name in ipairs { "json", "save" } do
    it("that JSON cannot hold is refused by " .. name, function()
      local snapshot = heap:snapshot()
      snapshot.mine = nothing
      assert_placed("snapshot:" .. name .. ": a value of the snapshot cannot be written as JSON",
        function() snapshot[name](snapshot, "/dev/null") end)
    end)
  end
end)

describe("an experiment with a changed field", function()
  local plan = { traces = { { text = "a 1 8\n" } }, designs = { "3.6", "3.11" } }
  local methods = debug.getmetatable(pymalloc.experiment(plan)).__index
  local arguments = { sort = "held_peak", pivot = "held_peak", ratios = "3.6" }

  local function try_methods(result)
    local refused = 0
    for name, method in pairs(methods) do
      if name ~= "plot" then
        refused = refused + (try(method, result, arguments[name]) and 0 or 1)
      end
    end
    assert.is_string(tostring(result))
    return refused
  end

  for name in pairs(pymalloc.experiment(plan)) do
    it(name .. " raises errors of this library only", function()
      for _, value in ipairs(odd) do
        local result = pymalloc.experiment(plan)
        result[name] = value
        try_methods(result)
      end
    end)
  end

  it("in a row raises errors of this library only", function()
    for _, name in ipairs { "trace", "design", "held_peak", "held_mean", "series", "problem" } do
      for _, value in ipairs(odd) do
        local result = pymalloc.experiment(plan)
        result.rows[1][name] = value
        try_methods(result)
      end
    end
  end)

  it("says which field is wrong", function()
    local result = pymalloc.experiment(plan)
    result.columns[2].unit = nil
    local expected = "the experiment is not whole: columns[2].unit must be a string, got nil"
    assert_placed("experiment:csv: " .. expected:gsub("[%[%]]", "%%%0"),
      function() result:csv() end)
    assert.equal(7, try_methods(result))
    assert.equal("pymalloc.Experiment that is not whole: columns[2].unit must be a string, got nil",
      tostring(result))
  end)
end)

describe("a picture of what is closed", function()
  for _, name in ipairs { "text", "svg" } do
    it("as " .. name .. " is an error at the line that asks for it", function()
      local closed, run = pymalloc.heap(), pymalloc.replay(pymalloc.trace.parse("a 1 24\n"))
      closed:close()
      run:close()
      for what, x in pairs { heap = closed, run = run } do
        assert_placed("the " .. what .. " is closed", function() pymalloc.view[name](x) end)
      end
    end)
  end
end)
