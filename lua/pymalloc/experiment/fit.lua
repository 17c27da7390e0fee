-- Fits the columns of an experiment into a width: names of measures are written in two lines,
-- names of rows are cut, and measures are left out.

local columns = require "pymalloc.experiment.columns"
local names = require "pymalloc.experiment.names"

local M = {}

local GAP <const> = columns.GAP
local LABEL_LEAST, MEASURE_LEAST = 8, 20

-- Narrows the widest of the labels until all of them have the width.
local function share(labels, width)
  while columns.sum_of_widths(labels) > width do
    local widest = labels[1]
    for _, label in ipairs(labels) do
      widest = label.width > widest.width and label or widest
    end
    if widest.width <= LABEL_LEAST then
      return
    end
    widest.width = widest.width - 1
  end
end

-- Cuts the names of rows so that the first measure, or half of the width, remains.
local function fit_labels(labels, measures, width)
  for _, label in ipairs(labels) do
    label.head = { label.name }
    label.cells = names.fit(label.cells, 1 << 20)
    label.width = math.max(columns.width_of(label.head), columns.width_of(label.cells))
  end
  local first = measures[1] and measures[1].width + GAP or 0
  local rest = measures[1] and columns.sum_of_widths(measures) + GAP or 0
  share(labels, width - math.max(first, math.min(rest, width // 2)))
  for _, label in ipairs(labels) do
    label.cells = names.fit(label.cells, label.width)
  end
end

-- The measures for which there is room, and the names of the others. The first one is always
-- shown.
local function fit_measures(labels, measures, width)
  local shown, left_out, used = {}, {}, columns.sum_of_widths(labels)
  for i, measure in ipairs(measures) do
    used = used + GAP + measure.width
    if #left_out == 0 and (i == 1 or used <= width) then
      table.insert(shown, measure)
    else
      table.insert(left_out, measure.name)
    end
  end
  return shown, left_out
end

--- Does any of the measures have a unit?
function M.has_units(measures)
  for _, measure in ipairs(measures) do
    if measure.unit ~= "" then
      return true
    end
  end
  return false
end

--- Lays the columns out, with names of measures in one line if all fit so. Returns the columns
-- of names, those of measures, and the names of the measures left out.
function M.fit(result, width)
  local measures, shown, left_out, labels = columns.measures(result), nil, nil, nil
  local with_units = M.has_units(measures)
  for _, is_split in ipairs { false, true } do
    columns.add_heads(measures, is_split, with_units, math.max(MEASURE_LEAST, width // 3))
    labels = columns.labels(result)
    fit_labels(labels, measures, width)
    shown, left_out = fit_measures(labels, measures, width)
    if #left_out == 0 then
      break
    end
  end
  return labels, shown, left_out
end

return M
