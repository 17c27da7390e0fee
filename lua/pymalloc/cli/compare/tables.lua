-- The table of results, in the form that the options ask for.

local experiment = require "pymalloc.experiment"
local experiment_designs = require "pymalloc.experiment.designs"
local output = require "pymalloc.output"
local stdout = require "pymalloc.cli.stdout"
local svg_options = require "pymalloc.cli.svg_options"

local M = {}

local FAILED, BAD_USAGE, NO_READER = 1, 2, 141

-- A message of the library in the words of the command line.
local function in_options(message)
  return (tostring(message):gsub("^.-pymalloc: ", "")
    :gsub("^experiment:sort: the measure", "option '--sort'")
    :gsub("^experiment:ratios: the baseline", "option '--baseline'")
    :gsub("^experiment:plot: ", "--svg: "):gsub("set trace to", "give --plot-trace")
    :gsub("^experiment: ", ""))
end

-- A result with the names of traces and designs, and no values.
local function unmeasured(list)
  local rows, name_of = {}, {}
  for i, cell in ipairs(list) do
    name_of[cell.design] = name_of[cell.design] or experiment_designs.read(cell.design).name
    rows[i] = { trace = cell.name, design = name_of[cell.design] }
  end
  return experiment.of_rows(rows, list[1].measure)
end

--- The fault of options that name designs or measures, found before anything is measured; nil if
-- there is none.
function M.check(arguments, list)
  if not arguments.baseline and not arguments.sort then
    return nil
  end
  local ok, problem = pcall(function()
    local result = unmeasured(list)
    result = arguments.sort and result:sort(arguments.sort) or result
    return arguments.baseline and result:ratios(arguments.baseline)
  end)
  return not ok and in_options(problem) or nil
end

-- {=== The picture

-- The number of fields in which the designs differ, as the kind of picture depends on it.
local function kind_of(arguments)
  local sweeps = #(arguments.sweeps or {})
  return arguments.plot or sweeps == 1 and "curve" or sweeps == 2 and "heat" or "bars"
end

-- Saves the picture. Returns true; or nil, a message and the exit code.
local function save(arguments, result)
  local kind = kind_of(arguments)
  local look = svg_options.read(arguments)
  local ok, plot = pcall(result.plot, result, { kind = kind, trace = arguments.plot_trace,
    theme = look.theme, scale = look.scale, title = look.title,
    measure = kind ~= "bars" and kind ~= "lines" and kind ~= "scatter" and result.measures[1]
      or nil })
  if not ok then
    return nil, in_options(plot), BAD_USAGE
  end
  local saved, problem, is_unread = output.write(arguments.svg, plot:svg())
  if not saved then
    return nil, problem, is_unread and NO_READER or FAILED
  end
  return true
end

-- {=== The table

local function is_text(arguments)
  return not arguments.csv and not arguments.json and not arguments.markdown
end

local function form_of(arguments, result)
  return arguments.csv and result:csv() or arguments.json and result:json()
    or arguments.markdown and result:markdown() or tostring(result) .. "\n"
end

-- The text that is printed.
local function text_of(arguments, result)
  if not arguments.baseline then
    return form_of(arguments, result)
  end
  local ratios = form_of(arguments, result:ratios(arguments.baseline))
  return is_text(arguments) and form_of(arguments, result) .. "\n" .. ratios or ratios
end

-- The result that is shown, and the text that is printed; a wrong option raises a message.
local function shown(arguments, results)
  local result = experiment.of_rows(results:rows())
  result = arguments.sort and result:sort(arguments.sort) or result
  return result, text_of(arguments, result)
end

--- Prints the table of results, and saves its picture. Takes and returns what commands return.
function M.print(arguments, results, message, code)
  if not results then
    return nil, message, code
  end
  local ok, result, printed = pcall(shown, arguments, results)
  if not ok then
    return nil, in_options(result), BAD_USAGE
  elseif arguments.svg then
    local saved, problem, failure = save(arguments, result)
    if not saved then
      return nil, problem, failure
    end
  end
  if arguments.svg ~= "-" then
    stdout.write(printed)
  end
  return 0
end

return M
