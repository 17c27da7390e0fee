-- coverage.lua REASONS FOLDER... < JSON of gcov: prints line and branch
-- coverage of the files in the folders, and holds those of the first against
-- the targets and against the file of reasons. Called by script/coverage.
--
-- A branch outcome that never happened needs a reason:
--
--   csrc/serve/alloc.c
--     used_pool: if (pool == NULL): 1 of 2
--       a sentence
--
-- which names the function, the text of the line, and how many outcomes of the
-- line never happened: numbers of lines change too often. A reason for what
-- did happen is an error as well.
local dkjson = require "dkjson"

local tree = require "tree"

local LINES_WANTED, BRANCHES_WANTED = 95, 90

-- {
--   PATH = {
--     lines = { [NUMBER] = count },
--     branches = { [NUMBER] = { FUNCTION and outcomes = { count, ... } } },
--     functions = { [NUMBER] = name },
--   }
-- }
local files = {}

local function file_of(path)
  files[path] = files[path] or { lines = {}, branches = {}, functions = {} }
  return files[path]
end

-- Copies of an inlined function count as one: an outcome that happened in any
-- of them happened.
local function add_branches(file, line)
  local number, outcomes = line.line_number, line.branches
  local known = file.branches[number]
  if not known or #known < #outcomes then
    known = {}
    for i = 1, #outcomes do
      known[i] = 0
    end
    file.branches[number] = known
  end
  for i = 1, #outcomes == #known and #known or 0 do
    known[i] = known[i] + outcomes[i].count
  end
end

local function add_line(file, line)
  local number = line.line_number
  file.lines[number] = (file.lines[number] or 0) + line.count
  if #line.branches > 0 then
    add_branches(file, line)
  end
end

-- Where a function of the file begins, whatever it is inlined into.
local function add_functions(file, functions)
  for _, item in ipairs(functions) do
    file.functions[item.start_line] = item.name
  end
end

-- Is the file in the folder, at any depth?
local function is_in(path, folder)
  return path:sub(1, #folder + 1) == folder .. "/"
end

local function is_in_any(path, folders)
  for folder in pairs(folders) do
    if is_in(path, folder) then
      return true
    end
  end
  return false
end

local function read_unit(text, folders)
  for _, unit in ipairs(assert(dkjson.decode(text)).files) do
    if is_in_any(unit.file, folders) then
      local file = file_of(unit.file)
      add_functions(file, unit.functions)
      for _, line in ipairs(unit.lines) do
        add_line(file, line)
      end
    end
  end
end

local function count(map, is_hit)
  local hit, total = 0, 0
  for _, value in pairs(map) do
    hit, total = hit + (is_hit(value) and 1 or 0), total + 1
  end
  return hit, total
end

local function is_positive(value)
  return value > 0
end

local function measure(file)
  local sums = { 0, 0, 0, 0 }
  sums[1], sums[2] = count(file.lines, is_positive)
  for _, outcomes in pairs(file.branches) do
    local hit, total = count(outcomes, is_positive)
    sums[3], sums[4] = sums[3] + hit, sums[4] + total
  end
  return sums
end

local function percent(hit, total)
  return total == 0 and 100 or 100 * hit / total
end

local function print_row(name, sums)
  print(("%-32s %6d %6.1f %%   %6d %6.1f %%"):format(name, sums[2],
    percent(sums[1], sums[2]), sums[4], percent(sums[3], sums[4])))
end

local function sorted_paths(folder)
  local paths = {}
  for path in pairs(files) do
    if is_in(path, folder) then
      table.insert(paths, path)
    end
  end
  table.sort(paths)
  return paths
end

-- Prints a table of one folder; returns its sums.
local function print_folder(folder)
  local all = { 0, 0, 0, 0 }
  print(("%-32s %6s %8s   %6s %8s"):format(folder, "lines", "run", "branches", "taken"))
  for _, path in ipairs(sorted_paths(folder)) do
    local sums = measure(files[path])
    print_row("  " .. path:sub(#folder + 2), sums)
    for i = 1, 4 do
      all[i] = all[i] + sums[i]
    end
  end
  print_row("  all", all)
  return all
end

local function lines_of(path)
  local lines = {}
  for line in (assert(tree.read(path)) .. "\n"):gmatch("(.-)\n") do
    table.insert(lines, line)
  end
  return lines
end

-- The function in which a line stands: the last that begins above it.
local function function_at(file, number)
  while number > 0 and not file.functions[number] do
    number = number - 1
  end
  return file.functions[number] or "?"
end

-- "FUNCTION: TEXT" -> { missing =, total = }, of one file.
local function missing_branches(path)
  local file, text, found = files[path], lines_of(path), {}
  for number, outcomes in pairs(file.branches) do
    local hit = count(outcomes, is_positive)
    if hit < #outcomes then
      local source = text[number]:match("^%s*(.-)%s*$")
      local key = function_at(file, number) .. ": " .. source
      found[key] = found[key] or { missing = 0, total = 0, line = number }
      found[key].missing = found[key].missing + #outcomes - hit
      found[key].total = found[key].total + #outcomes
    end
  end
  return found
end

-- path -> { ["FUNCTION: TEXT: N of M"] = reason }
local function read_reasons(path)
  local reasons, of_file, key = {}, nil, nil
  for _, line in ipairs(lines_of(path)) do
    local depth, text = line:match("^( *)(.-)%s*$")
    if text == "" or text:sub(1, 1) == "#" then
      key = nil
    elseif #depth == 0 then
      of_file = text
      reasons[of_file] = {}
    elseif #depth == 2 then
      key = text
      reasons[of_file][key] = ""
    else
      reasons[of_file][key] = reasons[of_file][key] .. text
    end
  end
  return reasons
end

local function complain(faults, ...)
  table.insert(faults, (string.format(...)))
end

local function hold_against_reasons(path, reasons, faults)
  local given, known = reasons[path] or {}, {}
  for key, branch in pairs(missing_branches(path)) do
    local entry = ("%s: %d of %d"):format(key, branch.missing, branch.total)
    known[entry] = true
    if (given[entry] or "") == "" then
      complain(faults, "%s:%d: no reason for\n  %s", path, branch.line, entry)
    end
  end
  for entry in pairs(given) do
    if not known[entry] then
      complain(faults, "%s: a reason for what is not so\n  %s", path, entry)
    end
  end
end

local function hold_against_targets(folder, sums, faults)
  local lines, branches = percent(sums[1], sums[2]), percent(sums[3], sums[4])
  if lines < LINES_WANTED then
    complain(faults, "%s: %.1f %% of lines, wanted %d %%", folder, lines, LINES_WANTED)
  end
  if branches < BRANCHES_WANTED then
    complain(faults, "%s: %.1f %% of branches, wanted %d %%", folder, branches, BRANCHES_WANTED)
  end
end

local function main(reasons_path, first, ...)
  local folders, faults = { [first] = true }, {}
  for _, folder in ipairs { ... } do
    folders[folder] = true
  end
  for text in io.lines() do
    read_unit(text, folders)
  end
  hold_against_targets(first, print_folder(first), faults)
  for _, folder in ipairs { ... } do
    print()
    print_folder(folder)
  end
  local reasons = read_reasons(reasons_path)
  for _, path in ipairs(sorted_paths(first)) do
    hold_against_reasons(path, reasons, faults)
  end
  table.sort(faults)
  print(table.concat(faults, "\n"))
  os.exit(#faults == 0)
end

main(...)
