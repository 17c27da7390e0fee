-- pymalloc traces: lists the built-in traces.

local builtin = require "pymalloc.trace.builtin"
local terminal = require "pymalloc.cli.terminal"
local text = require "pymalloc.text"

local M = {}

function M.define(parser)
  parser:command("traces",
    "List the built-in traces, which can be given in place of the path of a trace.",
    "Example: pymalloc traces\n\n"
      .. "For a file whose name begins with @, give its folder too, such as ./@startup.")
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
