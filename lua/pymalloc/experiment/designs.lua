-- The kinds of designs that an experiment compares. Each kind is a module
-- pymalloc.experiment.KIND:
--
--     M.field                     the field of a table that makes it a design of this kind,
--                                 such as "lab"; nil for the exact heap, which has none
--     M.design(given)             checks what the plan gives. Returns a table with the fields
--                                 name and kind, and what M.run needs; raises a message
--     M.run(design, source, options)
--                                 an array with a table of measures for the requests of the
--                                 source; or nil and a message
--
-- A source has the fields name, loaded (a pymalloc.LoadedTrace), trace (the path or the trace;
-- nil where the plan has a loaded one), interpreter (its number; nil for 0) and shared (a table
-- for all interpreters of the trace). Options are series (the number of points wanted; nil:
-- none), costs (true if time, instructions or page faults are wanted) and summary (true if a
-- measure reads a pymalloc.Summary). A result with the field problem, a sentence, is a row that
-- could not be measured.

local core = require "pymalloc.core"

local M = {}

-- One line for each kind. A kind is loaded when a design is first looked at.
local kinds = {
  "exact",
  "lab",
  "real",
  "oracle",
}

local function modules()
  local list = {}
  for i, kind in ipairs(kinds) do
    list[i] = require("pymalloc.experiment." .. kind)
  end
  return list
end

-- The fields that make a design of another kind than the exact heap, as a list in words.
local function fields()
  local list = {}
  for _, module in ipairs(modules()) do
    table.insert(list, module.field)
  end
  return list
end

-- The module of the kind of which the plan gives a design.
local function kind_of(given)
  if type(given) == "table" then
    for _, module in ipairs(modules()) do
      if module.field and given[module.field] ~= nil then
        return module
      end
    end
  end
  return require "pymalloc.experiment.exact"
end

--- Checks one design of a plan.
-- @return the design, with the fields name and kind; a wrong value raises a message
function M.read(given)
  if type(given) ~= "string" and type(given) ~= "table" then
    local others = fields()
    local or_field = #others > 0 and (", or a table with the field %s"):format(
      table.concat(others, ", ")) or ""
    error(("pymalloc: experiment: a geometry must be the name of a profile or a table of "
      .. "options%s, got %s"):format(or_field, core.describe(given)), 0)
  end
  return kind_of(given).design(given)
end

--- Measures a design on a source. Returns an array of tables; or nil and a message.
function M.run(design, source, options)
  return require("pymalloc.experiment." .. design.kind).run(design, source, options)
end

--- Checks an array of designs, whose names must differ.
function M.read_all(list)
  local designs, number_of = {}, {}
  for i, given in ipairs(list) do
    local design = M.read(given)
    local before = number_of[design.name]
    if before then
      error(("pymalloc: experiment: designs %d and %d are both called '%s': give one of them "
        .. "another name, by the field name"):format(before, i, design.name), 0)
    end
    designs[i], number_of[design.name] = design, i
  end
  return designs
end

return M
