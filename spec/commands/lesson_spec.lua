-- Tests a lesson that is played as a conversation.

local desk = require "pymalloc.lesson.desk"
local judge = require "pymalloc.lesson.judge"
local lesson = require "pymalloc.lesson"
local shelf = require "pymalloc.lesson.shelf"
local talk = require "pymalloc.lesson.talk"
local texts = require "pymalloc.lesson.text"

local function ask_for_sum()
  lesson.predict {
    ask = "How much is three and four?",
    choices = { "6", "7" },
    answer = function() return 7 end,
    because = "Count.",
  }
end

-- A small lesson; `truth` is the value that its claim compares with 4.
local function tell(truth, questions)
  return lesson(77, "Sums", function()
    lesson.say "Two and two make four."
    lesson.claim("two and two make four", truth, 4)
    for _ = 1, questions do
      ask_for_sum()
    end
    lesson.break_it {
      what = "We add a word.",
      run = function() return 1 + {} end,
      fails = "arithmetic",
      so = "Words have no sum.",
    }
  end)
end

-- Returns the output for a learner who types `typed`, and whether the lesson ended.
local function converse(typed, truth, seen, rows, questions)
  local input <close> = io.tmpfile()
  local output <close> = io.tmpfile()
  input:write(typed)
  input:seek("set")
  local ok, finished = pcall(talk.hold, 77, function()
    return tell(truth, questions or 1)
  end, { input = input, output = output, seen = seen, rows = rows })
  output:seek("set")
  return output:read("a"), ok and finished, finished
end

describe("a lesson as a conversation", function()
  local progress

  before_each(function()
    progress = {}
    stub(desk, "remember", function(number, how_far)
      progress[number] = how_far
      return true
    end)
  end)

  after_each(function()
    desk.remember:revert()
  end)

  it("shows text, claims, questions and break-its in the order of the file", function()
    local text, finished = converse("b\n", 4)
    assert.is_true(finished)
    assert.matches("Two and two.-%* two and two.-%? How much.-The answer is: 7.-! We add"
      .. ".-arithmetic", text)
    assert.equal("done", progress[77])
  end)

  it("accepts a guess as a letter or as the text of a choice, and grades it", function()
    assert.matches("Right%. The answer is: 7", (converse("b\n", 4)))
    assert.matches("Right%. The answer is: 7", (converse("B\n", 4)))
    assert.matches("Right%. The answer is: 7", (converse(" 7 \n", 4)))
    assert.matches("Wrong%. The answer is: 7", (converse("a\n", 4)))
  end)

  it("asks again if the guess is not one of the choices", function()
    local text = converse("c\n2\nb\n", 4)
    assert.matches("Please type a letter from a to b.-Please type a letter.-Right", text)
  end)

  it("shows only the answer if there is no guess", function()
    assert.matches("\n  The answer is: 7", (converse("\n", 4)))
  end)

  it("shows questions and answers after the input has ended", function()
    local text, finished = converse("", 4, 0, math.huge, 2)
    assert.matches("%? How much.-  b  7\n.-\n  The answer is: 7"
      .. ".-%? How much.-  b  7\n\n  The answer is: 7", text)
    assert.is_true(finished)
  end)

  it("stops at q, and saves the paragraph before the question as the next start", function()
    local text, finished = converse("q\n", 4)
    assert.is_false(finished)
    assert.is_nil(text:find("The answer is", 1, true))
    assert.equal("0", progress[77])
  end)

  it("skips the steps that the learner has seen", function()
    local text = converse("b\n", 4, 2)
    assert.is_nil(text:find("Two and two", 1, true))
    assert.matches("How much", text)
  end)

  it("waits for Enter before unread lines are scrolled off the screen", function()
    local text = converse("\nb\n\n", 4, 0, 7)
    assert.matches("Two and two make four%.\n.-Enter to continue.-How much", text)
    assert.is_nil(converse("b\n", 4, 0, 60):find("Enter to continue", 1, true))
  end)

  it("stops if the learner types q when the screen is full", function()
    local text, finished = converse("q\n", 4, 0, 4)
    assert.is_false(finished)
    assert.is_nil(text:find("How much", 1, true))
  end)

  it("stops with an error at a claim that is not true", function()
    local _, finished, message = converse("b\n", 5)
    assert.is_false(finished)
    assert.matches("the lesson is wrong: .-expected 4, got 5", message)
  end)

  it("reports only once that the progress cannot be saved", function()
    desk.remember:revert()
    stub(desk, "remember", function() return nil, "no such desk" end)
    local text, finished = converse("b\n", 4)
    assert.is_true(finished)
    assert.equal(1, select(2, text:gsub("cannot be saved: no such desk", "")))
  end)
end)

describe("a lesson on a narrow terminal", function()
  for _, columns in ipairs { 40, 60 } do
    it("has no line of more than " .. columns .. " columns", function()
      stub(desk, "remember", function() return true end)
      stub(desk, "answer_path", function() return "desk/answer_03.lua" end)
      stub(desk, "read_answer", function() return "return nil" end)
      for _, number in ipairs { 1, 3, 7, 8 } do
        local output <close> = io.tmpfile()
        talk.hold(number, function()
          return dofile(shelf.path(number))
        end, { input = io.tmpfile(), output = output, columns = columns })
        output:seek("set")
        for line in output:lines() do
          assert.is_true(utf8.len(line) <= columns, line)
        end
      end
      desk.remember:revert()
      desk.answer_path:revert()
      desk.read_answer:revert()
    end)
  end
end)

