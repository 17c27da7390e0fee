-- Tests script/lessons on small trees with one lesson.

local sample_tree = require "spec.support.sample_tree"

local good = [=[
local lesson = require "pymalloc.lesson"
local pymalloc = require "pymalloc"
return lesson(7, "Sums", function()
  local heap <close> = pymalloc.heap { profile = "classroom" }
  lesson.source "An abacus." lesson.aside "We count."
  lesson.say "Two and two make four: [pool.count]."
  lesson.show(heap)
  lesson.claim("two and two make four", 2 + 2, 4)
  lesson.say "And three and four?"
  lesson.predict { ask = "How much?", answer = function() return 7 end, hint = "7?",
    because = "Count." }
  lesson.say "Words have no sum."
  lesson.break_it { what = "We add one.", run = function() return 1 + {} end, fails = "arith",
    so = "There is none." }
  lesson.exercise { task = "Sum.", grade = function(x) return x == 4 end, start = "return 1",
    good = 4, bad = 5, hint = "2 + 2" }
end)
]=]

local PATH = "lua/pymalloc/lessons/07_sums_spec.lua"

local function try(source, path)
  return sample_tree.try("lessons", { [path or PATH] = source })
end

-- Runs script/lessons on the good lesson, in which `from` is replaced by `to`; returns the
-- first line of its output.
local function first_fault(from, to)
  local at, last = good:find(from, 1, true)
  assert.is_not_nil(at, from .. " is not in the sample")
  local ok, output = try(good:sub(1, at - 1) .. to .. good:sub(last + 1))
  assert.is_false(ok)
  return output:match("^[^\n]*")
end

local UNPROVEN = "a say that no claim, prediction or break-it follows (is it an aside?)"

describe("script/lessons", function()
  it("reports nothing for the lessons of this project", function()
    local run = io.popen("lua5.4 script/lessons")
    assert.equal("", run:read("a"))
    assert.is_true(run:close())
  end)

  it("reports nothing for a small lesson without faults", function()
    local ok, output = try(good)
    assert.equal("", output)
    assert.is_true(ok)
  end)

  local cases = {
    { "a say without a claim before the next say", 'lesson.claim("two and two make four",',
      "rawequal(", PATH .. ":6: " .. UNPROVEN },
    { "a say without a claim at the end", "lesson.exercise {",
      'lesson.say "So it is."\n  lesson.exercise {', PATH .. ":15: " .. UNPROVEN },
    { "a lesson without a prediction", "lesson.predict {",
      'lesson.claim("x") local _ = {', PATH .. ":1: a lesson without a prediction" },
    { "a lesson without a break-it", "lesson.break_it {",
      'lesson.claim("x") local _ = {', PATH .. ":1: a lesson without a break_it" },
    { "a lesson without a picture", "lesson.show(heap)", 'lesson.show "heap"',
      PATH .. ":1: a lesson without a picture of something live: show(heap)" },
    { "a lesson without an exercise", "lesson.exercise {", "local _ = {",
      PATH .. ":1: a lesson has one exercise, this one has 0" },
    { "a lesson that continues after its exercise", 'good = 4, bad = 5, hint = "2 + 2" }',
      'good = 4, bad = 5, hint = "2 + 2" }\n  lesson.aside "Well."',
      PATH .. ":17: a lesson ends with its exercise" },
    { "a lesson without its source", 'lesson.source "An abacus."', "",
      PATH .. ":1: a lesson begins with one source: the article or the code that it follows" },
    { "an exercise without a hint", ', hint = "2 + 2"', "",
      PATH .. ":15: exercise: 'hint' must be a string, got nil" },
    { "a prediction without its reason", 'because = "Count."', "nothing = true",
      PATH .. ":10: predict: 'because' must be a string, got nil" },
    { "an exercise without a bad answer", "bad = 5", "worse = 5",
      PATH .. ":15: exercise: 'good' and 'bad' are needed, answers to try the grader on" },
    { "a name in brackets that is not an invariant", "[pool.count]", "[pool" .. ".counts]",
      PATH .. ":6: [pool" .. ".counts] is not an invariant of csrc/check/check.h" },
    { "a line that is too wide", "lesson.show(heap)",
      'lesson.show(heap) lesson.show(("x"):rep(100))',
      PATH .. ":7: shows a line of 100 columns, more than 80" },
    { "a claim that ends like a sentence", '"two and two make four"', '"Two and two make four."',
      PATH .. ":8: a claim is a title and has no full stop" },
    { "a lesson that does not run", "2 + 2", "2 + nil",
      PATH .. ":1: does not run to its end: " .. PATH
        .. ":8: attempt to perform arithmetic on a nil value" },
    { "a lesson whose number is not that of its file", "lesson(7", "lesson(8",
      PATH .. ":1: is lesson 07 by its name and 8 by its first line" },
    { "a file without a lesson", 'return lesson(7, "Sums", function()', "return (function()",
      PATH .. ": the file must return lesson(NUMBER, TITLE, function() ... end)" },
  }
  for _, case in ipairs(cases) do
    it("reports " .. case[1], function()
      assert.equal(case[4], first_fault(case[2], case[3]))
    end)
  end

  it("reports a tree without lessons", function()
    local ok, output = sample_tree.try("lessons", { ["README.md"] = "" })
    assert.equal("lua/pymalloc/lessons: no lesson found\n", output)
    assert.is_false(ok)
  end)
end)
