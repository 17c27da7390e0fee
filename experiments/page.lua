-- The page published.md: a section for each experiment. What depends on the machine is between
-- the marks BEGIN and END, so that the rest can be compared with results of another machine.

local kit = require "experiments.kit"

local M = {}

local BEGIN, END = "<!-- measured -->", "<!-- end of measured -->"

--- The experiments, in the order of the page.
M.names = { "01_geometries", "02_hops", "03_thrash", "04_evan_jones", "05_survivors",
  "06_two_mib", "07_arena_source", "08_alignment", "09_debug_hooks", "10_size_classes",
  "11_scattered", "12_arena_order", "13_real_allocators" }

local HEAD = [[
# What has been published, measured again

Each section has one question that CPython's developers or users discussed, the source, how it was
measured here, and the result. `script/experiments` runs all of it in a few minutes and writes this
page with `--write`; `script/experiments --check` compares the tables that do not depend on the
machine, and is a step of `script/test`. Sentences after "Asked" are a summary of the source, not
a quotation. Where a source has no figures, or was not found, the section says so.

Tables after the words "On one machine" name the processor on which they were measured; they change
with the machine and with the versions of the allocators. Resident bytes are those of
`pymalloc.real.replay`: anonymous pages, without those that the process had before the first
request.]]

--- Does our figure agree with the published one? The tolerance is absolute.
function M.agrees(fact)
  local tolerance = fact.tolerance or 0
  return math.abs(fact[2] - fact[3]) <= tolerance
end

local function number(value)
  return math.type(value) == "float" and value % 1 ~= 0 and ("%.1f"):format(value)
    or kit.commas(math.tointeger(value) or value)
end

local function facts_table(facts)
  local rows = {}
  for i, fact in ipairs(facts) do
    rows[i] = { fact[1], number(fact[3]), number(fact[2]), M.agrees(fact) and "yes" or "**no**" }
  end
  return kit.table({ "published", "there", "here", "agrees" }, rows)
end

local function sources_of(one)
  local lines = {}
  for i, source in ipairs(one.sources) do
    lines[i] = ("* [%s](%s)"):format(source[1], source[2])
  end
  return table.concat(lines, "\n")
end

local function add_result(parts, one, result, folder)
  table.insert(parts, result.text)
  if result.picture then
    table.insert(parts, ("![%s](published/%s.svg)"):format(one.title, one.name))
    if folder then
      assert(result.picture:save(("%s/published/%s.svg"):format(folder, one.name)))
    end
  end
  if result.facts then
    table.insert(parts, facts_table(result.facts))
  end
  table.insert(parts, result.sentence)
end

-- The section of an experiment; pictures are written where a folder is given.
local function section(one, folder)
  local parts = { "## " .. one.title, sources_of(one), "**Asked.** " .. one.asked,
    "**Method.** " .. one.method }
  if one.result then
    add_result(parts, one, one.result, folder)
  end
  if one.measure then
    table.insert(parts, BEGIN)
    if one.measured then
      table.insert(parts, ("On one machine (%s):"):format(kit.machine()))
      add_result(parts, one, one.measured, folder)
    end
    table.insert(parts, END)
  end
  return table.concat(parts, "\n\n")
end

local function text_of(list, folder)
  local parts = { HEAD }
  for _, one in ipairs(list) do
    table.insert(parts, section(one, folder))
  end
  return table.concat(parts, "\n\n") .. "\n"
end

-- The page with other sections for some experiments.
local function replaced(text, list, folder)
  for _, one in ipairs(list) do
    local start = assert(text:find("## " .. one.title .. "\n", 1, true), one.title)
    local stop = text:find("\n## ", start, true) or #text
    text = text:sub(1, start - 1) .. section(one, folder) .. "\n" .. text:sub(stop)
  end
  return (text:gsub("\n+$", "\n"))
end

local function read(folder)
  local file <close> = assert(io.open(folder .. "/published.md"))
  return file:read("a")
end

--- Writes the page and its pictures; or only the sections of some experiments.
function M.write(folder, list, is_part)
  local text = is_part and replaced(read(folder), list, folder) or text_of(list, folder)
  local file <close> = assert(io.open(folder .. "/published.md", "w"))
  file:write(text)
end

local function without_measured(text)
  return (text:gsub(BEGIN:gsub("%p", "%%%0") .. ".-" .. END:gsub("%p", "%%%0"),
    BEGIN .. "\n\n" .. END))
end

--- Compares the sections of the experiments with those of the page. Calls report with a sentence
-- for each section that differs. Returns whether all are equal.
function M.check(folder, list, report)
  local written, is_equal = without_measured(read(folder)) .. "\n## ", true
  for _, one in ipairs(list) do
    one.measured = nil
    local text = section(one)
    local start = written:find("## " .. one.title .. "\n", 1, true)
    if not start or written:sub(start, start + #text - 1) ~= text
      or not written:find("^\n+## ", start + #text) then
      is_equal = false
      report(("%s: the section '%s' of %s/published.md differs (script/experiments --write %s)")
        :format(one.name, one.title, folder, folder))
    end
  end
  return is_equal
end

return M
