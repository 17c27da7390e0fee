-- Lists of cells, single cells, and the joining of results.

local cells = require "pymalloc.experiment.cells"
local text = require "pymalloc.text"

local M = {}

local FAILED, BAD_USAGE = 1, 2
local NUMBERS_NAMED = 8 -- of cells without a result

--- Writes cells to standard output, one a line.
function M.write_list(list)
  for _, cell in ipairs(list) do
    io.stdout:write(cells.line(cell), "\n")
  end
  return 0
end

-- The lines of a file, each with its newline unless it is the last and cut; or nil and a
-- message.
local function lines_of(path)
  local file <close>, problem = io.open(path, "rb")
  if not file then
    return nil, problem
  end
  local content, reason = file:read("a")
  if not content then
    return nil, ("%s cannot be read: %s"):format(path, reason)
  end
  local lines = {}
  for line in content:gmatch("[^\n]*\n?") do
    table.insert(lines, line ~= "" and line or nil)
  end
  return lines
end

--- Reads the cells that --list wrote; or nil, a message and the exit code.
function M.read_cells(path)
  local lines, problem = lines_of(path)
  if not lines then
    return nil, problem, FAILED
  end
  local list = {}
  for i, line in ipairs(lines) do
    local cell = cells.read_cell(line)
    if not cell or cell.cell ~= i or list[1] and cell.plan ~= list[1].plan then
      return nil, ("%s:%d: expected cell %d of a list that --list wrote"):format(path, i, i),
        FAILED
    end
    list[i] = cell
  end
  if not list[1] or #list ~= list[1].of then
    return nil, list[1] and ("%s has %s of %d"):format(path, text.count(#list, "cell"), list[1].of)
      or path .. " has no cells", FAILED
  end
  return list
end

--- Measures the cell of a line, and writes the line of its result.
function M.run_cell(line)
  local cell = cells.read_cell(line == "-" and io.stdin:read("l") or line)
  if not cell then
    return nil, "option '--cell' takes a line that --list wrote, got '"
      .. text.printable(line:sub(1, 60)) .. "'", BAD_USAGE
  end
  local runner <close> = cells.runner()
  local result, problem = runner:run(cell)
  if not result then
    return nil, problem, FAILED
  end
  io.stdout:write(cells.line(result), "\n")
  return 0
end

-- {=== Results in files

--- Reads the results in a file: an array, and true if the last line is cut; or nil and a
-- message.
function M.read_results(path)
  local lines, problem = lines_of(path)
  if not lines then
    return nil, problem
  end
  local results = {}
  for i, line in ipairs(lines) do
    local result = line:find("\n$") and cells.read_result(line)
    if not result and i == #lines and not line:find("\n$") then
      return results, true
    elseif not result then
      return nil, ("%s:%d: expected the result of a cell"):format(path, i)
    end
    results[i] = result
  end
  return results, false
end

local function missing_text(missing, all)
  local list = table.concat(missing, ", ", 1, math.min(#missing, NUMBERS_NAMED))
  return ("%d of %d cells have no result: %s%s"):format(#missing, all, list,
    #missing > NUMBERS_NAMED and ", ..." or "")
end

-- Adds the results of a file. Returns true; or nil and a message.
local function add_file(results, path)
  local list, is_cut = M.read_results(path)
  if not list then
    return nil, is_cut
  elseif is_cut then
    io.stderr:write(("pymalloc: %s: the last line is cut, and is left out\n"):format(path))
  end
  for _, result in ipairs(list) do
    local ok, problem = results:add(result, path)
    if not ok then
      return nil, problem
    end
  end
  return true
end

--- Joins the results in files: pymalloc.experiment.cells' Results, which are whole; or nil, a
-- message and the exit code.
function M.merge(paths)
  local results = cells.results()
  for _, path in ipairs(paths) do
    local ok, problem = add_file(results, path)
    if not ok then
      return nil, problem, FAILED
    end
  end
  local missing = results:missing()
  if not results.of then
    return nil, "there are no results in the files", FAILED
  elseif #missing > 0 then
    return nil, missing_text(missing, results.of), FAILED
  elseif results.again > 0 then
    io.stderr:write(("pymalloc: %s there twice, with equal results\n"):format(
      text.count(results.again, "cell is", "cells are")))
  end
  return results
end

return M
