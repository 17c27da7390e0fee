-- Tests the exercise of a lesson with a learner's file, and lessons under busted.

local command = require "spec.support.command"
local desk = require "pymalloc.lesson.desk"
local lesson = require "pymalloc.lesson"
local lfs = require "lfs"
local talk = require "pymalloc.lesson.talk"

local START = "return function(n)\n  return n\nend\n"

local function tell()
  return lesson(77, "Squares", function()
    lesson.exercise {
      task = "Your file returns a function that squares.",
      start = START,
      grade = function(square)
        local got = square(3)
        return got == 9, ("the square of 3 is 9; your function says %s"):format(got)
      end,
      good = function(n)
        return n * n
      end,
      bad = function(n) return n end,
    }
  end)
end

-- The temporary folder of this file's learner.
local folder

local function answer_path()
  return folder .. "/answer_77.lua"
end

local function write_answer(text)
  lfs.mkdir(folder)
  local file <close> = assert(io.open(answer_path(), "w"))
  file:write(text)
end

-- Returns the output for a learner who types `typed`, and whether the lesson is done.
local function converse(typed)
  local input <close> = io.tmpfile()
  local output <close> = io.tmpfile()
  input:write(typed)
  input:seek("set")
  local finished = talk.hold(77, tell, { input = input, output = output })
  output:seek("set")
  return output:read("a"), finished
end

