-- Shards: part I of N measures each N-th cell, from the I-th on, and writes a line for each.
--
-- The lines are added to a file one by one, so that a signal loses no more than the cell that
-- is being measured. If the file is there already, its cells are not measured again, and a
-- last line that was cut is removed first. This file is not written beside and renamed.

local cells = require "pymalloc.experiment.cells"
local core = require "pymalloc.core"
local json = require "pymalloc.json"
local output = require "pymalloc.output"
local parts = require "pymalloc.cli.compare.parts"
local progress = require "pymalloc.cli.progress"

local M = {}

local FAILED, NO_READER = 1, 141

--- The converter of --shard: "3/10" -> { index = 3, count = 10 }.
function M.read(given)
  local index, count = given:match("^(%d+)/(%d+)$")
  index, count = math.tointeger(tonumber(index)), math.tointeger(tonumber(count))
  if index and count and index >= 1 and index <= count then
    return { index = index, count = count }
  end
  return nil, ("option '--shard' takes I/N, a part and the number of parts, like 3/10, got '%s'")
    :format(given)
end

-- {=== The file

-- Checks that results in a file are of this list. Returns the set of their cells; or nil and a
-- message.
local function done_in(path, results, list)
  local done = {}
  for _, result in ipairs(results) do
    if result.plan ~= list[1].plan then
      return nil, path .. " has results of another list of cells: give another file"
    end
    done[result.cell] = true
  end
  return done
end

-- Writes a file anew without its last line, which is cut.
local function remove_cut(path, results)
  local lines = {}
  for i, result in ipairs(results) do
    lines[i] = json.line(result) .. "\n"
  end
  io.stderr:write(("pymalloc: %s: the last line is cut: its cell is measured again\n"):format(path))
  return output.write(path, table.concat(lines))
end

-- The set of cells that a file has; or nil and a message. A device or a pipe has none.
local function prepare(path, list)
  if not core.output.is_file(path) then
    return {}
  end
  local results, is_cut = parts.read_results(path)
  if not results then
    return nil, is_cut
  end
  local done, reason = done_in(path, results, list)
  if done and is_cut then
    local ok, failure = remove_cut(path, results)
    if not ok then
      return nil, failure
    end
  end
  return done, reason
end

-- {=== Measuring

-- Measures the cells of a part that are not done. `write` returns false if it fails.
local function measure(list, shard, done, write)
  local runner <close> = cells.runner()
  local line <close> = progress.new(true, "cells")
  for i = shard.index, #list, shard.count do
    local result, problem = true, nil
    if not done[list[i].cell] then
      result, problem = runner:run(list[i])
    end
    if not result then
      return nil, problem
    elseif result ~= true and not write(json.line(result) .. "\n") then
      return false
    end
    line:show(i // shard.count)
  end
  return true
end

-- Writes the lines to a handle at once, and keeps the reason of a failure.
local function writer(handle, failure)
  return function(line)
    local ok, reason, code = handle:write(line)
    if ok then
      ok, reason, code = handle:flush()
    end
    failure.reason, failure.code = reason, code
    return ok
  end
end

local function finish(ok, problem, failure, name)
  if ok then
    return 0
  elseif ok == nil then
    return nil, problem, FAILED
  end
  return nil, ("%s cannot be written: %s"):format(name, failure.reason),
    failure.code == core.process.BROKEN_PIPE and NO_READER or FAILED
end

--- Measures a part of the cells. The lines go to the file, or to standard output.
function M.run(list, shard, path)
  local failure = {}
  if not path or path == "-" then
    local ok, problem = measure(list, shard, {}, writer(io.stdout, failure))
    return finish(ok, problem, failure, "the output")
  elseif path == "" then
    return nil, output.EMPTY, FAILED
  end
  local done, problem = prepare(path, list)
  if not done then
    return nil, problem, FAILED
  end
  local file <close>, reason = io.open(path, "ab")
  if not file then
    return nil, reason, FAILED
  end
  local ok, message = measure(list, shard, done, writer(file, failure))
  return finish(ok, message, failure, path)
end

return M
