-- Makes the fields of an analysis from the numbers that the core counts.

local core = require "pymalloc.core"
local numbers = require "pymalloc.analyse.numbers"
local phases = require "pymalloc.analyse.phases"
local sites = require "pymalloc.analyse.sites"

local M = {}

-- The factors of struct analysis, each with its place among growths.
local GROWTHS = { { "to half or less", 1 }, { "smaller", 2 }, { "the same size", 8 },
  { "up to 1.125 times", 3 }, { "up to 1.25 times", 4 }, { "up to 1.5 times", 5 },
  { "up to 2 times", 6 }, { "up to 4 times", 7 }, { "more than 4 times", 9 } }

local function renamed(bins, count)
  for _, bin in ipairs(bins) do
    bin[count], bin.count = bin.count, nil
  end
  return bins
end

-- The requests of each size that occurs, up to the threshold.
local function exact_sizes(words)
  local list = {}
  for i, requests in ipairs(numbers.array(words)) do
    if requests > 0 then
      table.insert(list, { size = i - 1, requests = requests, bytes = requests * (i - 1) })
    end
  end
  return list
end

-- The ranges beyond the threshold. One of them may begin below it: the sizes there are taken
-- away.
local function large_ranges(ranges, exact, threshold)
  local list = {}
  for _, range in ipairs(ranges) do
    if range.to > threshold then
      local large = { from = math.max(range.from, threshold + 1), to = range.to,
        requests = range.requests, bytes = range.bytes }
      for _, row in ipairs(exact) do
        if row.size >= range.from then
          large.requests, large.bytes = large.requests - row.requests, large.bytes - row.bytes
        end
      end
      table.insert(list, large.requests > 0 and large or nil)
    end
  end
  return list
end

-- Blocks by size and lifetime, and those that are never freed (without from and to).
local function joint_rows(joint, kept)
  local rows = {}
  for i, bins in ipairs(joint) do
    for _, bin in ipairs(bins) do
      table.insert(rows, { size_from = numbers.least(i), size_to = numbers.most(i),
        from = bin.from, to = bin.to, blocks = bin.count, bytes = bin.bytes })
    end
  end
  for _, bin in ipairs(kept) do
    table.insert(rows, { size_from = bin.from, size_to = bin.to, blocks = bin.count,
      bytes = bin.bytes })
  end
  return rows
end

-- The bin up to which at least half of the blocks stay, as its largest value; nil if none
-- left.
local function half_within(stays)
  local all, sum = 0, 0
  for _, count in ipairs(stays) do
    all = all + count
  end
  for i, count in ipairs(stays) do
    sum = sum + count
    if all > 0 and 2 * sum >= all then
      return numbers.most(i)
    end
  end
end

local function class_rows(words, geometry)
  local rows, read = {}, numbers.classes(words)
  for i, row in ipairs(read) do
    row.half_within = half_within(row.stays)
    row.stays = nil
    if i < #read then
      row.szidx, row.size = i - 1, i * geometry.alignment
      row.rounding_bytes = row.blocks * row.size - row.requested_bytes
    end
    if row.blocks > 0 then
      table.insert(rows, row)
    end
  end
  return rows
end

-- For each 2^k: the blocks that are freed within fewer requests, and their bytes.
local function young_rows(lifetimes, births, all_bytes)
  local rows, blocks, bytes = {}, 0, 0
  for _, bin in ipairs(lifetimes) do
    blocks, bytes = blocks + bin.blocks, bytes + bin.bytes
    table.insert(rows, { below = bin.to + 1, blocks = blocks, bytes = bytes,
      share = blocks / births,
      bytes_share = all_bytes > 0 and bytes / all_bytes or 0 })
  end
  return rows
end

local function sum_bytes(rows)
  local sum = 0
  for _, row in ipairs(rows) do
    sum = sum + row.bytes
  end
  return sum
end

local function growth_rows(counts)
  local rows = {}
  for i, growth in ipairs(GROWTHS) do
    rows[i] = { growth = growth[1], reallocs = counts[growth[2]] }
  end
  return rows
end

local function ratio(part, whole)
  return whole > 0 and part / whole or 0
end

local function churn_of(figures)
  return {
    allocated_per_live = ratio(figures.allocated_bytes, figures.mean_live_bytes),
    allocated_per_request = ratio(figures.allocated_bytes, figures.requests),
    births_per_request = ratio(figures.births, figures.requests),
  }
end

-- Adds the fields to an analysis that has geometry, young and sites_by. nil and a message:
-- there is no memory.
local function add(analysis, loaded, words)
  local fixed = numbers.fixed(words[1])
  for name, number in pairs(fixed.figures) do
    analysis[name] = number
  end
  analysis.sizes = exact_sizes(words[2])
  analysis.size_ranges = renamed(fixed.sizes, "requests")
  analysis.large = large_ranges(analysis.size_ranges, analysis.sizes,
    analysis.geometry.threshold)
  analysis.lifetimes = renamed(fixed.lifetimes, "blocks")
  analysis.byte_lifetimes = renamed(fixed.byte_lifetimes, "blocks")
  analysis.chain_lengths = renamed(fixed.chain_lengths, "blocks")
  analysis.quantiles = fixed.quantiles
  analysis.growths = growth_rows(fixed.growths)
  analysis.joint = joint_rows(fixed.joint, fixed.kept)
  analysis.classes = class_rows(words[3], analysis.geometry)
  analysis.sites = sites.rows(loaded, numbers.sites(words[4]), analysis.sites_by)
  analysis.curve = numbers.curve(words[5])
  analysis.dies_young = young_rows(analysis.lifetimes, analysis.births,
    sum_bytes(analysis.joint))
  analysis.churn = churn_of(analysis)
  local found, by = phases.of(loaded, analysis.curve, analysis.peak_live_bytes)
  if not found then
    return nil, by
  end
  analysis.phases, analysis.phases_by = found, by
  return analysis
end

--- Fills a table with the fields of an analysis of a loaded trace. It has geometry, young and
-- sites_by already. Returns it; or nil and a message.
function M.fill(analysis, loaded, points)
  local geometry = analysis.geometry
  local words = table.pack(core.analysis.run(loaded, geometry.alignment, geometry.threshold,
    analysis.young, points))
  if not words[1] then
    return nil, words[2], words[3]
  end
  return add(analysis, loaded, words)
end

return M
