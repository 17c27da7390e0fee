-- bench/machines.lua page | ranges FILE...: reads recorded runs (script/bench --record); writes
-- a page in Markdown that shows them side by side, or a table of the range of each target.

local FOLDER = arg[0]:match("^(.*/)") or "./"
local figures = dofile(FOLDER .. "figures.lua")
local targets = dofile(FOLDER .. "targets.lua")
local markdown = dofile(FOLDER .. "markdown.lua")

-- The allocators of this library whose ratios are shown.
local OWN = { "exact 3.11", "cached", "cached inline sized" }

local runs = {}
for _, path in ipairs { table.unpack(arg, 2) } do
  local run = figures.read(io.lines(path))
  run.name = path:match("([^/]+)%.tsv$")
  table.insert(runs, run)
end

-- The run with the most workloads. A run with fewer is not whole: some of its figures were not
-- kept. Means over what was kept would not be comparable with those of the others, so that the
-- means are shown which were computed from all figures, if they are among the facts.
local widest = runs[1]
for _, run in ipairs(runs) do
  if #run.workloads > #widest.workloads then
    widest = run
  end
end

local function is_whole(run)
  return #run.workloads == #widest.workloads
end

local function names_of(first)
  local names = { first }
  for _, run in ipairs(runs) do
    table.insert(names, run.name)
  end
  return names
end

local function two_digits(value)
  return value and ("%.2f"):format(value) or "-"
end

-- Writes a table with a column for each run; cell_of(run, row) is a number or nil.
local function side_by_side(title, first, rows, cell_of)
  print("\n## " .. title .. "\n")
  markdown.header(names_of(first))
  for _, row in ipairs(rows) do
    local cells = { row }
    for _, run in ipairs(runs) do
      table.insert(cells, two_digits(cell_of(run, row)))
    end
    markdown.row(cells)
  end
end

local function print_facts()
  for _, run in ipairs(runs) do
    print("\n## " .. run.name .. "\n")
    for _, fact in ipairs(run.facts) do
      print(("* %s: %s"):format(fact.name, fact.value))
    end
  end
end

local function value_in(run, target)
  if target.is_mean and not is_whole(run) then
    return tonumber(run.facts[target.what])
  end
  return target.value
end

-- Returns the titles of the targets that have one, and the value of each as [run][title].
local function values_of_targets(title_of)
  local titles, value_of = {}, {}
  for _, run in ipairs(runs) do
    value_of[run] = {}
    for _, target in ipairs(targets.of(run)) do
      local title = title_of(target)
      if title then
        value_of[run][title] = value_in(run, target)
      end
      if title and run == widest then
        table.insert(titles, title)
      end
    end
  end
  return titles, value_of
end

local function print_targets()
  local titles, value_of = values_of_targets(function(target)
    return ("%s: at most %s"):format(target.what, target.most)
  end)
  side_by_side("Targets", "ratio", titles, function(run, title)
    return value_of[run][title]
  end)
end

-- Writes a row for each target that has a plain title: its range over the runs.
local function print_ranges()
  local titles, value_of = values_of_targets(function(target)
    return target.plain
  end)
  markdown.header { "ratio of times; below 1, this allocator is faster", "recorded machines" }
  for _, title in ipairs(titles) do
    local least, most = math.huge, -math.huge
    for _, run in ipairs(runs) do
      local value = value_of[run][title]
      least, most = math.min(least, value or least), math.max(most, value or most)
    end
    markdown.row { title, ("%.2f to %.2f"):format(least, most) }
  end
end

local function print_ratios()
  for _, name in ipairs(OWN) do
    side_by_side(name .. ": time relative to the fastest peer of the row and of the run",
      "workload", widest.workloads, function(run, workload)
        local ns, best = run:median(workload, name), run:best_peer(workload)
        return ns and best and ns / best
      end)
  end
  side_by_side("Geometric mean of the core, relative to the fastest peer of each workload",
    "allocator", widest.allocators, function(run, name)
      return is_whole(run) and run:mean(name, function(workload)
        return (run:best_peer(workload))
      end)
    end)
end

local function print_figures(run)
  print(("\n## Nanoseconds of processor time per operation, medians: %s\n"):format(run.name))
  markdown.header { "workload (operation)", table.unpack(run.allocators) }
  for _, workload in ipairs(run.workloads) do
    local cells = { ("%s (%s)"):format(workload, run.units[workload]) }
    for _, name in ipairs(run.allocators) do
      table.insert(cells, two_digits(run:median(workload, name)))
    end
    markdown.row(cells)
  end
  local title = "KiB resident at the peak / after all frees / after a trim: "
  print("\n## " .. title .. run.name .. "\n")
  markdown.header { "workload", table.unpack(run.allocators) }
  for _, workload in ipairs(run.workloads) do
    local cells = { workload }
    for _, name in ipairs(run.allocators) do
      local kib = run:memory(workload, name)
      table.insert(cells,
        kib and ("%d/%d/%d"):format(kib.peak, kib.kept, kib.trimmed) or "-")
    end
    markdown.row(cells)
  end
end

local function print_page()
  print [[
# Speed: all figures

Each run of the benchmarks that is recorded in `bench/results`, side by side.
`script/bench --record NAME` records a run, and `script/bench --machines` writes this page.
[speed.md](speed.md) explains the names of the allocators and of the workloads. Ratios can be
compared between machines, times cannot.]]
  print_facts()
  print_targets()
  print_ratios()
  for _, run in ipairs(runs) do
    print_figures(run)
  end
end

if arg[1] == "ranges" then
  print_ranges()
else
  print_page()
end
