-- An experiment replays traces on geometries and measures each replay.

local pymalloc = require "pymalloc"

local STARTUP = "traces/cpython-startup.trace.xz"

local function refuses(message, plan)
  local ok, problem = pcall(pymalloc.experiment, plan)
  assert.is_false(ok)
  assert.matches("pymalloc: " .. message, problem)
end

describe("an experiment", function()
  it("measures each trace on each geometry, as a replay does #long", function()
    local short = pymalloc.trace.parse("a 1 24\na 2 600\n")
    local result = pymalloc.experiment { traces = { STARTUP, short },
      geometries = { "3.6", "3.11" }, measure = { "requests", "arenas_highwater", "utilisation" } }
    local names = {}
    for i, row in ipairs(result.rows) do
      names[i] = row.trace .. " " .. row.geometry
    end
    assert.same({ "cpython-startup 3.6", "cpython-startup 3.11", "text 3.6", "text 3.11" }, names)
    local summary = pymalloc.trace.replay_file(STARTUP, { heap = { profile = "3.11" } })
    local row = result.rows[2]
    assert.equal(summary.requests, row.requests)
    assert.equal(summary.heap.arenas_highwater, row.arenas_highwater)
    assert.equal(100 * summary.peak_live_small_bytes / (summary.heap.arenas_highwater << 20),
      row.utilisation)
    assert.equal(100 * 24 / 262144, result.rows[3].utilisation)
  end)

  it("measures each interpreter of a trace", function()
    local trace = { text = "a 1 24\ni 3\na 2 24\na 3 600\n", name = "two" }
    local result = pymalloc.experiment { traces = { trace }, geometries = { "3.6", "3.12" },
      measure = { "mallocs" } }
    local found = {}
    for i, row in ipairs(result.rows) do
      assert.equal(row.design, row.geometry)
      found[i] = ("%s; %s; %d"):format(row.trace, row.design, row.mallocs)
    end
    assert.same({ "two; 3.6; 1", "two, interpreter 3; 3.6; 2", "two; 3.12; 1",
      "two, interpreter 3; 3.12; 2" }, found)
  end)

  it("accepts a geometry given by its fields and a name", function()
    local result = pymalloc.experiment { traces = { STARTUP },
      geometries = { { profile = "3.6", pool_bytes = 16384, name = "big pools" } },
      measure = { "arenas_highwater" } }
    assert.equal("cpython-startup", result.rows[1].trace)
    assert.equal("big pools", result.rows[1].geometry)
    assert.equal(6, result.rows[1].arenas_highwater)
  end)

  it("measures a loaded trace, and leaves it open", function()
    local loaded <close> = pymalloc.trace.loaded(STARTUP)
    local result = pymalloc.experiment { traces = { loaded, "@startup" }, designs = { "3.6" } }
    assert.equal("cpython-startup", result.rows[1].trace)
    assert.equal(result.rows[2].held_mean, result.rows[1].held_mean)
    assert.equal(43354, #loaded)
    refuses("experiment: functions and fields of a summary need a path or a trace, got a loaded",
      { traces = { loaded }, designs = { "3.6" }, measure = { "frees" } })
    loaded:close()
    refuses("the loaded trace is closed", { traces = { loaded }, designs = { "3.6" } })
  end)

  it("accepts functions as measures", function()
    local result = pymalloc.experiment { traces = { (pymalloc.trace.parse "a 1 24\nf 1\n") },
      geometries = { "3.6" },
      measure = { function(summary) return summary.frees end, { "arena", function(_, bytes)
        return bytes
      end } } }
    assert.same({ "measure 1", "arena" }, result.measures)
    assert.equal(1, result.rows[1]["measure 1"])
    assert.equal(262144, result.rows[1].arena)
  end)

  it("prints as a table, and as comma-separated values", function()
    local trace = pymalloc.trace.parse("a 1 24\n", { name = 'a "b", c' })
    local result = pymalloc.experiment { traces = { trace }, geometries = { "3.6", "classroom" },
      measure = { "small", "utilisation" } }
    assert.equal('trace     design     small  utilisation\n'
      .. '                                      %\n'
      .. 'a "b", c  3.6            1          0.0\n'
      .. 'a "b", c  classroom      1          2.3', tostring(result))
    assert.equal('trace,design,small,utilisation\n"a ""b"", c",3.6,1,0.0091552734375\n'
      .. '"a ""b"", c",classroom,1,2.34375\n', result:csv())
  end)

  it("calls a geometry by its profile and the options that differ from it", function()
    local result = pymalloc.experiment { traces = { { text = "a 1 8\n" } }, designs = {
      { profile = "3.6", pool_bytes = 16384 }, { profile = "3.11", release = "never" },
      { profile = "3.12.1", cache_blocks = 64, checked = true }, { threshold = 512 },
    } }
    local names = {}
    for i, row in ipairs(result.rows) do
      names[i] = row.design
    end
    assert.same({ "3.6, pool_bytes 16384", "3.11, release never",
      "3.12.1, cache_blocks 64, checked", "3.6" }, names)
  end)

  it("refuses two designs of one name", function()
    local list = { "3.11", { pool_bytes = 8192 }, { profile = "3.6", pool_bytes = 8192 } }
    refuses("experiment: designs 2 and 3 are both called '3.6, pool_bytes 8192'",
      { traces = { "t" }, designs = list })
    refuses("experiment: designs and geometries are two names of one field",
      { traces = { "t" }, designs = list, geometries = list })
  end)

  it("returns the reason if a trace cannot be read", function()
    local result, problem = pymalloc.experiment { traces = { "/nonexistent" },
      geometries = { "3.6" } }
    assert.is_nil(result)
    assert.matches("/nonexistent cannot be opened", problem)
  end)

  it("refuses an invalid plan, and names the value that was got and the allowed ones", function()
    local list = "must be an array with at least one element, got "
    refuses("experiment: plan must be a table, got 3", 3)
    refuses("experiment: traces " .. list .. "nil", {})
    refuses("experiment: traces " .. list .. "an empty table", { traces = {} })
    refuses("experiment: trace must be a path or a trace, got a table", { traces = { {} } })
    refuses("experiment: geometries " .. list .. "a string",
      { traces = { "t" }, geometries = "3.6" })
    refuses("profile must be one of 3.6, 3.8,.* got '2.7'", { traces = { "t" },
      geometries = { "2.7" } })
    refuses("pool_bytes is 5000: it must be a power of two", { traces = { "t" },
      geometries = { { pool_bytes = 5000 } } })
    refuses("experiment: a measure must be one of held_peak,.* got 'speed'", { traces = { "t" },
      geometries = { "3.6" }, measure = { "speed" } })
    local plan = { traces = { "t" }, geometries = { "3.6" } }
    for _, case in ipairs {
      { "series", 0, "an integer from 1 to 1000000, got 0" },
      { "series", 1.5, "an integer from 1 to 1000000, got 1.5" },
      { "series", 1000001, "an integer from 1 to 1000000, got 1000001" },
      { "progress", "x", "a function, got a string" },
    } do
      plan.series, plan.progress = nil, nil
      plan[case[1]] = case[2]
      refuses(("experiment: %s must be %s"):format(case[1], case[3]), plan)
    end
    local function one() return 1 end
    for _, wrong in ipairs { { "held_peak", "held_peak" }, { "held_end", { "trace", one } },
      { "held_end", { "design", one } } } do
      refuses("experiment: measure 2 cannot be called '.*': the table has a column of that name",
        { traces = { "t" }, geometries = { "3.6" }, measure = wrong })
    end
    refuses("experiment: unknown field trace %(allowed: traces, designs, geometries, measure, "
      .. "series, progress%)", { trace = "t" })
  end)
end)
