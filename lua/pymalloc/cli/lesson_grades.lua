-- pymalloc lesson --grade: answers to the exercise of a lesson, graded, as a table.

local core = require "pymalloc.core"
local grading = require "pymalloc.lesson.grading"
local json = require "pymalloc.cli.json"
local progress = require "pymalloc.cli.progress"
local stdout = require "pymalloc.cli.stdout"
local terminal = require "pymalloc.cli.terminal"
local text = require "pymalloc.text"

local M = {}

local OK, FAILED = 0, 1
local TITLES = { "answer", "exercise", "result", "reason" }
local REASON_LEAST = 24 -- columns; a reason with fewer goes below its row

local function rows_of(results, exercise)
  local rows = {}
  for i, one in ipairs(results) do
    rows[i] = { text.printable(one.file), text.printable(exercise),
      one.passed and "passed" or "failed", one.reason }
  end
  return rows
end

local function write_csv(rows)
  for _, row in ipairs(table.move(rows, 1, #rows, 2, { TITLES })) do
    local cells = {}
    for i, cell in ipairs(row) do
      cells[i] = cell:find('[,"\n]') and '"' .. cell:gsub('"', '""') .. '"' or cell
    end
    stdout.write(table.concat(cells, ","), "\n")
  end
end

-- The table. The reasons are broken into lines of their column, or below the rows if it is narrow.
local function write_table(rows)
  local columns = terminal.columns(40, 1000)
  local heads = {}
  for i, row in ipairs(table.move(rows, 1, #rows, 2, { TITLES })) do
    heads[i] = { row[1], row[2], row[3] }
  end
  local lines, width = text.table(heads, "lll"), 0
  for _, line in ipairs(lines) do
    width = math.max(width, text.columns(line))
  end
  local is_beside = width + 2 + REASON_LEAST <= columns
  stdout.write(terminal.paint(io.stdout, "bold", is_beside and text.pad(lines[1], width + 2)
    .. TITLES[4] or lines[1]), "\n")
  for i, row in ipairs(rows) do
    local first = is_beside and text.pad(lines[i + 1], width + 2) or lines[i + 1] .. "\n    "
    local rest = (" "):rep(is_beside and width + 2 or 4)
    local wrapped = text.wrap(row[4], columns, rest)
    stdout.write(first, table.concat(wrapped, "\n"):sub(#rest + 1), "\n")
  end
end

local function json_of(results, exercise)
  local list = {}
  for i, one in ipairs(results) do
    list[i] = { answer = text.printable(one.file), exercise = exercise, passed = one.passed,
      reason = one.reason }
  end
  return json.text(list)
end

--- Grades the answers that the arguments name. Returns the exit code; or nil, a message and the
-- code.
function M.run(found, arguments)
  local run, box = found.start()
  local line <close> = progress.new(true, ("of %s"):format(text.count(#arguments.grade, "answer")))
  local ok, results, problem = pcall(grading.grade, run, box, arguments.grade, function(done)
    line:show(done)
  end)
  line:clear()
  if not ok and not box then
    error(results, 0)
  elseif not ok then
    return nil, type(results) == "string" and results or core.describe(results), FAILED
  elseif not results then
    return nil, ("%s: %s"):format(found.name, problem), FAILED
  end
  local rows = rows_of(results, found.title)
  if arguments.json then
    stdout.write(json_of(results, found.title))
  elseif arguments.csv then
    write_csv(rows)
  else
    write_table(rows)
  end
  for _, one in ipairs(results) do
    if not one.passed then
      return FAILED
    end
  end
  return OK
end

return M
