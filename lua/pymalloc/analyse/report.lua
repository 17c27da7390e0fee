-- An analysis as text of at most 80 columns.

local cells = require "pymalloc.analyse.cells"
local columns = require "pymalloc.analyse.columns"
local pictures = require "pymalloc.analyse.pictures"
local text = require "pymalloc.text"

local M = {}

local group = text.group

local COLUMNS, BAR, TOP, PLOT_ROWS = 80, 24, 20, 10
local INDENT = "  "

-- {=== Lines

local function add_table(lines, titles, sides, rows)
  for _, line in ipairs(text.table(table.move(rows, 1, #rows, 2, { titles }), sides)) do
    table.insert(lines, INDENT .. line)
  end
end

local function add_words(lines, words)
  for _, line in ipairs(text.wrap(words, COLUMNS, INDENT)) do
    table.insert(lines, line)
  end
end

local function most_of(rows, name)
  local most = 1
  for _, row in ipairs(rows) do
    most = math.max(most, row[name])
  end
  return most
end

-- {=== Sections: each adds its lines, and at most `most` rows of a table that may be long

local sections = {}

function sections.summary(lines, analysis)
  local a = analysis
  add_table(lines, { "requests", "", "", "blocks", "", "" }, "lrllrl", {
    { "malloc", group(a.mallocs), "", "born", group(a.births), "" },
    { "calloc", group(a.callocs), "", "freed", group(a.deaths), "" },
    { "realloc", group(a.reallocs), cells.remark(a.realloc_fresh, "of no live block"),
      "never freed", group(a.kept), cells.bytes(a.kept_bytes) },
    { "free", group(a.frees), cells.remark(a.free_nothing, "of no live block"),
      "live, most", group(a.peak_live_blocks), "" },
    { "all", group(a.requests), cells.remark(a.refused, "refused"), "live, mean",
      group(a.mean_live_blocks), "" },
  })
  add_words(lines, ("Most bytes live: %s, after request %s; mean %s. Bytes asked for: %s."):format(
    group(a.peak_live_bytes), group(a.peak_bytes_at), group(a.mean_live_bytes),
    group(a.requested_bytes)))
  if a.left_out > 0 then
    add_words(lines, ("%s requests of other interpreters are left out."):format(group(a.left_out)))
  end
end

-- Ranges of values, with the share of each and a bar.
local function add_ranges(lines, titles, ranges, count, most)
  local rows, all, largest = {}, 0, most_of(ranges, count)
  for _, range in ipairs(ranges) do
    all = all + range[count]
  end
  for i, range in ipairs(ranges) do
    rows[i] = { cells.range(range.from, range.to), group(range[count]),
      text.share(range[count], all), group(range.bytes), cells.bar(range[count], largest, BAR) }
  end
  if most then
    table.insert(rows, most)
  end
  add_table(lines, titles, "rrrrl", rows)
end

function sections.sizes(lines, analysis)
  local frequent = table.move(analysis.sizes, 1, #analysis.sizes, 1, {})
  add_words(lines, cells.quantiles("Sizes of requests", analysis.quantiles.sizes))
  add_ranges(lines, { "bytes", "requests", "share", "bytes in all", "" }, analysis.size_ranges,
    "requests")
  table.sort(frequent, function(one, other)
    return one.requests > other.requests or one.requests == other.requests
      and one.size < other.size
  end)
  local names = {}
  for i = 1, math.min(#frequent, 8) do
    names[i] = ("%d (%s)"):format(frequent[i].size, group(frequent[i].requests))
  end
  if #names > 0 then
    add_words(lines, "Most frequent: " .. table.concat(names, ", ") .. ".")
  end
end

function sections.lifetimes(lines, analysis)
  local never = { "never", group(analysis.kept), "", group(analysis.kept_bytes), "" }
  add_words(lines, cells.quantiles("Requests from birth to free", analysis.quantiles.lifetimes))
  add_ranges(lines, { "requests", "blocks", "share", "bytes", "" }, analysis.lifetimes, "blocks",
    never)
  add_words(lines, cells.quantiles("Bytes allocated from birth to free",
    analysis.quantiles.byte_lifetimes))
  add_ranges(lines, { "bytes allocated", "blocks", "share", "bytes", "" },
    analysis.byte_lifetimes, "blocks", never)
end

function sections.joint(lines, analysis)
  local rows = {}
  for i, counts in ipairs(columns.of(analysis.joint)) do
    rows[i] = { counts.range, group(counts.blocks) }
    for column = 1, #columns.titles do
      table.insert(rows[i], counts[column] and text.share(counts[column], counts.blocks) or "-")
    end
  end
  add_words(lines, "Shares of the blocks of a size that live this many requests:")
  add_table(lines, { "bytes", "blocks", table.unpack(columns.titles) }, "rrrrrrrrr", rows)
end

function sections.young(lines, analysis)
  local rows = {}
  for i, row in ipairs(analysis.dies_young) do
    rows[i] = { cells.power(row.below), group(row.blocks), ("%.1f %%"):format(100 * row.share),
      ("%.1f %%"):format(100 * row.bytes_share), cells.bar(row.share, 1, BAR) }
  end
  add_words(lines, "Blocks that are freed within fewer requests, and the share of the bytes:")
  add_table(lines, { "requests <", "blocks", "share", "of bytes", "" }, "rrrrl", rows)
end

function sections.curve(lines, analysis)
  add_words(lines, ("Bytes live after each request: mean %s, at the end %s."):format(
    group(analysis.mean_live_bytes), group(analysis.kept_bytes)))
  local curve = pictures.curve(analysis, {})
  if curve then
    local drawn = curve:text { width = COLUMNS, height = PLOT_ROWS, colour = false }
    for line in drawn:gmatch("[^\n]+") do
      table.insert(lines, line)
    end
  end
end

local found_by = {
  marks = "The marks of the trace begin phases:",
  ["live bytes"] = "The trace has no marks. A phase ends where the live bytes turn, by at least "
    .. "a quarter of their peak:",
  none = "The trace has no marks, and its live bytes do not change by a quarter of their peak.",
}

function sections.phases(lines, analysis, most)
  local rows = {}
  for i = 1, math.min(#analysis.phases, most) do
    local phase = analysis.phases[i]
    rows[i] = { group(phase.from), group(phase.births), group(phase.deaths),
      group(phase.live_bytes), group(phase.peak_live_bytes),
      cells.cut(text.printable(phase.name), 20) }
  end
  add_words(lines, found_by[analysis.phases_by])
  add_table(lines, { "first request", "born", "freed", "live at end", "most live", "phase" },
    "rrrrrl", rows)
  cells.add_rest(lines, #analysis.phases - #rows, "phase", "phases")
end

function sections.churn(lines, analysis)
  local churn = analysis.churn
  add_words(lines, ("%.1f bytes are allocated for each byte that is live on average, %.1f bytes "
    .. "with each request; %.3f blocks are born with each request."):format(
    churn.allocated_per_live, churn.allocated_per_request, churn.births_per_request))
end

function sections.reallocs(lines, analysis)
  local resizes = analysis.realloc_in_place + analysis.realloc_moved + analysis.realloc_raw
  if resizes == 0 then
    add_words(lines, "No live block is resized.")
    return
  end
  add_words(lines, ("%s reallocs of %s: %s stay in place by CPython's rule, %s move (%s bytes "
    .. "copied), %s are of raw blocks. A block is resized at most %s."):format(group(resizes),
    text.count(group(analysis.chains), "block"), group(analysis.realloc_in_place),
    group(analysis.realloc_moved), group(analysis.moved_bytes), group(analysis.realloc_raw),
    text.count(group(analysis.longest_chain), "time")))
  local rows, largest = {}, most_of(analysis.growths, "reallocs")
  for _, row in ipairs(analysis.growths) do
    if row.reallocs > 0 then
      table.insert(rows, { row.growth, group(row.reallocs),
        cells.bar(row.reallocs, largest, BAR) })
    end
  end
  add_table(lines, { "new size", "reallocs", "" }, "lrl", rows)
  add_ranges(lines, { "reallocs", "blocks", "share", "bytes", "" }, analysis.chain_lengths,
    "blocks")
end

-- The classes with the most blocks, in the order of their sizes.
local function busiest(classes, most)
  local sorted, is_busy, list = table.move(classes, 1, #classes, 1, {}), {}, {}
  table.sort(sorted, function(one, other)
    return one.blocks > other.blocks or one.blocks == other.blocks
      and (one.size or math.huge) < (other.size or math.huge)
  end)
  for i = 1, math.min(#sorted, most) do
    is_busy[sorted[i]] = true
  end
  for _, class in ipairs(classes) do
    table.insert(list, is_busy[class] and class or nil)
  end
  return list
end

function sections.classes(lines, analysis, most)
  local rows = {}
  for i, class in ipairs(busiest(analysis.classes, most)) do
    rows[i] = { class.size or "raw", group(class.blocks),
      class.size and text.share(class.rounding_bytes, class.blocks * class.size) or "-",
      group(class.peak_blocks), group(class.kept), text.share(class.young, class.blocks),
      class.half_within and cells.power(class.half_within + 1) or "-" }
  end
  add_words(lines, ("Classes of %s: up to %d bytes, %d bytes apart. young: the share of blocks "
    .. "that leave within %s requests; half: half of those that leave do so within fewer "
    .. "requests."):format(analysis.geometry.name, analysis.geometry.threshold,
    analysis.geometry.alignment, group(analysis.young)))
  add_table(lines, { "class", "blocks", "rounding", "most at once", "at the end", "young",
    "half <" }, "rrrrrrr", rows)
  cells.add_rest(lines, #analysis.classes - #rows, "class", "classes")
end

-- The sites in another order, the first of them as rows.
local function add_sites(lines, analysis, most, title, is_before)
  local sorted = table.move(analysis.sites, 1, #analysis.sites, 1, {})
  table.sort(sorted, is_before)
  local rows = {}
  for i = 1, math.min(#sorted, most) do
    local site = sorted[i]
    rows[i] = { group(site.blocks), group(site.bytes), text.share(site.young, site.blocks),
      group(site.kept), cells.cut(text.printable(site.where:match("^[^\n]*")), 40) }
  end
  add_words(lines, title)
  add_table(lines, { "blocks", "bytes", "young", "kept", analysis.sites_by }, "rrrrl", rows)
  cells.add_rest(lines, #sorted - #rows, "row", "rows")
end

function sections.sites(lines, analysis, most)
  if #analysis.sites == 0 then
    add_words(lines, "The trace has no call stacks.")
    return
  end
  add_sites(lines, analysis, most, ("Most blocks that are freed within %s requests:"):format(
    group(analysis.young)), cells.order("young", "blocks", "where"))
  add_sites(lines, analysis, most, "Most bytes in blocks that are never freed:",
    cells.order("kept_bytes", "bytes", "where"))
end

-- {=== The whole text

--- The named sections as text, each headed by its name.
-- @param top the largest number of rows of phases, classes and sites; by default 20
-- @param paint a function that makes a title bold; nil leaves it as it is
function M.text(analysis, names, top, paint)
  local lines = #names > 1 and text.wrap(("%s: %s"):format(text.printable(analysis.name),
    text.count(group(analysis.requests), "request")), COLUMNS) or {}
  for _, name in ipairs(names) do
    if #lines > 0 then
      table.insert(lines, "")
    end
    table.insert(lines, paint and paint(name) or name)
    sections[name](lines, analysis, top or TOP)
  end
  return table.concat(lines, "\n")
end

return M
