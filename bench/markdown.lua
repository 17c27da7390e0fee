-- bench/markdown.lua: prints tables in Markdown, a row at a time.

local M = {}

function M.row(cells)
  print("| " .. table.concat(cells, " | ") .. " |")
end

-- Prints the titles and the line below them: the first column is aligned to the
-- left, the others, which have numbers, to the right.
function M.header(titles)
  local rule = { "---" }
  for i = 2, #titles do
    rule[i] = "---:"
  end
  M.row(titles)
  M.row(rule)
end

return M
