-- bench/table.lua [summary | figures | assert]: reads the output of the program bench; writes
-- tables in Markdown: targets and results, ratios, and all the figures. With 'assert' it writes
-- the workloads in which the cached heap is slower than a peer, and fails if there is one.

local FOLDER = arg[0]:match("^(.*/)") or "./"
local figures = dofile(FOLDER .. "figures.lua").read(io.lines())
local targets = dofile(FOLDER .. "targets.lua")
local markdown = dofile(FOLDER .. "markdown.lua")
local row = markdown.row

-- The allocators whose ratios are shown.
local COLUMNS = { "limit inline", "exact 3.6", "exact 3.11", "cached", "cached inline sized",
  "glibc", "mimalloc", "mimalloc3", "jemalloc", "tcmalloc", "rpmalloc", "snmalloc",
  "CPython 3.11" }

local function header(first, names)
  markdown.header(table.move(names, 1, #names, 2, { first }))
end

-- Writes a row for each workload, with a cell for each name: cell_of(workload, name).
local function rows(names, cell_of, label_of)
  for _, workload in ipairs(figures.workloads) do
    local cells = { label_of and label_of(workload) or workload }
    for _, name in ipairs(names) do
      table.insert(cells, cell_of(workload, name))
    end
    row(cells)
  end
end

local function two_digits(value)
  return value and ("%.2f"):format(value) or "-"
end

local function present(names)
  local found = {}
  for _, name in ipairs(names) do
    if figures.allocators[name] then
      table.insert(found, name)
    end
  end
  return found
end

local function best(workload)
  return (figures:best_peer(workload))
end

local function print_targets()
  header("target", { "at most", "measured", "", "" })
  for _, target in ipairs(targets.of(figures)) do
    local digits = target.most < 0.1 and "%.4f" or "%.2f"
    if target.most > 1 then
      digits = "%.3f"
    end
    row { target.what, tostring(target.most), digits:format(target.value),
      target.value <= target.most and "met" or "**missed**", target.where or "" }
  end
end

local function print_ratios()
  local names = present(COLUMNS)
  print("\nTimes relative to the fastest peer, whose name is in brackets behind the workload\n")
  header("core", names)
  local extras = false
  rows(names, function(workload, name)
    local ns, fastest = figures:median(workload, name), best(workload)
    return two_digits(ns and fastest and ns / fastest)
  end, function(workload)
    local label = ("%s (%s)"):format(workload, select(2, figures:best_peer(workload)) or "-")
    if not figures.is_core[workload] and not extras then
      extras = true
      label = "not in the core: " .. label
    end
    return label
  end)
  for _, with_extras in ipairs { false, true } do
    local means = { with_extras and "geometric mean, all" or "geometric mean, core" }
    for _, name in ipairs(names) do
      table.insert(means, two_digits(figures:mean(name, best, with_extras)))
    end
    row(means)
  end
end

local function print_exact()
  local names = present { "exact 3.11", "exact 3.11 lean", "CPython 3.11" }
  print("\nTimes of the exact heap relative to CPython 3.11\n")
  header("workload", names)
  local function base(workload)
    return figures:median(workload, "CPython 3.11")
  end
  rows(names, function(workload, name)
    local ns, reference = figures:median(workload, name), base(workload)
    return two_digits(ns and reference and ns / reference)
  end)
  local means = { "geometric mean, core" }
  for _, name in ipairs(names) do
    table.insert(means, two_digits(figures:mean(name, base)))
  end
  row(means)
end

local function print_times()
  print("\nNanoseconds of processor time per operation, medians\n")
  header("workload (operation)", figures.allocators)
  rows(figures.allocators, function(workload, name)
    return two_digits(figures:median(workload, name))
  end, function(workload)
    return ("%s (%s)"):format(workload, figures.units[workload])
  end)
end

local function print_memory()
  print("\nKiB resident: at the peak / after all blocks were freed / after a trim\n")
  header("workload", figures.allocators)
  rows(figures.allocators, function(workload, name)
    local kib = figures:memory(workload, name)
    return kib and ("%d/%d/%d"):format(kib.peak, kib.kept, kib.trimmed) or "-"
  end)
end

local function assert_speed()
  local list = figures:slower("cached")
  for _, slower in ipairs(list) do
    print(("%s: %.2f of the time of %s; up to %.2f is within the spread of the rounds"):format(
      slower.workload, slower.ratio, slower.peer, 1 + slower.tolerance))
  end
  os.exit(#list == 0)
end

if arg[1] == "assert" then
  assert_speed()
end
if arg[1] ~= "figures" then
  print_targets()
  print_ratios()
  print_exact()
end
if arg[1] ~= "summary" then
  print_times()
  print_memory()
end
