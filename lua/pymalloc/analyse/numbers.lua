-- Reads the strings of 64-bit integers that the core returns for an analysis.

local core = require "pymalloc.core"

local M = {}

local BINS = 65      -- BIN_COUNT of csrc/analyse/bins.h
local GROWTHS = 9    -- GROWTH_COUNT of csrc/analyse/analysis.h
local WORD = 8       -- bytes of an integer

-- A reader of a string: each call gives the next integer.
local function reader(words)
  local at = 1 - WORD
  return function()
    at = at + WORD
    return (string.unpack("j", words, at))
  end
end

--- A reader of all integers of a string, as an array.
function M.array(words)
  local next_word, list = reader(words), {}
  for i = 1, #words // WORD do
    list[i] = next_word()
  end
  return list
end

local function record(next_word, names)
  local read = {}
  for _, name in ipairs(names) do
    read[name] = next_word()
  end
  return read
end

local function numbers(next_word, count)
  local list = {}
  for i = 1, count do
    list[i] = next_word()
  end
  return list
end

-- Bins, without the empty ones: { from =, to =, count =, bytes = }.
local function bins(next_word)
  local counts, bytes, list = numbers(next_word, BINS), numbers(next_word, BINS), {}
  for i, count in ipairs(counts) do
    if count > 0 then
      table.insert(list, { from = M.least(i), to = M.most(i), count = count, bytes = bytes[i] })
    end
  end
  return list
end

--- The least and the largest value of bin `i`, from 1.
function M.least(i)
  return i == 1 and 0 or 1 << (i - 2)
end

function M.most(i)
  return i == 1 and 0 or i > 63 and math.maxinteger or (1 << (i - 1)) - 1
end

-- Quantiles by their share: { p1 =, p10 =, ... }.
local function quantiles(next_word)
  local read = {}
  for _, percent in ipairs(core.analysis.quantiles) do
    read["p" .. percent] = next_word()
  end
  return read
end

--- The first string: the fields of struct analysis from `figures` on, in their order.
function M.fixed(words)
  local next_word = reader(words)
  local read = { figures = record(next_word, core.analysis.figures) }
  read.sizes, read.lifetimes = bins(next_word), bins(next_word)
  read.byte_lifetimes, read.chain_lengths = bins(next_word), bins(next_word)
  read.growths = numbers(next_word, GROWTHS)
  read.joint = {}
  for i = 1, BINS do
    read.joint[i] = bins(next_word)
  end
  read.kept = bins(next_word)
  read.quantiles = { sizes = quantiles(next_word), lifetimes = quantiles(next_word),
    byte_lifetimes = quantiles(next_word) }
  return read
end

--- The classes: their figures, and in stays the number of blocks by bin.
function M.classes(words)
  local next_word, list = reader(words), {}
  local class_words = #core.analysis.class_figures + BINS
  for i = 1, #words // WORD // class_words do
    list[i] = record(next_word, core.analysis.class_figures)
    list[i].stays = numbers(next_word, BINS)
  end
  return list
end

-- Records of the same names, one after another.
local function records(words, names)
  local next_word, list = reader(words), {}
  for i = 1, #words // WORD // #names do
    list[i] = record(next_word, names)
  end
  return list
end

--- The sites; the first one is that of requests without a site.
function M.sites(words)
  return records(words, core.analysis.site_figures)
end

function M.phases(words)
  return records(words, core.analysis.phase_figures)
end

--- The points of the curve, as four arrays.
function M.curve(words)
  local next_word = reader(words)
  local curve = { requests = {}, live_blocks = {}, live_bytes = {}, live_small = {} }
  for i = 1, #words // WORD // 4 do
    curve.requests[i], curve.live_blocks[i] = next_word(), next_word()
    curve.live_bytes[i], curve.live_small[i] = next_word(), next_word()
  end
  return curve
end

return M
