-- Plots of an analysis.

local cells = require "pymalloc.analyse.cells"
local columns = require "pymalloc.analyse.columns"
local check = require "pymalloc.plot.check"
local drawing = require "pymalloc.plot.drawing"
local plots = require "pymalloc.plot"
local text = require "pymalloc.text"
local theme = require "pymalloc.plot.theme"

local M = {}

local WHAT = "analysis:plot"

--- The sections that have a plot.
M.sections = { "curve", "young", "sizes", "lifetimes", "joint", "classes" }

local ROWS_MOST = 48                      -- of a heat map
local WIDTH, HEIGHT, ACROSS = 800, 450, 2 -- of a plot on a page; plots in a row

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

local NO_BLOCKS = "the trace has no blocks to draw"

-- The shares of blocks and bytes that are freed within this many requests.
local function young(analysis, options)
  local blocks, bytes = { name = "blocks", x = {}, y = {} }, { name = "bytes", x = {}, y = {} }
  for i, row in ipairs(analysis.dies_young) do
    blocks.x[i], bytes.x[i] = row.below, row.below
    blocks.y[i], bytes.y[i] = 100 * row.share, 100 * row.bytes_share
  end
  if #blocks.x == 0 then
    return nil, NO_BLOCKS
  end
  return plots.curve(with_look(options, analysis, "Blocks freed within fewer requests", {
    x = { title = "requests", log = true }, y = { title = "share of all", unit = "percent" },
    series = { blocks, bytes } }))
end

-- Size by lifetime, as shares of all blocks.
local function joint(analysis, options)
  local rows, names, values = columns.of(analysis.joint), {}, {}
  for i = 1, math.min(#rows, ROWS_MOST) do
    names[i], values[i] = rows[i].range, {}
    for column = 1, #columns.titles do
      values[i][column] = ((rows[i][column] or 0) * 1000 + analysis.births // 2)
        // analysis.births / 10
    end
  end
  if #rows == 0 then
    return nil, NO_BLOCKS
  end
  return plots.heat(with_look(options, analysis, "Blocks by size and lifetime", {
    x = { title = "requests from birth to free", values = columns.titles },
    y = { title = "bytes", values = names }, values = values,
    measure = { title = "share of the blocks", unit = "percent", better = "high" } }))
end

-- The blocks of each size class, and the most that are live.
local function classes(analysis, options)
  local blocks = { name = "blocks", x = {}, y = {} }
  local most = { name = "most at once", x = {}, y = {} }
  for _, class in ipairs(analysis.classes) do
    if class.size then
      table.insert(blocks.x, class.size)
      table.insert(blocks.y, class.blocks)
      table.insert(most.x, class.size)
      table.insert(most.y, class.peak_blocks)
    end
  end
  if #blocks.x == 0 then
    return nil, NO_BLOCKS
  end
  return plots.curve(with_look(options, analysis, "Blocks by class of " .. analysis.geometry.name, {
    x = { title = "bytes of a block" }, y = { title = "blocks" }, series = { blocks, most } }))
end

local drawers = {
  young = young,
  joint = joint,
  classes = classes,
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

-- The styles of the plots hold for the whole page, so its background is that of their theme.
local PAGE = '<svg xmlns="http://www.w3.org/2000/svg" width="%s" height="%s" viewBox="0 0 %d %d">\n'
  .. '<rect width="100%%" height="100%%" fill="%s" class="pym-fill-background"/>\n'

-- Puts plots as SVG beside and below one another; a row is as high as its highest plot.
-- Returns the pieces, and the height of all.
local function arrange(drawn)
  local pieces, top, row_height = {}, 0, 0
  for i, picture in ipairs(drawn) do
    local column = (i - 1) % ACROSS
    if column == 0 then
      top, row_height = top + row_height, 0
    end
    row_height = math.max(row_height, math.tointeger(tonumber(picture:match(' height="(%d+)"'))))
    pieces[i] = picture:gsub("^<svg ", ('<svg x="%d" y="%d" '):format(column * WIDTH, top), 1)
  end
  return pieces, top + row_height
end

--- All plots on one page, as SVG; or nil and a message. A section in which there is nothing to
-- draw has no place on it. Options are theme and scale; a wrong one raises a message.
function M.page(analysis, options)
  options = options == nil and {} or options
  check.fields("analysis:svg", "the options", options, { theme = true, scale = true })
  local size = check.size("analysis:svg", options, {})
  local drawn = {}
  for _, section in ipairs(M.sections) do
    local plot, problem = drawers[section](analysis, {})
    if section == "curve" and not plot then
      return nil, problem
    end
    table.insert(drawn, plot and plot:svg { width = WIDTH, height = HEIGHT, theme = size.theme })
  end
  local pieces, height = arrange(drawn)
  local width = ACROSS * WIDTH
  local ground = theme.roles.background[size.theme] or theme.roles.background.light
  return PAGE:format(drawing.number(width * size.scale), drawing.number(height * size.scale), width,
    height, ground) .. table.concat(pieces, "\n") .. "\n</svg>\n"
end

--- A plot of a section; or nil and a message. A wrong option raises a message.
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
