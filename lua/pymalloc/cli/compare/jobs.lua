-- Measures all cells, in this process or in several.
--
-- Process I of N measures the cells I, I + N, I + 2N and so on, and writes a line for each to a
-- pipe. The pipes are read in turn, so that the results come in the order of the cells, and no
-- process waits long. If this process ends, the others cannot write any more, and end too.

local cells = require "pymalloc.experiment.cells"
local core = require "pymalloc.core"
local json = require "pymalloc.json"
local packed = require "pymalloc.packed"
local progress = require "pymalloc.cli.progress"

local M = {}

local FAILED = 1

-- Measures all cells here.
local function run_here(list)
  local results = cells.results()
  local runner <close> = cells.runner()
  local line <close> = progress.new(true, "cells")
  for i, cell in ipairs(list) do
    local result, problem = runner:run(cell)
    if not result then
      return nil, problem, FAILED
    end
    results:add(result, "")
    line:show(i)
  end
  return results
end

-- {=== Several processes

-- The words that started this process, up to the script, in quotes for a shell.
local function own_command()
  local first = 0
  while arg[first - 1] do
    first = first - 1
  end
  local words = {}
  for i = first, 0 do
    table.insert(words, packed.quote(arg[i]))
  end
  return table.concat(words, " ")
end

-- Writes the cells to a temporary file, which a signal removes. Returns its path; or nil and a
-- message.
local function write_cells(list)
  local path, problem = core.output.scratch()
  if not path then
    return nil, problem
  end
  local file <close>, reason = io.open(path, "wb")
  local ok = file ~= nil
  for _, cell in ipairs(list) do
    if ok then
      ok, reason = file:write(json.line(cell), "\n")
    end
  end
  if ok then
    ok, reason = file:flush()
  end
  if not ok then
    core.output.remove(path)
    return nil, ("%s cannot be written: %s"):format(path, reason)
  end
  return path
end

local function start(path, count)
  local pipes = {}
  for i = 1, count do
    pipes[i] = assert(io.popen(("exec %s compare --cells %s --shard %d/%d"):format(own_command(),
      packed.quote(path), i, count), "r"))
  end
  return pipes
end

local function close(pipes)
  for _, pipe in ipairs(pipes) do
    if io.type(pipe) == "file" then
      pipe:close()
    end
  end
end

-- Reads one line of each pipe in turn.
local function collect(list, pipes)
  local results = cells.results()
  local line <close> = progress.new(true, "cells")
  for i in ipairs(list) do
    local pipe = pipes[(i - 1) % #pipes + 1]
    local result = cells.read_result(pipe:read("l") or "")
    if not result then
      local _, how, code = pipe:close()
      return nil, ("the process that measures cell %d of %d has ended (%s %s)"):format(i, #list,
        how == "signal" and "signal" or "exit code", tostring(code)), FAILED
    end
    results:add(result, "")
    line:show(i)
  end
  return results
end

local function run_in_processes(list, count)
  local path, problem = write_cells(list)
  if not path then
    return nil, problem, FAILED
  end
  local pipes = start(path, count)
  local results, message, code = collect(list, pipes)
  close(pipes)
  core.output.remove(path)
  return results, message, code
end

--- Measures all cells in that many processes. Returns the results; or nil, a message and the
-- exit code.
function M.run(list, count)
  count = math.min(count, #list)
  if count <= 1 then
    return run_here(list)
  end
  return run_in_processes(list, count)
end

return M
