-- pymalloc traces: lists the built-in traces.

local builtin = require "pymalloc.trace.builtin"
local terminal = require "pymalloc.cli.terminal"
local text = require "pymalloc.text"

local M = {}

function M.define(parser)
  parser:command("traces", "List the built-in traces, whose names stand where a trace's path may.",
    "Example: pymalloc traces\n\n"
      .. "A file whose name begins with @ is named with its folder, such as ./@startup.")
end

function M.run()
  local rows = {}
  for i, one in ipairs(builtin.list) do
    rows[i] = { one.name, text.group(one.requests), one.about }
  end
  terminal.write_table({ "name", "requests", "what was recorded" }, "lrl", rows)
  return 0
end

return M
