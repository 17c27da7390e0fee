-- Proves the subjects again with rules broken on purpose (spec/fidelity/mutations.lua).

local sorted_keys = require "pymalloc.sorted_keys"
local subjects = require "script.lib.prove.subjects"
local tools = require "script.lib.prove.tools"
local tree = require "script.lib.tree"

local M = {}

local WIDTHS = "%-15s %-14s %-40s %s"

-- Does a subject read a file of csrc?
local function reads(root, subject, csrc, file)
  local command = "cc -MM -I%s -I%s/proofs -include %s/proofs/frama.h %s 2>/dev/null"
  local paths = { subject.path }
  for _, source in ipairs(subject.sources) do
    table.insert(paths, csrc .. "/" .. source)
  end
  -- Frama-C's own header is not there for the compiler
  local pipe = io.popen(command:format(csrc, root, root, "-MG " .. table.concat(paths, " ")))
  local rules = pipe:read("a")
  pipe:close()
  return rules:find(csrc .. "/" .. file, 1, true) ~= nil
end

-- The subject with those of its functions that a file defines: a contract of another function
-- does not depend on the file. All of a subject of Eva.
local function narrowed(subject, path)
  local text, list = tree.read(path), {}
  for _, name in ipairs(subject.prove) do
    if text:find("%f[%w_]" .. name .. "%([^;{]-%)\n{") then
      table.insert(list, name)
    end
  end
  return setmetatable({ prove = list }, { __index = subject })
end

-- The properties of a result that are proved, by "function: property".
local function proved_of(result)
  local set = {}
  for name, row in pairs(result.rows) do
    for property, counts in pairs(row) do
      set[name .. ": " .. property] = counts.proved == counts.all or nil
    end
  end
  return set
end

-- Proves a subject with low limits. Returns what is proved.
local function proved(root, subject, csrc)
  local result = tools.prove(root, subject, csrc, tools.LOW_LIMITS)
  if result.has_failed then
    tools.fail(("%s, with %s: %s"):format(subject.name, csrc, result.problem))
  end
  return proved_of(result)
end

local whole = {} -- what is proved of each narrowed subject without a mutation

local function proved_without(root, subject)
  local key = subject.name .. " " .. table.concat(subject.prove, " ")
  whole[key] = whole[key] or proved(root, subject, root .. "/csrc")
  return whole[key]
end

-- All subjects, those of the fewest sources first: Frama-C takes longest for the others.
local function cheapest_first(root)
  local list, place = subjects.all(root), {}
  for i, subject in ipairs(list) do
    place[subject] = i
  end
  table.sort(list, function(a, b)
    if #a.sources == #b.sources then
      return place[a] < place[b]
    end
    return #a.sources < #b.sources
  end)
  return list
end

-- The first property that is proved without the mutation and not with it.
local function first_lost(root, csrc, file)
  for _, each in ipairs(cheapest_first(root)) do
    local subject = narrowed(each, csrc .. "/" .. file)
    local is_touched = subject.method == "eva" or #subject.prove > 0
    if is_touched and reads(root, subject, csrc, file) then
      local before = proved_without(root, subject)
      local now = proved(root, subject, csrc)
      for _, property in ipairs(sorted_keys(before)) do
        if not now[property] then
          return subject.name, property
        end
      end
    end
  end
end

--- Tries the mutations of these names, or all. Prints a table; returns whether at least
-- half of them break a proof.
function M.try_all(root, names)
  local mutant = require "script.lib.mutant"
  local chosen, caught = mutant.chosen(names), 0
  print(WIDTHS:format("mutation", "file", "proof that fails", "the original rule"))
  for _, mutation in ipairs(chosen) do
    local folder = mutant.copy(mutation)
    local name, lost = first_lost(root, folder .. "/csrc", mutation[3])
    mutant.shell("rm -r %s", folder)
    print(WIDTHS:format(mutation[1], name or "-", lost or "NONE", mutation[2]))
    caught = caught + (name and 1 or 0)
  end
  print(("%d of %d mutations break a proof"):format(caught, #chosen))
  return 2 * caught >= #chosen
end

return M