describe("a claim that cannot be tested here", function()
  it("is shown with the reason, and the lesson continues", function()
    local output <close> = io.tmpfile()
    stub(desk, "remember", function() return true end)
    local finished = talk.hold(77, function()
      return lesson(77, "Sums", function()
        lesson.pending("five and six are eleven", "there are only ten fingers")
      end)
    end, { input = io.tmpfile(), output = output })
    desk.remember:revert()
    output:seek("set")
    assert.is_true(finished)
    local text = output:read("a"):gsub("%s+", " ")
    assert.matches("five and six are eleven%. .-: there are only ten fingers", text)
  end)
end)

describe("the text of lessons", function()
  it("is wrapped at 78 columns, and indented by the width of its sign", function()
    local hung = texts.hung("  a  ", ("word "):rep(30))
    for line in hung:gmatch("[^\n]+") do
      assert.is_true(#line <= 78)
    end
    assert.matches("^  a  word.-\n     word", hung)
  end)

  it("does not change the lines of a report that are not too wide", function()
    assert.equal("    one\n      two", texts.indented("    ", "one\n  two\n\n"))
    local wide = ("x"):rep(60) .. " " .. ("y"):rep(60)
    assert.matches("^    x+\n    y+$", texts.indented("    ", wide))
  end)

  local rows = "Terms:\n\n    term    a text of two lines,\n            of which one is long\n"
    .. "    a long term:\n            its text\n    other   short"

  it("keeps the last cell of a row in its column", function()
    local narrow = "Terms:\n\n    term    a text of two\n            lines, of\n"
      .. "            which one is\n            long\n    a long term:\n            its text\n"
      .. "    other   short"
    assert.equal(narrow, texts.wrapped(rows, 26))
    assert.equal(rows, texts.wrapped(rows, 40))
  end)

  it("folds a row whose last cell has too few columns", function()
    for columns = 16, 40 do
      for line in texts.wrapped(rows, columns):gmatch("[^\n]+") do
        assert.is_true(#line <= columns, line)
      end
    end
  end)

  it("can have no picture wider than 80 columns", function()
    assert.has_no.errors(function() texts.check_picture(("é"):rep(80)) end)
    assert.has_error(function() texts.check_picture("a\n" .. ("x"):rep(81)) end)
  end)
end)

describe("the judge of lessons", function()
  it("compares tables by content, in both directions", function()
    assert.is_nil(judge.fault("x", { 1, { 2 } }, { 1, { 2 } }))
    assert.is_string(judge.fault("x", { 1 }, { 1, 2 }))
    assert.is_string(judge.fault("x", { 1, 2 }, { 1 }))
  end)

  it("reports a break-it that raises no error or another error", function()
    local harmless = { what = "x", run = function() end, fails = "y" }
    assert.matches("'run' raised no error: ", (judge.breakage(harmless)))
    local other = { what = "x", run = function() error("z") end, fails = "y" }
    assert.matches("'run' raised an error that does not match 'fails': z", (judge.breakage(other)))
  end)

  it("fails an answer for which the grader raises an error", function()
    local passed, remark = judge.grade({ grade = function(n) return n() end, good = 4 }, 3)
    assert.is_false(passed)
    assert.matches("attempt to call", remark)
  end)
end)

describe("the judge of lessons", function()
  it("fails an answer of another type than the good one, and names both types", function()
    local exercise = { grade = function() return true, "" end, good = {} }
    assert.is_true(judge.grade(exercise, {}))
    local passed, remark = judge.grade(exercise, 3)
    assert.is_false(passed)
    assert.equal("The file must return a table, but it returns a number.", remark)
  end)
end)

describe("the desk of a learner", function()
  local variables, getenv = {}, nil

  before_each(function()
    getenv = stub(os, "getenv", function(name) return variables[name] end)
  end)

  after_each(function()
    getenv:revert()
  end)

  it("is in the folder for data of the user, unless the environment names another", function()
    variables = { HOME = "/home/ada" }
    assert.equal("/home/ada/.local/share/pymalloc", desk.folder())
    variables.XDG_DATA_HOME = "/data"
    assert.equal("/data/pymalloc", desk.folder())
    variables.XDG_DATA_HOME = "relative" -- which the specification tells to ignore
    assert.equal("/home/ada/.local/share/pymalloc", desk.folder())
    variables.PYMALLOC_DESK = "desk"
    assert.equal("desk", desk.folder())
    variables = {}
    assert.equal("./.local/share/pymalloc", desk.folder())
  end)

  it("has a key for each path of a lesson's file", function()
    assert.equal(desk.key_of "/a/b.lua", desk.key_of "/a/./b.lua")
    assert.not_equal(desk.key_of "/a/b.lua", desk.key_of "/c/b.lua")
    assert.matches("^b_c%-%x%x%x%x%x%x%x%x$", desk.key_of "/a/b c.lua")
  end)
end)
