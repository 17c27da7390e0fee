--- Analyses of traces: the sizes that a trace asks for, how long its blocks live, and how many
-- bytes are live over time. No allocator is involved: the memory is assumed to have no limit.
--
--     local analysis = pymalloc.analyse("@json")
--     print(analysis)
--     print(analysis.quantiles.lifetimes.p50, analysis.churn.allocated_per_live)

local check = require "pymalloc.check"
local core = require "pymalloc.core"
local count = require "pymalloc.analyse.count"
local events = require "pymalloc.event"
local frames = require "pymalloc.frames"
local report = require "pymalloc.analyse.report"
local sections = require "pymalloc.analyse.sections"
local trace_module = require "pymalloc.trace"

local M = {}

local YOUNG, POINTS = 1024, 512

-- The largest number of points of a curve.
M.POINTS_MOST = 1 << 20

--- pymalloc.Analysis: the figures of a trace; tostring writes all sections. A block lives from
-- the request that makes its id live until the request that frees it; a realloc in between changes
-- its size. Bytes allocated are the sizes of new blocks and the bytes that reallocs add to blocks.
-- Only blocks that are freed have a lifetime.
-- @tfield string name the path, or the name of the trace
-- @tfield table geometry that of the classes: name, alignment, threshold
-- @tfield integer young blocks with a lifetime of fewer requests are counted as young in classes
-- and sites
-- @tfield integer requests of one interpreter
-- @tfield integer left_out requests of other interpreters
-- @tfield integer mallocs
-- @tfield integer callocs
-- @tfield integer reallocs
-- @tfield integer frees
-- @tfield integer refused requests of more bytes than any allocator serves
-- @tfield integer free_nothing frees of an id that was not live
-- @tfield integer realloc_fresh reallocs of an id that was not live
-- @tfield integer births number of blocks
-- @tfield integer deaths number of blocks that are freed
-- @tfield integer kept number of blocks that are never freed
-- @tfield integer kept_bytes bytes of these at the end
-- @tfield integer requested_bytes of all mallocs, callocs and reallocs
-- @tfield integer allocated_bytes
-- @tfield integer freed_bytes of blocks that are freed, and what reallocs take away
-- @tfield integer peak_live_blocks
-- @tfield integer peak_live_bytes
-- @tfield integer peak_bytes_at the first request after which peak_live_bytes are live
-- @tfield integer peak_live_small the most bytes live in blocks up to the threshold
-- @tfield integer mean_live_blocks the mean of the numbers after each request
-- @tfield integer mean_live_bytes
-- @tfield integer chains number of blocks that are resized
-- @tfield integer longest_chain number of reallocs of one block
-- @tfield integer realloc_in_place resizes that stay in place by CPython's rule
-- @tfield integer realloc_moved
-- @tfield integer realloc_raw resizes of a block beyond the threshold
-- @tfield integer moved_bytes bytes that the moves copy
-- @tfield table[] sizes of requests up to the threshold: size, requests, bytes
-- @tfield table[] large of requests beyond it, in ranges that double: from, to, requests, bytes
-- @tfield table[] size_ranges of all requests, in the same form
-- @tfield table[] lifetimes in requests, in ranges that double: from, to, blocks, bytes
-- @tfield table[] byte_lifetimes the same in bytes allocated
-- @tfield table quantiles of sizes, lifetimes and byte_lifetimes: each has p1, p10, p25, p50,
-- p75, p90, p99 and p100, the least value that this percentage of the values does not exceed
-- @tfield table[] joint size by lifetime: size_from, size_to, from, to, blocks, bytes; without
-- from and to for blocks that are never freed
-- @tfield table curve the live blocks and bytes along the trace: arrays requests, live_blocks,
-- live_bytes and live_small
-- @tfield table[] phases each with name, from and to (its requests), births, deaths,
-- allocated_bytes, freed_bytes, live_blocks and live_bytes (at its end), peak_live_bytes
-- @tfield string phases_by how the phases were found: "marks"; for a trace without marks "live
-- bytes", where a rise or fall ends when the live bytes turn by at least a quarter of their
-- peak; or "none"
-- @tfield table churn allocated_per_live (bytes allocated for each byte that is live on
-- average), allocated_per_request, births_per_request
-- @tfield table[] chain_lengths blocks by their number of reallocs: from, to, blocks, bytes
-- @tfield table[] growths reallocs by the factor of their size: growth, reallocs
-- @tfield table[] classes those with blocks: szidx, size (neither: raw blocks), blocks (that
-- came into the class), requested_bytes, rounding_bytes, kept, peak_blocks, young, moved_away,
-- half_within (half of the blocks that left the class stayed for at most this many requests)
-- @tfield table[] dies_young below (a power of two), blocks and bytes that are freed within
-- fewer requests, and their shares of all: share, bytes_share
-- @tfield table[] sites the blocks by the site that requested them, if the trace has call stacks:
-- where, blocks, bytes, young, young_bytes, kept, kept_bytes, mean_lifetime; the sites with the
-- most bytes come first
-- @tfield string sites_by the grouping: "site", "line", "function", "file" or "stack"
local Analysis = {}

local metatable = {
  __name = "pymalloc.Analysis",
  __metatable = "pymalloc.Analysis",
  __index = Analysis,
}

local allowed = { "by", "geometry", "interpreter", "points", "young" }

local function refuse(format, ...)
  check.refuse("analyse", format, ...)
end

local function check_count(options, name, default, most)
  local given = options[name]
  return given == nil and default or check.integer("analyse", name, given, 1, most)
end

local function by_of(options)
  local by = options.by == nil and "line" or options.by
  if type(by) ~= "string" or not frames.is_grouping(by) then
    refuse("by must be one of %s, got %s", table.concat(frames.groupings, ", "),
      core.describe(by))
  end
  return by
