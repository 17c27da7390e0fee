local kit = require "experiments.kit"
local pymalloc = require "pymalloc"
local workload = require "pymalloc.lesson.workload"

local TURNS, ARENA = 2000, 256 * 1024

-- System calls of the heap's region: with retain_bytes = 0 each release and each new arena is
-- a call, as with mmap; with 4 MiB the region keeps pages, as malloc does.
local function calls(trace, retain)
  return assert(pymalloc.experiment { traces = { trace }, measure = { "system_calls",
    "arenas_obtained", "arenas_released" },
    designs = { { profile = "3.8", retain_bytes = retain } } }).rows[1]
end

local function has_strace()
  return os.execute "command -v strace >/dev/null 2>&1"
end

-- A program that obtains and releases one arena again and again while two others live.
local function arena_requests(turns)
  local lines = { ("a 1 %d"):format(ARENA), ("a 2 %d"):format(ARENA) }
  for id = 3, turns + 2 do
    table.insert(lines, ("a %d %d"):format(id, ARENA))
    table.insert(lines, ("f %d"):format(id))
  end
  return table.concat(lines, "\n") .. "\n"
end

local CALLS = "mmap,munmap,brk,madvise,mremap"

-- The calls of an allocator for a trace, counted by strace; they include those of the start.
local function counted(path, allocator, environment)
  local report = os.tmpname()
  local program = ("local p = require 'pymalloc' assert(p.real.replay('%s', '%s', "
    .. "{ samples = 1, environment = { %s } }))"):format(path, allocator, environment)
  os.execute(("strace -f -c -U calls,syscall -e trace=%s -o %s lua5.4 -e \"%s\""):format(CALLS,
    report, program))
  local total = 0
  for line in io.lines(report) do
    local count, name = line:match("^%s*(%d+)%s+(%l+)%s*$")
    total = total + (name and name ~= "total" and tonumber(count) or 0)
  end
  os.remove(report)
  return total
end

local sources_of_arenas = {
  { "mmap and munmap (glibc with MALLOC_MMAP_THRESHOLD_=131072)", "glibc",
    { MALLOC_MMAP_THRESHOLD_ = "131072" } },
  { "malloc of glibc", "glibc", {} },
  { "malloc of jemalloc", "jemalloc", {} },
  { "malloc of tcmalloc", "tcmalloc", {} },
  { "malloc of mimalloc", "mimalloc", {} },
}

local function row_of(one, trace, short)
  local result, problem = pymalloc.real.replay(trace, one[2], { samples = 1,
    environment = one[3] })
  if not result then
    return { one[1], problem }
  end
  local words = {}
  for name, value in pairs(one[3]) do
    table.insert(words, ("%s = '%s'"):format(name, value))
  end
  local environment = table.concat(words)
  local number = has_strace() and counted(trace, one[2], environment)
    - counted(short, one[2], environment)
  return { one[1], number and kit.commas(number) or "strace is not installed",
    kit.commas(result.page_faults), ("%.0f"):format(result.seconds / TURNS * 1e9) }
end

local function write(text)
  local path = os.tmpname()
  local file <close> = assert(io.open(path, "w"))
  file:write(text)
  return path
end

return {
  title = "Arenas from mmap or from malloc",
  sources = {
    { "gh-115429 (2024): let arenas come from malloc instead of mmap",
      "https://github.com/python/cpython/issues/115429" },
  },
  asked = "How many system calls does mmap cost, and does a malloc below save them? The issue "
    .. "reports 5 % less time for one internal program, whose arenas come from tcmalloc.",
  method = ("The first table counts the calls of this allocator's region for arenas of 256 KiB "
    .. "under 3.8's rule, if it gives each released arena back, and if it keeps up to 4 MiB. The "
    .. "second obtains one arena of 256 KiB, writes to its pages, and releases it, %s times, and "
    .. "counts mmap, munmap, brk, madvise and mremap with strace."):format(kit.commas(TURNS)),
  run = function()
    local rows = {}
    for _, one in ipairs { { "json", "@json" }, { "lots 1", workload.trace(1) },
      { "lots 2", workload.trace(2) } } do
      local back, kept = calls(one[2], 0), calls(one[2], 4 * kit.MIB)
      table.insert(rows, { one[1], ("%d + %d"):format(back.arenas_obtained,
        back.arenas_released), back.system_calls, kept.system_calls })
    end
    return {
      text = kit.table({ "trace", "arenas obtained + released", "calls, given back",
        "calls, 4 MiB kept" }, rows),
      sentence = "A source that keeps pages makes fewer calls; how many depends on how often the "
        .. "program's arenas come and go.",
    }
  end,
  measure = function()
    local trace, short = write(arena_requests(TURNS)), write(arena_requests(0))
    local rows = {}
    for i, one in ipairs(sources_of_arenas) do
      rows[i] = row_of(one, trace, short)
    end
    os.remove(trace)
    os.remove(short)
    return { text = kit.table({ "source of arenas", "system calls", "page faults",
      "nanoseconds for each arena" }, rows), sentence = "Each of these malloc functions keeps the "
      .. "arena that was freed last. An arena from mmap costs a mmap, a munmap, and a page fault "
      .. "for each of its pages." }
  end,
}
