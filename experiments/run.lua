-- Runs the experiments of this folder: lua5.4 experiments/run.lua [OPTION]... [NAME]...
--
--   --list           the names and titles
--   --quick          leaves out what depends on the machine: times, and the resident
--                    bytes of other allocators
--   --write FOLDER   writes the page published.md with all results and its pictures
--                    into FOLDER; with names, only their sections
--   --check FOLDER   compares what does not depend on the machine with the page
--
-- NAME is a part of an experiment's name, such as "hops". Each experiment is a file that
-- returns a table; README.md describes its fields.

local here = arg[0]:match("^(.*/)") or "./"
package.path = here .. "../?.lua;" .. package.path

local page = require "experiments.page"

local function die(...)
  io.stderr:write("experiments: ", string.format(...), "\n")
  os.exit(2)
end

local function read_arguments()
  local options = { names = {} }
  local i = 1
  while arg[i] do
    local word = arg[i]
    if word == "--list" or word == "--quick" then
      options[word:sub(3)] = true
    elseif word == "--write" or word == "--check" then
      i = i + 1
      options[word:sub(3)] = arg[i] or die("%s needs a folder", word)
    elseif word:sub(1, 1) == "-" then
      die("unknown option '%s' (allowed: --list, --quick, --write, --check)", word)
    else
      table.insert(options.names, word)
    end
    i = i + 1
  end
  if options.write and options.quick then
    die("--write does not take --quick: the page has what depends on the machine, too")
  end
  return options
end

local function is_wanted(name, names)
  for _, part in ipairs(names) do
    if name:find(part, 1, true) then
      return true
    end
  end
  return #names == 0
end

-- The wanted experiments, in order.
local function load_all(options)
  local list = {}
  for _, name in ipairs(page.names) do
    if is_wanted(name, options.names) then
      local one = require("experiments." .. name)
      one.name = name
      table.insert(list, one)
    end
  end
  if #list == 0 then
    die("no experiment has a name with '%s' (see --list)", table.concat(options.names, "', '"))
  end
  return list
end

-- Runs one experiment; its results are stored in it.
local function run(one, is_quick)
  one.result = one.run and one.run()
  if not is_quick then
    one.measured = one.measure and one.measure()
  end
end

local function show(one)
  local lines = { "", one.title, ("="):rep(#one.title), "" }
  for _, result in ipairs { one.result or false, one.measured or false } do
    if result then
      table.insert(lines, (result.text:gsub("%*%*", "")))
      table.insert(lines, "")
      table.insert(lines, result.sentence)
    end
  end
  print(table.concat(lines, "\n"))
end

-- Prints how many published figures agree.
local function sum_up(list)
  local agreed, all = 0, 0
  for _, one in ipairs(list) do
    for _, fact in ipairs(one.result and one.result.facts or {}) do
      all = all + 1
      if page.agrees(fact) then
        agreed = agreed + 1
      else
        print(("differs: %s: %s: %.1f here, published %.1f"):format(one.name, fact[1],
          fact[2], fact[3]))
      end
    end
  end
  print(("\n%d of %d published figures agree"):format(agreed, all))
end

local function main()
  local options = read_arguments()
  local list = load_all(options)
  if options.list then
    for _, one in ipairs(list) do
      print(("%-20s %s"):format(one.name, one.title))
    end
    return true
  end
  for _, one in ipairs(list) do
    io.stderr:write(one.name, "\n")
    run(one, options.quick or options.check)
    if not options.check and not options.write then
      show(one)
    end
  end
  if options.write then
    page.write(options.write, list, #options.names > 0)
  end
  sum_up(list)
  return not options.check or page.check(options.check, list, print)
end

os.exit(main() and 0 or 1, true)
