-- bench/markdown.lua: prints tables in Markdown, a row at a time.

local M = {}

function M.row(cells)
  print("| " .. table.concat(cells, " | ") .. " |")
end

-- The titles, and the rule below them: the first column to the left, numbers to
-- the right.
function M.header(titles)
  local rule = { "---" }
  for i = 2, #titles do
    rule[i] = "---:"
  end
  M.row(titles)
  M.row(rule)
end

return M
