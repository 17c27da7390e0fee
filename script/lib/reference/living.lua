-- The functions and fields of the built module, by the names that the catalogue
-- uses: { ["heap:malloc"] = "function", ["pymalloc.Pool.szidx"] = "field" }.

local catalogue = require "script.lib.reference.catalogue"

local M = {}

-- Adds the functions of a module, and of the modules in it.
local function add_module(found, prefix, module)
  for name, value in pairs(module) do
    local is_public = type(name) == "string" and not name:find("^_")
    if is_public and type(value) == "function" then
      found[prefix .. name] = "function"
    elseif is_public and type(value) == "table" and prefix == "pymalloc." then
      add_module(found, prefix .. name .. ".", value)
    end
  end
end

local function add_methods(found)
  local core = require "pymalloc.core"
  for type_name, methods in pairs(core.methods) do
    local word = catalogue.word_of["pymalloc." .. type_name] or type_name:lower()
    for name in pairs(methods) do
      found[word .. ":" .. name] = "function"
    end
  end
end

local function add_fields(found, type_name, object)
  for name in pairs(object) do
    if type(name) == "string" then
      found[("pymalloc.%s.%s"):format(type_name, name)] = "field"
    end
  end
end

local function add_names(found, type_name, names)
  for name in names:gmatch("[%l_][%w_]*") do
    found[("pymalloc.%s.%s"):format(type_name, name)] = "field"
  end
end

-- Adds the fields of views, geometries and tables that the binding makes.
local function add_tables(found, pymalloc)
  local heap <close> = pymalloc.heap()
  local b = heap:malloc(24)
  add_fields(found, "Arena", heap:arena(0))
  add_fields(found, "Pool", b:pool())
  add_fields(found, "Place", b:location())
  add_fields(found, "Geometry", heap.geometry)
  add_fields(found, "Geometry", pymalloc.profiles()[1])
  add_fields(found, "Stats", heap:stats())
  add_fields(found, "ClassStats", heap:stats().classes[1])
  add_fields(found, "SizeClass", pymalloc.class_table("3.6")[1])
  add_fields(found, "Snapshot", heap:snapshot())
  add_fields(found, "Diff", pymalloc.diff(heap:snapshot(), heap:snapshot()))
  local summary = pymalloc.trace.replay_text("i 1\na 1 8\n" .. ("m x\n"):rep(10001))
  add_fields(found, "Summary", summary)
  add_fields(found, "Summary", summary.interpreters[1])
  add_fields(found, "Trace", pymalloc.trace.record(function() end))
end

local function add_events(found, pymalloc)
  local run <close> = pymalloc.replay((pymalloc.trace.parse("a 1 8\na 2 600\nf 2\nf 1\n")))
  for op = 1, run.length do
    run:seek(op)
    for _, event in ipairs(run:events(true)) do
      add_fields(found, "Event", event)
    end
  end
  add_names(found, "Run", "op length left_out heap")
  add_names(found, "LoadedTrace", "requests left_out name")
  add_names(found, "Workload", "name requests text")
  add_names(found, "Snapshot", "stacks")
  for name in pairs(require("pymalloc.workload.object").methods) do
    found["workload:" .. name] = "function"
  end
  add_names(found, "Heap", "geometry")
  add_names(found, "Buffer", "type")
end

-- Adds the options, from the error message for an unknown option, which lists them.
local function add_options(found, pymalloc)
  local nonsense = { [""] = true }
  local loaded <close> = pymalloc.trace.loaded { text = "a 1 8\n" }
  add_names(found, "Design",
    select(2, pcall(pymalloc.lab.simulate, loaded, nonsense)):match("allowed: (.*)%)"))
  local _, problem = pcall(pymalloc.heap, nonsense)
  add_names(found, "Options", problem:match("allowed: (.*)%)"))
  _, problem = pcall(pymalloc.trace.replay_text, "", nonsense)
  add_names(found, "ReplayOptions", problem:match("allowed: (.*)%)"))
end

-- Adds the fields of an experiment and of its rows. The field problem is in rows of designs that
-- need other software, instructions only where the system counts them, and total_trimmed only
-- for real allocators.
local function add_experiment(found, pymalloc)
  local measures = require("pymalloc.experiment.measures").names()
  local experiment = pymalloc.experiment { traces = { { text = "a 1 8\ni 1\na 2 8\n" } },
    geometries = { "3.6" }, measure = measures, series = 1 }
  add_fields(found, "Experiment", experiment)
  add_fields(found, "Experiment", experiment:pivot("held_peak"))
  for _, row in ipairs(experiment.rows) do
    add_fields(found, "ExperimentRow", row)
  end
  add_names(found, "ExperimentRow", "problem instructions total_trimmed")
  return experiment
end

-- Adds the methods of objects that Lua makes, from the metatable of an example.
local function add_objects(found, pymalloc)
  local heap <close> = pymalloc.heap()
  local newer <close> = pymalloc.heap { profile = "3.11" }
  local report = pymalloc.report.parse(newer:debugmallocstats())
  add_fields(found, "Report", report)
  local analysis = pymalloc.analyse { text = "a 1 8\n" }
  add_fields(found, "Analysis", analysis)
  local objects = { subscription = heap:on(print), experiment = add_experiment(found, pymalloc),
    analysis = analysis, snapshot = heap:snapshot(), report = report, plot = pymalloc.plot.lines {
      series = { { name = "", x = { 1 }, y = { 1 } } } } }
  for word, object in pairs(objects) do
    for name, value in pairs(debug.getmetatable(object).__index) do
      if type(value) == "function" and not name:find("^__") then
        found[word .. ":" .. name] = "function"
      end
    end
  end
end

--- All public functions and fields.
function M.read()
  local pymalloc, found = require "pymalloc", {}
  add_module(found, "pymalloc.", pymalloc)
  add_module(found, "lesson.", require "pymalloc.lesson")
  add_module(found, "assert.", require "pymalloc.assertions")
  add_methods(found)
  add_tables(found, pymalloc)
  add_events(found, pymalloc)
  add_options(found, pymalloc)
  add_objects(found, pymalloc)
  return found
end

return M
