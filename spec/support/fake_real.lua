-- Libraries whose footprint is known (spec/real/fake_allocator.c), and traces to replay on them.

local command = require "spec.support.command"
local pymalloc = require "pymalloc"

local M = {}

-- Was the library that replays a trace on another allocator built?
M.is_built = package.searchpath("pymalloc.real", package.cpath) ~= nil

-- Builds the fake allocator with these flags. The library ends with its variable.
function M.library(flags, suffix)
  local built = command.file("", suffix or ".so")
  local _, problem, code = command.run(("%sgcc -O1 -fPIC -shared -fno-builtin %s -o '%s' "
    .. "spec/real/fake_allocator.c"):format(command.leaks_allowed, flags, built.path))
  assert(code == 0, problem)
  return built
end

function M.trace_of(lines)
  return (assert(pymalloc.trace.parse(table.concat(lines, "\n") .. "\n")))
end

-- `count` blocks of `bytes`; then, if told, all are freed.
function M.blocks(count, bytes, is_freed)
  local lines = {}
  for id = 1, count do
    table.insert(lines, ("a %d %d"):format(id, bytes))
  end
  for id = 1, is_freed and count or 0 do
    table.insert(lines, ("f %d"):format(id))
  end
  return M.trace_of(lines)
end

return M
