-- Texts of logs, and the requests that the importers make of them.

local assert = require "luassert"
local busted = require "busted"
local pymalloc = require "pymalloc"

local M = {}

-- The requests of a text in one string, and the notes; or nil and a message.
function M.imported(text, options)
  local trace, notes = pymalloc.trace.parse(text, options)
  if not trace then
    return nil, notes
  end
  return (trace.text:gsub("#[^\n]*\n", ""):gsub("\n$", ""):gsub("\n", ", ")), notes
end

-- Describes the importer of a format by cases, each of which is tested by assert_case.
function M.describe_cases(format, cases)
  busted.describe("the importer of " .. format, function()
    for _, case in ipairs(cases) do
      busted.it(case[1], function() M.assert_case(format, case) end)
    end
  end)
end

-- Imports the text of a case { name, text, requests, the counts of the notes that are not 0 },
-- and compares.
function M.assert_case(format, case)
  local requests, notes = M.imported(case[2])
  assert.equal(case[3], requests, notes)
  assert.equal(format, notes.format)
  local counts = {}
  for _, name in ipairs { "unknown_frees", "reused", "others", "cut", "nested", "beyond",
    "skipped", "unclear", "misnamed" } do
    counts[name] = notes[name] ~= 0 and notes[name] or nil
  end
  assert.same(case[4] or {}, counts)
end

return M
