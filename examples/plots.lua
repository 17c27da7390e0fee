-- Draws the results of an experiment and the space that a trace takes, as text. With
-- plot:save("held.svg") the same plots are pictures.

local pymalloc = require "pymalloc"

local TEXT = { width = 72, height = 10, ascii = true, colour = false }

local result = assert(pymalloc.experiment {
  traces = { "@startup" }, series = 200,
  designs = { "3.6", "3.11", { profile = "3.11", pool_bytes = 4096, arena_bytes = 262144 } },
})

print(result:plot({ kind = "lines" }):text(TEXT))
print()
print(result:plot({ kind = "bars" }):text(TEXT))
print()
print(pymalloc.plot.space("@startup", { heap = "3.6" }):text(TEXT))
