-- pymalloc classes: the size classes of a geometry.

local heap_options = require "pymalloc.cli.heap_options"
local terminal = require "pymalloc.cli.terminal"

local M = {}

local BAD_USAGE = 2

local titles = { "class", "size", "blocks per pool", "bytes lost" }

function M.define(parser)
  local command = parser:command("classes",
    "List the size classes: size of a block, blocks in a pool, unused bytes of a pool.",
    "Examples: pymalloc classes --profile 3.11 --pool-bytes 4K\n"
      .. "          pymalloc classes --alignment 32 --threshold 256 --arena-bytes 1M")
  heap_options.define_geometry(command)
end

function M.run(arguments)
  local options, classes = heap_options.read(arguments)
  if not options then
    return nil, classes, BAD_USAGE
  end
  local rows = {}
  for i, class in ipairs(classes) do
    rows[i] = { class.szidx, class.size, class.capacity, class.waste }
  end
  terminal.write_table(titles, "rrrr", rows)
  return 0
end

return M
