-- The shape of a report: what its fields hold, also after a script has changed some. The
-- bounds are those of pymalloc.report.parse.

local parse = require "pymalloc.report.parse"
local shape = require "pymalloc.shape"

local M = {}

local bytes, count = shape.number(parse.BYTES_MOST), shape.number(parse.COUNT_MOST)
local size = shape.number(parse.SIZE_MOST, 1)

local fields = {
  threshold = size, class_count = size, arena_size = size, pool_bytes = size,
  arena_count = count, unused_pools = count,
  arena_bytes = bytes, unused_pool_bytes = bytes, total_bytes = bytes, map_bytes = bytes,
}
for _, name in ipairs(parse.label_fields) do
  fields[name] = bytes
end
for name, one in pairs(fields) do
  fields[name] = shape.optional(one)
end

fields.classes = shape.list(shape.record {
  szidx = count, size = count, pools = count, live = count, available = count,
})
fields.free_lists = shape.list(shape.record {
  name = shape.text, count = count, size = size, bytes = bytes,
})

local report_shape = shape.record(fields)

--- A message about the first field of a table that no report has; nil if there is none.
function M.problem(report)
  return report_shape(report, "")
end

return M