describe("an exercise", function()
  before_each(function()
    folder = os.tmpname()
    os.remove(folder)
    stub(desk, "folder", function() return folder end)
  end)

  after_each(function()
    desk.folder:revert()
    os.remove(answer_path())
    os.remove(folder .. "/progress")
    os.remove(folder)
  end)

  it("writes a first file, and does not grade it before it is changed", function()
    local text, finished = converse("")
    assert.is_false(finished)
    assert.equal(START, command.read(answer_path()))
    assert.matches("The exercise is not done yet", text)
    assert.is_nil(text:find("Not yet", 1, true))
    assert.equal("0 exercise", desk.progress(77))
  end)

  it("grades the file at Enter, and reports a file that was not changed", function()
    local text, finished = converse("\n")
    assert.is_false(finished)
    assert.matches("Not yet%. The file is unchanged%. The square of 3 is 9; your "
      .. "function says 3%.", (text:gsub("%s+", " ")))
  end)

  it("does not grade if the learner types something else", function()
    local text = converse("banana\n")
    assert.matches("Please press Enter alone, or type h, e, r, s or q", text)
    assert.is_nil(text:find("Not yet", 1, true))
  end)

  it("passes a right answer, and the lesson is then done", function()
    write_answer "return function(n) return n * n end"
    local text, finished = converse("\n")
    assert.is_true(finished)
    assert.matches("Passed%.", text)
    assert.equal("done", desk.progress(77))
  end)

  it("fails a wrong answer with the grader's remark, and does not change the file", function()
    write_answer "return function(n) return 2 * n end"
    local text, finished = converse("\nq\n")
    assert.is_false(finished)
    assert.matches("Not yet%. The square of 3 is 9; your function says 6%.", text)
    assert.equal("return function(n) return 2 * n end", command.read(answer_path()))
  end)

  it("grades a changed file after the input has ended", function()
    write_answer "return function(n) return n * n end"
    local _, finished = converse("")
    assert.is_true(finished)
  end)

  local broken = {
    { "does not compile", "return function(", "answer_77%.lua:1: .*expected" },
    { "raises an error", "error 'no idea'", "answer_77%.lua:1: no idea" },
    { "raises an error that is not a string", "error {}", "not a string but a table" },
    { "does not end", "while true do pcall(error) end",
      "answer_77%.lua:1: it does not end: it was stopped after 10,000,000 steps" },
    { "returns a function that does not end", "return function() while true do end end",
      "Your answer failed: [^ ]+/answer_77%.lua:1: it does not end" },
    { "returns a table with a metatable", "return setmetatable({}, {})",
      "it returns a table with a metatable" },
    { "requires another module", "require 'lfs'", "can require 'pymalloc' only, got 'lfs'" },
    { "returns nothing", "local x = 1", "it returns nothing" },
    { "returns a value of another type", "return 9",
      "must return a function, but it returns a number" },
    { "returns a function that raises an error", "return function(n) return n.x end",
      "Your answer failed: [^ ]+/answer_77%.lua:1: attempt to index" },
    { "returns a function that returns nothing", "return function() end",
      "your function says nil" },
  }

  for _, case in ipairs(broken) do
    it("does not pass a file that " .. case[1], function()
      write_answer(case[2])
      local text, finished = converse("\nq\n")
      assert.is_false(finished)
      assert.matches("Not yet%.", text)
      assert.matches(case[3], (text:gsub("%s+", " ")))
    end)
  end

  it("opens the file in the editor that VISUAL or EDITOR names, at e", function()
    local variables = { EDITOR = "sed -i s/n$/n*n/", VISUAL = "" }
    local getenv = os.getenv
    local stubbed = stub(os, "getenv", function(name) return variables[name] or getenv(name) end)
    local text, finished = converse("e\n\n")
    variables.VISUAL = "false"
    local failed = converse("e\nq\n")
    variables = { EDITOR = "", VISUAL = "" }
    local none = converse("e\nq\n")
    stubbed:revert()
    assert.is_true(finished)
    assert.matches("Passed%.", text)
    assert.matches("The editor 'false' has failed%.", failed)
    assert.matches("No editor is named: set the environment variable VISUAL or EDITOR",
      (none:gsub("%s+", " ")))
  end)

  it("gets its first text again at r, and the text that it had is kept", function()
    write_answer "return 5"
    local text = converse("r\nq\n")
    assert.matches("The text that it had is now in " .. folder:gsub("%p", "%%%0")
      .. "/answer_77%.old%.lua", (text:gsub("%s+", " ")))
    assert.equal(START, command.read(answer_path()))
    assert.equal("return 5", command.read(folder .. "/answer_77.old.lua"))
    os.remove(folder .. "/answer_77.old.lua")
  end)

  it("has a hint at h, or says that there is none", function()
    assert.matches("This exercise has no hint%.", (converse("h\nq\n")))
  end)

  it("has names of its own: the answer changes nothing of this program", function()
    local words = { format = string.format, insert = table.insert, pairs = pairs, exit = os.exit }
    write_answer [[
      left_over = 1
      _G.other = 2
      pairs, string.format, table.insert = nil, nil, nil
      function string.squared(n) return n * n end
      local pymalloc = require "pymalloc"
      return function(n)
        fourth = 4
        return pymalloc and string.squared(n)
      end]]
    local _, finished = converse("\n")
    assert.is_true(finished)
    for _, name in ipairs { "left_over", "other", "fourth" } do
      assert.is_nil(rawget(_G, name), name)
    end
    assert.is_nil(rawget(string, "squared"))
    assert.same(words, { format = string.format, insert = table.insert, pairs = pairs,
      exit = os.exit })
  end)

  it("is not ended by os.exit in the answer", function()
    write_answer "os.exit(0)"
    local text = converse("\nq\n")
    assert.matches("os.exit cannot be used in an answer: return a value", (text:gsub("%s+", " ")))
  end)

  it("shows a solution that passes when it is written into the file", function()
    local text = converse("s\n")
    local solution = text:match("\n(    return function%(n%)\n      return n %* n\n    end)\n")
    write_answer(assert(solution))
    local _, finished = converse("\n")
    assert.is_true(finished)
  end)

  it("stops with the reason if the file cannot be written", function()
    folder = "/dev/null/desk"
    local text, finished = converse("\n")
    assert.is_false(finished)
    assert.matches("cannot be written: .*PYMALLOC_DESK", (text:gsub("%s+", " ")))
  end)
end)

