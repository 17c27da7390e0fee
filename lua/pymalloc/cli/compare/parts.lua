-- Lists of cells, single cells, and the joining of results.

local cells = require "pymalloc.experiment.cells"
local json = require "pymalloc.json"
local stdout = require "pymalloc.cli.stdout"
local text = require "pymalloc.text"

local M = {}

local FAILED, BAD_USAGE = 1, 2
local NUMBERS_NAMED = 8 -- of cells without a result
local PIECE_BYTES, LINE_MOST = 1 << 18, 1 << 22 -- bytes

--- Writes cells to standard output, one a line.
function M.write_list(list)
  for _, cell in ipairs(list) do
    stdout.write(json.line(cell), "\n")
  end
  return 0
end

-- Calls use(line) for each whole line of a piece, with the rest of the piece before in front of
-- the first. Returns the new rest, and the first message that use returns.
local function use_lines(rest, piece, use)
  local from = 1
  local last = piece:find("\n", from, true)
  while last do
    local message = use(rest .. piece:sub(from, last))
    if message then
      return rest, message
    end
    rest, from = "", last + 1
    last = piece:find("\n", from, true)
  end
  return rest .. piece:sub(from)
end

-- Calls use(line, number) for each line of a file, until it returns a message. The newline
-- remains: only the last line may have none. Returns true; or nil and the message, also for a
-- file that cannot be read.
local function each_line(path, use)
  local file <close>, problem = io.open(path, "rb")
  if not file then
    return nil, problem
  end
  local rest, number = "", 0
  local function numbered(line)
    number = number + 1
    return use(line, number)
  end
  local piece, failure = file:read(PIECE_BYTES)
  while piece do
    local message
    rest, message = use_lines(rest, piece, numbered)
    if #rest > LINE_MOST then
      message = ("%s:%d: a line is longer than %d bytes"):format(path, number + 1, LINE_MOST)
    end
    if message then
      return nil, message
    end
    piece, failure = file:read(PIECE_BYTES)
  end
  if failure then
    return nil, ("%s cannot be read: %s"):format(path, failure)
  end
  local message = rest ~= "" and numbered(rest)
  return not message or nil, message or nil
end

--- Reads the cells that --list wrote; or nil, a message and the exit code.
function M.read_cells(path)
  local list = {}
  local ok, problem = each_line(path, function(line, number)
    local cell = cells.read_cell(line)
    if not cell or cell.cell ~= number or list[1] and cell.plan ~= list[1].plan then
      return ("%s:%d: expected cell %d of a list that --list wrote"):format(path, number, number)
    end
    list[number] = cell
  end)
  if not ok then
    return nil, problem, FAILED
  elseif not list[1] or #list ~= list[1].of then
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
  stdout.write(json.line(result), "\n")
  return 0
end

-- {=== Results in files

--- Reads the results in a file: an array, and true if the last line is cut; or nil and a
-- message.
function M.read_results(path)
  local results, is_cut = {}, false
  local ok, problem = each_line(path, function(line, number)
    local is_whole = line:find("\n$")
    results[number] = is_whole and cells.read_result(line) or nil
    is_cut = not is_whole
    return is_whole and not results[number]
      and ("%s:%d: expected the result of a cell"):format(path, number) or nil
  end)
  if not ok then
    return nil, problem
  end
  return results, is_cut
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
