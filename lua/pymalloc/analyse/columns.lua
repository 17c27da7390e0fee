-- Size by lifetime with few columns of lifetimes.

local cells = require "pymalloc.analyse.cells"

local M = {}

-- The longest lifetime of each column; two more are for longer ones and for blocks that are
-- never freed.
local ENDS = { 15, 255, 4095, 65535, 1048575 }
local LONGER, NEVER = #ENDS + 1, #ENDS + 2

--- The titles of the columns.
M.titles = { "< 16", "< 256", "< 4096", "< 65536", "< 2^20", "more", "never" }

local function column_of(row)
  if not row.to then
    return NEVER
  end
  for column, last in ipairs(ENDS) do
    if row.to <= last then
      return column
    end
  end
  return LONGER
end

--- The rows of an analysis' field joint, one for each range of sizes: range, blocks, and the
-- number of blocks in each column, or nil for none.
function M.of(joint)
  local row_of, froms, rows = {}, {}, {}
  for _, cell in ipairs(joint) do
    local row = row_of[cell.size_from]
    if not row then
      row = { range = cells.range(cell.size_from, cell.size_to), blocks = 0 }
      row_of[cell.size_from] = row
      table.insert(froms, cell.size_from)
    end
    local column = column_of(cell)
    row[column] = (row[column] or 0) + cell.blocks
    row.blocks = row.blocks + cell.blocks
  end
  table.sort(froms)
  for i, from in ipairs(froms) do
    rows[i] = row_of[from]
  end
  return rows
end

return M
