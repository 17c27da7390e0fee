-- The table of script/prove: printed, written to docs/proofs.md, and compared with it.

local sorted_keys = require "pymalloc.sorted_keys"
local subjects = require "script.lib.prove.subjects"
local tree = require "script.lib.tree"

local M = {}

local PAGE = "/docs/proofs.md"
local MARK = "<!-- script/prove --write -->\n"

-- The properties of a function as two lists: those that are proved, and the others.
local function split(row)
  local proved, open = {}, {}
  for _, property in ipairs(sorted_keys(row)) do
    local counts = row[property]
    if counts.proved == counts.all then
      table.insert(proved, property)
    else
      table.insert(open, ("%s (%d of %d)"):format(property, counts.proved, counts.all))
    end
  end
  return proved, open
end

-- The functions of a result, those of wp in the order of its file.
local function functions_of(result)
  return result.subject.method == "wp" and result.subject.prove or sorted_keys(result.rows)
end

-- The rows of a result: { function, properties, verdict }.
local function rows_of(result)
  local rows = {}
  local verdict = result.subject.method == "wp" and "proved" or "bounded"
  for _, name in ipairs(functions_of(result)) do
    local proved, open = split(result.rows[name] or { ["its contract"] = { proved = 0, all = 1 } })
    if #proved > 0 then
      table.insert(rows, { name, table.concat(proved, "; "), verdict })
    end
    if #open > 0 then
      table.insert(rows, { name, table.concat(open, "; "), "open" })
    end
  end
  return rows
end

--- Prints the rows of a subject, and with 'open' each property that is not proved.
function M.print(result, open)
  print(result.subject.name .. ": " .. result.subject.title)
  if result.problem then
    print("  " .. result.problem)
  end
  for _, row in ipairs(rows_of(result)) do
    print(("  %-8s %-22s %s"):format(row[3], row[1], row[2]))
  end
  for _, place in ipairs(open and result.open or {}) do
    print("  open: " .. place)
  end
end

-- {=== The page

local function section(result)
  local subject = result.subject
  local lines = { ("### %s: %s"):format(subject.name, subject.title), "" }
  if subject.bound ~= "" then
    table.insert(lines, ("Bounded by: %s. %s functions were analysed.\n"):format(subject.bound,
      result.functions))
  end
  if subject.open ~= "" then
    table.insert(lines, ("Open: %s.\n"):format(subject.open))
  end
  if #subject.assume > 0 then
    table.insert(lines, ("Assumed contracts: `%s`.\n"):format(table.concat(subject.assume, "`, `")))
  end
  table.insert(lines, "| function | properties | verdict |\n|---|---|---|")
  for _, row in ipairs(rows_of(result)) do
    table.insert(lines, ("| `%s` | %s | %s |"):format(row[1], row[2], row[3]))
  end
  return table.concat(lines, "\n") .. "\n"
end

-- The sections of the page by the names of their subjects.
local function sections_of(text)
  local by_name = {}
  for name, rest in (text:gsub("\n### ", "\n\0### ")):gmatch("### (%S+):([^%z]*)") do
    by_name[name] = ("### %s:%s"):format(name, rest:gsub("%s*$", "\n"))
  end
  return by_name
end

--- Writes the tables of the results below the mark of docs/proofs.md. The tables of other
-- subjects stay, if their files are still there.
function M.write(root, results)
  local text = tree.read(root .. PAGE)
  local place = select(2, text:find(MARK, 1, true))
  local by_name, list = sections_of(text:sub(place + 1)), {}
  for _, result in ipairs(results) do
    by_name[result.subject.name] = section(result)
  end
  for _, subject in ipairs(subjects.all(root)) do
    table.insert(list, by_name[subject.name])
  end
  local file <close> = assert(io.open(root .. PAGE, "w"))
  file:write(text:sub(1, place), "\n", table.concat(list, "\n"))
end

-- The rows of the page by subject: { function, properties, verdict }.
local function recorded(root)
  local by_subject, name = {}, nil
  for line in (tree.read(root .. PAGE) or ""):gmatch("[^\n]+") do
    name = line:match("^### (%S+):") or name
    local row = name and { line:match("^| `([^`]+)` | (.*) | (%l+) |$") }
    if row and row[1] then
      by_subject[name] = by_subject[name] or {}
      table.insert(by_subject[name], row)
    end
  end
  return by_subject
end

-- The properties of a row of the page that calls them proved, and which the row of a result
-- does not have among its proved ones.
local function missing(row, now)
  local is_proved, list = {}, {}
  for _, property in ipairs((split(now or {}))) do
    is_proved[property] = true
  end
  for property in row[2]:gmatch("%s*([^;]+)") do
    if not is_proved[property] then
      table.insert(list, ("%s: %s"):format(row[1], property))
    end
  end
  return list
end

--- The properties that the page calls proved and the result does not.
function M.lost(root, result)
  local lost = {}
  for _, row in ipairs(recorded(root)[result.subject.name] or {}) do
    if row[3] ~= "open" then
      table.move(missing(row, result.rows[row[1]]), 1, 99, #lost + 1, lost)
    end
  end
  return lost
end

--- Reports what the page calls proved and is not. Returns whether there is nothing.
-- @param is_all true if the results are those of all files: then a table of the page without
-- a file is reported too
function M.compare(root, results, is_all)
  local count, has_file = 0, {}
  local function report(name, lost)
    print(("no longer proved: %s: %s"):format(name, lost))
    count = count + 1
  end
  for _, result in ipairs(results) do
    has_file[result.subject.name] = true
    for _, lost in ipairs(M.lost(root, result)) do
      report(result.subject.name, lost)
    end
  end
  for name in pairs(recorded(root)) do
    if is_all and not has_file[name] then
      report(name, "the file is not in proofs/")
    end
  end
  return count == 0
end

return M
