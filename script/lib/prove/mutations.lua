-- Proves the subjects again with rules broken on purpose (spec/fidelity/mutations.lua).

local page = require "script.lib.prove.page"
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

-- The functions of a subject: of Eva, its main.
local function functions_of(subject)
  local set = { main = true }
  for _, name in ipairs(subject.prove) do
    set[name] = true
  end
  return set
end

-- The first property that is proved without the mutation and not with it.
local function first_lost(root, csrc, file)
  for _, each in ipairs(subjects.all(root)) do
    local subject = narrowed(each, csrc .. "/" .. file)
    local is_touched = subject.method == "eva" or #subject.prove > 0
    if is_touched and reads(root, subject, csrc, file) then
      local lost = page.lost(root, tools.prove(root, subject, csrc), functions_of(subject))
      if #lost > 0 then
        return subject.name, lost[1]
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
