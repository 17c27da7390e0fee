-- Cells: an experiment divided into parts that are measured one by one, in other processes or
-- on other machines. A cell is one design on one trace. A cell is a line of JSON; its result
-- is one too:
--
--     {"bytes":90123,"cell":1,"design":{"profile":"3.6"},"measure":["held_peak"],"name":"app",
--      "of":6,"plan":"8d...","trace":"app.trace"}
--     {"cell":1,"measure":["held_peak"],"of":6,"plan":"8d...","rows":[{...}]}
--
-- `bytes` is the size of the trace, so that a trace that has changed is noticed. `plan` is a
-- hash of all cells of the list, so that results of another list are not mixed in. Results
-- written and read have the same values, bit by bit.

local core = require "pymalloc.core"
local fnv = require "pymalloc.fnv"
local json = require "pymalloc.json"
local optional = require "pymalloc.optional"
local plans = require "pymalloc.experiment.plan"
local rows = require "pymalloc.experiment.rows"
local sources = require "pymalloc.experiment.sources"

local M = {}

-- {=== The list of cells

local function number_all(cells)
  local hash
  for _, cell in ipairs(cells) do
    hash = fnv(json.line(cell), hash)
  end
  for i, cell in ipairs(cells) do
    cell.cell, cell.of, cell.plan = i, #cells, ("%016x"):format(hash)
  end
  return cells
end

-- The size of a trace in bytes; nil for a built-in one, and where there is no such file.
local function size_of(path)
  if path:sub(1, 1) == "@" or not core.output.is_file(path) then
    return nil
  end
  local file <close> = io.open(path, "rb")
  return file and file:seek("end")
end

local function has_function(value)
  if type(value) ~= "table" then
    return type(value) == "function"
  end
  for _, element in pairs(value) do
    if has_function(element) then
      return true
    end
  end
end

local function check_designs(designs)
  if has_function(designs) then
    error("pymalloc: experiment: a design with a function cannot be a cell: a cell is written "
      .. "as JSON, so that other processes can read it", 0)
  end
end

--- The cells of a plan, the traces outermost: an array of tables. A wrong plan
-- raises a message.
-- @param plan as for pymalloc.experiment; traces are paths, and measures are names
function M.list(plan)
  local read = plans.read(plan)
  check_designs(plan.designs)
  local measure = {}
  for i, one in ipairs(read.measures) do
    measure[i] = one.name
  end
  local cells = {}
  for i, trace in ipairs(plan.traces) do
    local bytes = size_of(trace)
    for _, design in ipairs(plan.designs) do
      table.insert(cells, { trace = trace, bytes = bytes, name = read.names[i], design = design,
        measure = measure, series = plan.series })
    end
  end
  return number_all(cells)
end

-- {=== Reading lines

local function is_count(value)
  return math.type(value) == "integer" and value > 0
end

local function has_head(value)
  return type(value) == "table" and is_count(value.cell) and is_count(value.of)
    and value.cell <= value.of and type(value.plan) == "string"
    and type(value.measure) == "table"
end

-- The table of a line; nil if the line is not whole.
local function decode(line)
  local ok, value = pcall(optional.load("dkjson").decode, line)
  return ok and type(value) == "table" and value or nil
end

--- The cell of a line; nil if the line is not one of a list.
function M.read_cell(line)
  local cell = decode(line)
  if has_head(cell) and type(cell.trace) == "string" and type(cell.name) == "string"
    and (type(cell.design) == "table" or type(cell.design) == "string") then
    return cell
  end
end

--- The result of a line; nil if the line is not one of a cell.
function M.read_result(line)
  local result = decode(line)
  if not has_head(result) or type(result.rows) ~= "table" then
    return nil
  end
  for _, row in ipairs(result.rows) do
    if type(row) ~= "table" or type(row.trace) ~= "string" or type(row.design) ~= "string" then
      return nil
    end
  end
  return result
end

-- {=== Measuring

local Runner = {}
Runner.__index = Runner

--- Measures cells. It keeps the trace of the last cell in memory until the end of a variable
-- marked <close>.
function M.runner()
  return setmetatable({}, Runner)
end

function Runner:__close()
  if self.opened then
    sources.close(self.opened)
    self.opened = nil
  end
end

local function open(self, cell)
  if self.opened and self.trace == cell.trace and self.name == cell.name then
    return self.opened
  end
  Runner.__close(self)
  local bytes = size_of(cell.trace)
  if cell.bytes and bytes and bytes ~= cell.bytes then
    return nil, ("%s has %d bytes now, and had %d when the cells were listed"):format(cell.trace,
      bytes, cell.bytes)
  end
  local problem
  self.opened, problem = sources.open(cell.trace, cell.name)
  self.trace, self.name = cell.trace, cell.name
  return self.opened, problem
end

--- Measures a cell. Returns its result, a table; or nil and a message.
function Runner:run(cell)
  local ok, plan = pcall(plans.read, { traces = { cell.trace }, designs = { cell.design },
    measure = cell.measure, series = cell.series })
  if not ok then
    return nil, (tostring(plan):gsub("^pymalloc: ", ""))
  end
  local opened, problem = open(self, cell)
  if not opened then
    return nil, problem
  end
  local measured, reason = rows.measure(opened, plan.designs[1], plan)
  if not measured then
    return nil, reason
  end
  return { cell = cell.cell, of = cell.of, plan = cell.plan, measure = cell.measure,
    rows = measured }
end

-- {=== Joining

local Results = {}
Results.__index = Results

--- A collection of results, which become one experiment.
function M.results()
  return setmetatable({ of_cell = {}, from = {}, count = 0, again = 0 }, Results)
end

--- Adds a result. `from` names its file. Returns true; or nil and a message.
function Results:add(result, from)
  self.plan, self.of, self.measure = self.plan or result.plan, self.of or result.of,
    self.measure or result.measure
  local before = self.of_cell[result.cell]
  if result.plan ~= self.plan or result.of ~= self.of then
    return nil, ("%s has results of another list of cells than %s"):format(from, self.first)
  elseif before and json.line(before) ~= json.line(result) then
    return nil, ("cell %d has two different results, in %s and %s"):format(result.cell,
      self.from[result.cell], from)
  elseif before then
    self.again = self.again + 1
    return true
  end
  self.first = self.first or from
  self.of_cell[result.cell], self.from[result.cell] = result, from
  self.count = self.count + 1
  return true
end

--- The numbers of the cells without a result.
function Results:missing()
  local missing = {}
  for cell = 1, self.of or 0 do
    if not self.of_cell[cell] then
      table.insert(missing, cell)
    end
  end
  return missing
end

--- The rows of all results, in the order of the cells, and the names of the measures.
function Results:rows()
  local all = {}
  for cell = 1, self.of do
    local measured = self.of_cell[cell].rows
    table.move(measured, 1, #measured, #all + 1, all)
  end
  return all, self.measure
end

return M
