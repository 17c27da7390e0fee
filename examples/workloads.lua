-- What a trace is like, and two geometries on a shorter trace that is like it and on
-- generated ones.
local pymalloc = require "pymalloc"

local workload = pymalloc.workload

local original = assert(pymalloc.analyse("@startup"))
print(original:text("churn"))
print(("half of its blocks live at most %d requests; %d of %d are never freed"):format(
  original.quantiles.lifetimes.p50, original.kept, original.births))

local traces = {
  assert(workload.like("@startup", 20000)),
  workload.survivors { requests = 20000, batch = 5000 },
  workload.ramps { requests = 10000, ramp = 2500 } .. workload.storms { requests = 10000 },
  workload.mix { { workload.python { requests = 15000 }, 3 }, workload.growth { requests = 5000 } },
}

print()
for _, trace in ipairs(traces) do
  local analysis = assert(pymalloc.analyse(trace))
  print(("%s: at most %d bytes live"):format(trace.name, analysis.peak_live_bytes))
end

print()
print(pymalloc.experiment {
  traces = traces, designs = { "3.6", "3.11" }, measure = { "held_peak", "utilisation_mean" },
})
