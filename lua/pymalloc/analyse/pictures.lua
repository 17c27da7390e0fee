-- Plots of an analysis.

local cells = require "pymalloc.analyse.cells"
local check = require "pymalloc.plot.check"
local plots = require "pymalloc.plot"
local text = require "pymalloc.text"

local M = {}

local WHAT = "analysis:plot"

--- The sections that have a plot.
M.sections = { "curve", "lifetimes", "sizes" }

local fields = check.with_look { "section" }

function M.is_drawn(name)
  for _, section in ipairs(M.sections) do
    if section == name then
      return true
    end
  end
  return false
end

local function with_look(options, analysis, title, plot)
  for name in pairs(check.look_fields) do
    plot[name] = options[name]
  end
  plot.title = options.title or ("%s: %s"):format(title, text.printable(analysis.name))
  return plot
end

-- The beginnings of the phases after the first, if they have names of the trace.
local function marks_of(analysis)
  local marks = {}
  for i, phase in ipairs(analysis.phases_by == "marks" and analysis.phases or {}) do
    marks[i] = { x = phase.from - 1, name = phase.name }
  end
  return marks
end

--- The live bytes over the requests; or nil and a message.
function M.curve(analysis, options)
  local curve = analysis.curve
  if #curve.requests == 0 then
    return nil, "the trace has no requests"
  end
  return plots.lines(with_look(options, analysis, "Live bytes", {
    x = { title = "requests" }, y = { title = "bytes live after each request", unit = "bytes" },
    series = { { name = "live", x = curve.requests, y = curve.live_bytes } },
    marks = marks_of(analysis),
  }))
end

-- One bar for each range.
local function ranges(analysis, options, title, list, field, y_title)
  local bars = {}
  for i, range in ipairs(list) do
    bars[i] = { name = cells.range(range.from, range.to), values = { range[field] } }
  end
  if #bars == 0 then
    return nil, ("the trace has no %s to draw"):format(field)
  end
  return plots.bars(with_look(options, analysis, title, { parts = { field }, bars = bars,
    y = { title = y_title } }))
end

local drawers = {
  curve = M.curve,
  sizes = function(analysis, options)
    return ranges(analysis, options, "Requests by size in bytes", analysis.size_ranges,
      "requests", "requests of a range of sizes")
  end,
  lifetimes = function(analysis, options)
    return ranges(analysis, options, "Blocks by lifetime in requests", analysis.lifetimes,
      "blocks", "blocks that are freed within a range of requests")
  end,
}

--- A plot of a section; or nil and a message. What is wrong raises a message.
function M.plot(analysis, options)
  options = options == nil and {} or options
  check.fields(WHAT, "the options", options, fields)
  local section = check.choice(WHAT, "section", options.section, M.sections, "curve")
  local ok, plot, problem = pcall(drawers[section], analysis, options)
  if not ok then
    error(tostring(plot):gsub("^.-(pymalloc: )", "%1"), 0)
  end
  return plot, problem
end

return M
