-- experiments/page.lua writes the results of experiments as a page, and compares them with it.

local page = require "experiments.page"
local scratch = require "spec.support.scratch"

local function experiment(text, measured)
  return { name = "01_some", title = "Some title",
    sources = { { "a source", "https://a.example" } },
    asked = "Why?", method = "So.", measure = function() end,
    result = { text = text, sentence = "Therefore.",
      facts = { { "a figure", 10.4, 10, tolerance = 0.5 }, { "another", 3, 4 } } },
    measured = measured and { text = measured, sentence = "Here." } }
end

-- Checks the page of an experiment. Returns the result of page.check and the text that it reports.
local function check(folder, one)
  local printed = {}
  local is_equal = page.check(folder, { one }, function(line)
    table.insert(printed, line)
  end)
  return is_equal, table.concat(printed)
end

describe("the page of experiments", function()
  before_each(scratch.make)
  after_each(scratch.remove)

  it("has each published figure, and whether the new one agrees within the tolerance", function()
    page.write(scratch.path, { experiment("a table", "a time") })
    local text = scratch.get "published.md"
    assert.matches("| a figure | 10 | 10.4 | yes |", text, 1, true)
    assert.matches("| another | 4 | 3 | **no** |", text, 1, true)
    assert.matches("On one machine %([^\n]*, %d+ processors, Linux %d+%.%d+%):\n\na time", text)
  end)

  it("is equal for other measured values, and not for another result", function()
    page.write(scratch.path, { experiment("a table", "a time") })
    assert.is_true((check(scratch.path, experiment("a table", "another time"))))
    assert.is_true((check(scratch.path, experiment("a table"))))
    for _, text in ipairs { "a tablet", "table", "a table\n\nmore" } do
      local is_equal, printed = check(scratch.path, experiment(text))
      assert.is_false(is_equal)
      assert.matches("the section 'Some title' of .*/published.md differs", printed)
    end
  end)

  it("keeps the other sections where one is written anew", function()
    local other, last = experiment "first", experiment "last"
    other.title, last.title = "Other title", "Last title"
    page.write(scratch.path, { other, experiment "a table", last })
    local before = scratch.get "published.md"
    page.write(scratch.path, { experiment "another table" }, true)
    assert.equal((before:gsub("\na table\n", "\nanother table\n")), scratch.get "published.md")
    last.result.text = "very last"
    page.write(scratch.path, { last }, true)
    assert.equal("<!-- end of measured -->\n", scratch.get("published.md"):sub(-25))
  end)

  it("lists every file of the folder that is an experiment", function()
    local pipe <close> = io.popen("ls experiments/[0-9]*.lua")
    local names = {}
    for path in pipe:lines() do
      table.insert(names, path:match("([%w_]+)%.lua$"))
    end
    assert.same(names, page.names)
  end)
end)
