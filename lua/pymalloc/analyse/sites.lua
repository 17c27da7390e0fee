-- The blocks of a trace by who asked for them, where the trace has call stacks.

local core = require "pymalloc.core"
local frames = require "pymalloc.frames"

local M = {}

local FRAMES_MOST = 256 -- of a call stack; those farther out are left out

-- The frames of a site, innermost first; nil for site 0, which stands for none.
local function frames_of(loaded, site, texts)
  local list = {}
  while site ~= 0 and #list < FRAMES_MOST do
    texts[site] = texts[site] or { core.analysis.site(loaded, site) }
    list[#list + 1], site = texts[site][1], texts[site][2]
  end
  return #list > 0 and list or nil
end

local function add(row, figures)
  for name, number in pairs(figures) do
    row[name] = (row[name] or 0) + number
  end
end

local function finish(row)
  local deaths = row.blocks - row.kept
  row.mean_lifetime = deaths > 0 and row.lifetimes // deaths or nil
  row.lifetimes = nil
end

-- Those with the most bytes first.
local function is_before(one, other)
  if one.bytes ~= other.bytes then
    return one.bytes > other.bytes
  elseif one.blocks ~= other.blocks then
    return one.blocks > other.blocks
  end
  return one.where < other.where
end

--- The rows by a grouping of pymalloc.frames; an empty array where no request has a site.
-- @param list the figures of each site, those of requests without one first
function M.rows(loaded, list, by)
  local row_of, rows, texts, has_sites = {}, {}, {}, false
  for i, figures in ipairs(list) do
    if figures.blocks > 0 then
      has_sites = has_sites or i > 1
      local label = frames.label(frames_of(loaded, i - 1, texts), by)
      if not row_of[label] then
        row_of[label] = { where = label }
        table.insert(rows, row_of[label])
      end
      add(row_of[label], figures)
    end
  end
  for _, row in ipairs(rows) do
    finish(row)
  end
  table.sort(rows, is_before)
  return has_sites and rows or {}
end

return M