describe("the desk", function()
  before_each(function()
    folder = os.tmpname()
    os.remove(folder)
    stub(desk, "folder", function() return folder end)
  end)

  after_each(function()
    desk.folder:revert()
    os.remove(folder .. "/progress")
    os.remove(folder)
  end)

  it("saves the last progress of each lesson", function()
    for _, one in ipairs { { 1, "3" }, { 11, "5 exercise" }, { 1, "done" } } do
      assert.is_true(desk.remember(table.unpack(one)))
    end
    assert.same({ "done", "5 exercise", nil },
      { desk.progress(1), desk.progress(11), desk.progress(2) })
  end)

  local function put(name, text)
    lfs.mkdir(folder)
    local file <close> = assert(io.open(folder .. "/" .. name, "w"))
    file:write(text)
  end

  it("keeps lines of the progress that it does not understand", function()
    local huge = ("9"):rep(400) .. " done\n"
    put("progress", huge .. "2 99999999999999999999\n7 9223372036854775808 exercise\n")
    assert.is_true(desk.remember(1, "3"))
    assert.equal("1 3\n2 99999999999999999999\n7 9223372036854775808 exercise\n" .. huge,
      command.read(folder .. "/progress"))
  end)

  it("replaces neither a progress nor an answer that it cannot read", function()
    lfs.mkdir(folder)
    lfs.mkdir(folder .. "/progress")
    lfs.mkdir(folder .. "/answer_01.lua")
    assert.is_nil((desk.remember(1, "3")))
    assert.equal(folder .. "/answer_01.lua", desk.answer_path(1, "return 1"))
    local answer, problem = desk.read_answer(1)
    assert.is_nil(answer)
    assert.matches("Is a directory", problem)
    assert.equal("directory", lfs.attributes(folder .. "/answer_01.lua", "mode"))
    lfs.rmdir(folder .. "/progress")
    lfs.rmdir(folder .. "/answer_01.lua")
  end)
end)

describe("a lesson under busted", function()
  local run = ("cd '%s' && lua5.4 \"$(command -v busted)\" --ignore-lua -o TAP %%s 2>&1"):format(
    lfs.currentdir())

  -- Runs a lesson with these statements. Returns its results and the exit code.
  local function results(words)
    local file <close> = command.file(([[
      local lesson = require "pymalloc.lesson"
      return lesson(77, "Sums", function()
        %s
      end)]]):format(words), "_spec.lua")
    local output, _, code = command.run(run:format(file.path))
    return output, code
  end

  it("passes if every claim is true, with the sentences as titles", function()
    local output, code = results 'lesson.claim("two and two make four", 2 + 2, 4)'
    assert.equal(0, code)
    assert.matches("ok 1 %- Lesson 77: Sums: two and two make four", output)
  end)

  it("fails at a claim that is false, with the expected value and the one it got", function()
    local output, code = results [[
      lesson.claim("two and two make five", 2 + 2, 5)
      lesson.claim("one is one", 1, 1)]]
    assert.not_equal(0, code)
    assert.matches("not ok %d %- Lesson 77: Sums: two and two make five", output)
    assert.matches("it is not true that two and two make five: expected 5, got 4", output)
    assert.matches("\nok %d %- Lesson 77: Sums: one is one", output)
  end)

  it("reports the line of a claim in the lesson", function()
    assert.matches("_spec%.lua @ 3\n", (results 'lesson.claim("one is two", 1, 2)'))
  end)

  it("passes with a pending claim, whose title has the reason", function()
    local output, code = results 'lesson.pending("six is even", "no six")'
    assert.equal(0, code)
    assert.matches("Sums: six is even %(no six%)", output)
    assert.is_nil(output:find("not ok", 1, true))
  end)

  local faults = {
    { "raises an error", 'error "stumbled"', "runs to its end" },
    { "has a break-it that raises no error",
      'lesson.break_it { what = "x", run = print, fails = "y", so = "z" }', "breaks: x" },
    { "has a question whose answer is not among the choices", [[
      lesson.predict { ask = "?", choices = { "1" }, answer = function() return 2 end,
        because = "z" }]], "%? 2" },
    { "has a grader that fails the good answer", [[
      lesson.exercise { task = "x", start = "", good = 1, bad = 2,
        grade = function() return false, "no" end }]], "grader.-fails the good answer: no" },
    { "has a good answer that a file cannot hold", [[
      lesson.exercise { task = "x", start = "", good = { [{}] = 1 }, bad = 2,
        grade = function() return true, "yes" end }]], "good answer cannot be run" },
    { "has a grader that passes the bad answer", [[
      lesson.exercise { task = "x", start = "", good = 1, bad = 2,
        grade = function() return true, "yes" end }]], "grader.-passes the bad answer" },
    { "shows a picture that is wider than a terminal", 'lesson.show(("x"):rep(81))',
      "runs to its end" },
    { "has a text with lines that are wider than a terminal",
      'lesson.say("a\\n\\n    " .. ("x"):rep(77))', "runs to its end" },
    { "has an empty text", 'lesson.say " "', "runs to its end" },
  }

  for _, case in ipairs(faults) do
    it("fails if it " .. case[1], function()
      local output, code = results(case[2])
      assert.not_equal(0, code)
      assert.matches("not ok %d %- Lesson 77: Sums: .*" .. case[3], output)
    end)
  end
end)