end

-- The geometry of a profile's name or a table of options.
local function geometry_of(given)
  if given == nil then
    given = "3.6"
  elseif type(given) ~= "string" and type(given) ~= "table" then
    refuse("geometry must be the name of a profile or a table of options, got %s",
      core.describe(given))
  end
  local classes = events.unplaced(core.class_table, given)
  return { name = require("pymalloc.geometry_name")(given), alignment = classes[1].size,
    threshold = classes[#classes].size }
end

-- Checks the options. Returns a new analysis, the number of points and the interpreter.
local function begin(options)
  options = trace_module.options(options) or {}
  if type(options) ~= "table" then
    refuse("options must be a table, got %s", core.describe(options))
  end
  check.keys("analyse", "option", options, allowed)
  return {
    geometry = geometry_of(options.geometry),
    young = check_count(options, "young", YOUNG, math.maxinteger),
    sites_by = by_of(options),
  }, check_count(options, "points", POINTS, M.POINTS_MOST), options.interpreter
end

local function fill(analysis, loaded, points)
  core.analysis.mark(loaded, 1) -- refuses a userdata that is not a LoadedTrace
  analysis.name, analysis.left_out = loaded.name, loaded.left_out
  return count.fill(analysis, loaded, points)
end

-- Analyses a trace that is loaded already, or loads it first.
local function run(trace, options)
  local analysis, points, interpreter = begin(options)
  if type(trace) == "userdata" then
    return events.without_place(fill, analysis, trace, points)
  end
  local loaded <close>, problem, kind = events.without_place(trace_module.loaded,
    trace, { interpreter = interpreter })
  if not loaded then
    return nil, problem, kind
  end
  return fill(analysis, loaded, points)
end

--- Analyses a trace.
-- @tparam string|pymalloc.Trace|pymalloc.LoadedTrace trace
-- @tparam[opt] table options geometry: that of the classes, the name of a profile or a table,
-- default "3.6"; young: blocks that live fewer requests are counted as young, default 1024; points:
-- the most points of the curve, default 512; by: how sites are grouped, "line" (the default),
-- "site", "function", "file" or "stack"; interpreter: whose requests are analysed, default 0
-- @treturn pymalloc.Analysis or nil, a message and "trace" for a trace that cannot be read
-- @usage
-- local analysis = pymalloc.analyse("@startup")
-- analysis.births --> 21345
-- analysis.quantiles.sizes.p50 --> 63
function M.analyse(trace, options)
  local analysis, problem, kind = events.checked(run, trace, options)
  if not analysis then
    return nil, problem, kind
  end
  return setmetatable(analysis, metatable)
end

local function check_self(analysis, what)
  if debug.getmetatable(analysis) ~= metatable then
    error(("pymalloc: analysis:%s: self must be an analysis, got %s"):format(what,
      core.describe(analysis)), 3)
  end
end

-- Raises an error unless it is the name of a section.
local function check_section(name, what)
  if not sections.by_name[name] then
    error(("pymalloc: analysis:%s: section must be one of %s, got %s"):format(what,
      table.concat(sections.names, ", "), core.describe(name)), 3)
  end
end

--- The names of the sections.
-- @treturn string[]
-- @usage pymalloc.analyse(trace):sections()[1] --> summary
function Analysis:sections()
  check_self(self, "sections")
  return table.move(sections.names, 1, #sections.names, 1, {})
end

--- The analysis as JSON.
-- @treturn string
-- @usage pymalloc.analyse(trace):json():match('"births":%s*%d+') --> "births":2
function Analysis:json()
  check_self(self, "json")
  local record = {}
  for name, value in pairs(self) do
    record[name] = value
  end
  return require("pymalloc.cli.json").text(record)
end

--- The numbers of a section as CSV, with a line of titles.
-- @tparam string section its name
-- @treturn string
-- @usage pymalloc.analyse(trace):csv("sizes"):match("^[^\n]*") --> from,to,requests,bytes
function Analysis:csv(section)
  check_self(self, "csv")
  check_section(section, "csv")
  return sections.csv(self, section)
end

--- A section as text of at most 80 columns.
-- @tparam string section its name
-- @treturn string
-- @usage pymalloc.analyse(trace):text("churn"):match("^churn") --> churn
function Analysis:text(section)
  check_self(self, "text")
  check_section(section, "text")
  return report.text(self, { section })
end

--- A plot of an analysis.
-- @tparam[opt] table options section: "curve", the default, draws the live bytes over the
-- requests, with the phases as marks; "sizes" the requests of each range of sizes; "lifetimes"
-- the blocks of each range of lifetimes; "young" the shares that are freed within this many
-- requests; "joint" size by lifetime; "classes" the blocks of each size class. And the options
-- of all plots (see pymalloc.plot)
-- @treturn pymalloc.Plot or nil and a message where there is nothing to draw
-- @usage
-- local curve = pymalloc.analyse(trace):plot()
-- curve:text():match("^[^\n]*") --> Live bytes: text
function Analysis:plot(options)
  check_self(self, "plot")
  local plot, problem = events.checked(require("pymalloc.analyse.pictures").plot, self, options)
  if not plot then
    return nil, problem
  end
  return plot
end

--- All these plots on one page.
-- @tparam[opt] table options theme and scale, as for all plots
-- @treturn string SVG; or nil and a message where there is nothing to draw
-- @usage select(2, pymalloc.analyse(trace):svg():gsub("<svg ", "")) --> 7
function Analysis:svg(options)
  check_self(self, "svg")
  local page, problem = events.checked(require("pymalloc.analyse.pictures").page, self, options)
  if not page then
    return nil, problem
  end
  return page
end

function metatable:__tostring()
  return report.text(self, sections.names)
end

return M
