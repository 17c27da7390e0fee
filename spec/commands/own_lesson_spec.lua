-- Tests 'pymalloc lesson FILE': a lesson of a teacher, which runs in a sandbox, and its check.

local command = require "spec.support.command"
local own_lessons = require "pymalloc.lesson.own"

local HEAD = [[
local lesson = require "pymalloc.lesson"
local pymalloc = require "pymalloc"
]]

-- Twenty lines.
local GOOD = HEAD .. [[
return lesson("A block of my own", function()
  local heap <close> = pymalloc.heap { profile = "classroom" }
  local block = heap:malloc(20)
  lesson.say "A request of 20 bytes gets a block of 32."
  lesson.claim("the block has 32 bytes", block:pool().size, 32)
  lesson.show(block:pool())
  lesson.predict { ask = "How many such blocks has a pool?", choices = { "6", "8" },
    answer = function() return block:pool().capacity end,
    because = "208 // 32 is 6.", why = { ["8"] = "The header needs 48 bytes." },
    hint = "256 bytes, less a header of 48." }
  lesson.exercise {
    task = "Your file returns the size of the block for 33 bytes.",
    start = "return 0\n", good = 48, bad = 33,
    grade = function(answer) return answer == 48, "the sizes are multiples of 16" end,
  }
end)
]]

local folder

-- Writes a file into the folder; returns its path.
local function put(name, text)
  local path = folder .. "/" .. name
  local file <close> = assert(io.open(path, "wb"))
  file:write(text)
  return path
end

-- Runs the command. Returns its output, its standard error and its exit code.
local function lesson(arguments, typed, environment)
  return command.run(("printf '%s' | env XDG_DATA_HOME=%s %s %s lesson %s"):format(typed or "",
    folder .. "/data", environment or "PYMALLOC_DESK=", command.pymalloc, arguments))
end

-- The message on a lesson whose function has these statements; they begin at line 4.
local function message_on(statements)
  local path = put("wrong.lua", HEAD .. 'return lesson("Wrong", function()\n' .. statements
    .. "\nend)\n")
  local own = assert(own_lessons.open(path))
  local counts, problem = own:check()
  assert.is_nil(counts)
  return (problem:gsub(path:gsub("%p", "%%%0"), "wrong.lua"))
end

before_each(function()
  folder = os.tmpname()
  os.remove(folder)
  assert(os.execute("mkdir " .. folder))
end)

after_each(function()
  os.execute("rm -r " .. folder)
end)

describe("a lesson in a file", function()
  it("is played: it asks, says why a wrong choice is wrong, and grades", function()
    local path = put("own.lua", GOOD)
    local output, errors, code = lesson(path, "h\\nb\\n\\nq\\n")
    assert.same({ "", 0 }, { errors, code })
    assert.matches("^Lesson: A block of my own\n.*%* the block has 32 bytes\n.*pool 0:0", output)
    assert.matches("Hint: 256 bytes, less a header of 48%.\n.*Wrong%. The header needs 48 bytes%.\n"
      .. "  The answer is: 6%.\n.*Not yet%. The file is unchanged%.", output)
    assert.matches("To continue: pymalloc lesson " .. path:gsub("%p", "%%%0") .. "\n$", output)
  end)

  it("keeps its progress and the answer by the path of the file, and says where", function()
    local path = put("own.lua", GOOD)
    local output = lesson(path, "a\\nq\\n")
    assert.matches("Your progress and answers are in the folder\n?%s*" .. folder:gsub("%p", "%%%0")
      .. "/data/pymalloc\n", output)
    assert.matches("Continued from where you stopped", (lesson(path, "q\\n")))
    local name = command.run("ls " .. folder .. "/data/pymalloc"):match("answer_own%-%x+%.lua")
    put("data/pymalloc/" .. name, "return 48")
    assert.matches("Passed%. The sizes are multiples of 16%..*The lesson is done%.\n$",
      (lesson(path, "\\n")))
    assert(os.execute("mkdir " .. folder .. "/other"))
    assert.is_nil(lesson(put("other/own.lua", GOOD), "q\\n"):find("Continued", 1, true))
  end)

  it("passes its check if nothing is wrong", function()
    local path = put("own.lua", GOOD)
    assert.same({ path .. ": no faults: 1 claim, 1 question, 0 break-its, 1 exercise\n", "", 0 },
      { lesson(path .. " --check") })
  end)

  it("is the example, whose answers are graded", function()
    local output, errors, code = lesson("examples/lesson/lesson.lua --grade "
      .. "examples/lesson/answers/*.lua --csv")
    assert.same({ "", 1 }, { errors, code })
    assert.equal("answer,exercise,result,reason\n"
      .. "examples/lesson/answers/right.lua,Two queues,passed,The list is a stack.\n"
      .. 'examples/lesson/answers/wrong.lua,Two queues,failed,"After the frees 1 2, request 1 '
      .. 'gets block 2."\n', output)
  end)

  it("can be the smallest lesson of docs/write-a-lesson.md", function()
    local page = command.read "docs/write-a-lesson.md"
    local path = put("page.lua", assert(page:match("```lua\n(.-)```")))
    assert.same({ "", 0 }, { select(2, lesson(path .. " --check")) })
    assert.equal(1, select(3, lesson(path .. " --grade " .. put("a.lua", "return 33"))))
    assert.equal(0, select(3, lesson(path .. " --grade " .. put("a.lua", "return 48"))))
  end)
end)

describe("the check of a lesson's file", function()
  local predict = 'lesson.predict { ask = "?", choices = { "1", "2" }, answer = function() return'
    .. ' 1 end, because = "b", %s }'
  local exercise = 'lesson.exercise { task = "t", start = "", good = 1, bad = 2, %s }'
  local faults = {
    { 'lesson.say(5)', "wrong.lua:4: lesson.say: the text must be a string, got 5" },
    { 'lesson.say " "', "wrong.lua:4: lesson.say: the text must be a text, got an empty string" },
    { 'lesson.show({})', "wrong.lua:4: lesson.show: what is shown must be a string, a heap, an "
      .. "arena, a pool, a buffer, a run or a diff, got a table" },
    { 'lesson.show(pymalloc.heap(), { widht = 60 })', "wrong.lua:4: lesson.show: option 'widht' is "
      .. "not known; the options are ascii, block, colour, lists, struct, width" },
    { 'lesson.show(("x"):rep(81))', "wrong.lua:4: lesson.show: a line has more than 80 columns: "
      .. ("x"):rep(81) },
    { '\nlesson.claim("one is two", 1, 2)', "wrong.lua:5: lesson.claim: it is not true that one is "
      .. "two: expected 2, got 1" },
    { 'lesson.predict { ask = "?" }', "wrong.lua:4: lesson.predict: field 'answer' must be a "
      .. "function, got nil" },
    { predict:format "whi = {}", "wrong.lua:4: lesson.predict: field 'whi' is not known; the "
      .. "fields are answer, ask, because, choices, hint, why" },
    { predict:format 'why = { ["3"] = "x" }', "wrong.lua:4: lesson.predict: field 'why' has a "
      .. 'reason for a string, which is none of the choices' },
    { predict:format 'why = {}', "wrong.lua:4: lesson.predict: field 'why' has no reason why '2' "
      .. "is wrong" },
    { predict:format 'why = { ["1"] = "x", ["2"] = "y" }', "wrong.lua:4: lesson.predict: field "
      .. "'why' has a reason for '1', which is the right answer" },
    { predict:gsub('"2"', '"1"'):format '', "wrong.lua:4: lesson.predict: field 'choices' has the "
      .. "choice '1' twice" },
    { predict:gsub("return 1", "return 3"):format '', "wrong.lua:4: lesson.predict: the answer is "
      .. "3, which is not one of the choices" },
    { predict:format 'hint = 1', "wrong.lua:4: lesson.predict: field 'hint' must be a string, "
      .. "got 1" },
    { 'lesson.break_it { what = "w", run = function() end, fails = "x", so = "s" }',
      "wrong.lua:4: lesson.break_it: 'run' raised no error: w" },
    { 'lesson.break_it { what = "w", run = error, fails = "(", so = "s" }',
      "wrong.lua:4: lesson.break_it: field 'fails' must be a pattern of Lua: unfinished capture" },
    { exercise:format 'grade = function() return false, "no" end',
      "wrong.lua:4: lesson.exercise: the grader fails the good answer: no" },
    { exercise:format 'grade = function() return true end',
      "wrong.lua:4: lesson.exercise: the grader passes the bad answer" },
    { exercise:format 'grade = function(n) return n == 1 end' .. '\nlesson.say "x"',
      "wrong.lua:5: lesson.say: the exercise must be the last part of a lesson" },
    { 'local x = nil + 1', "wrong.lua:4: attempt to perform arithmetic on a nil value" },
    { 'while true do end',
      "wrong.lua:4: it does not end: it was stopped after 100,000,000 steps" },
    { 'local t = {} while true do t[#t + 1] = {} end',
      "wrong.lua:4: it needs more memory than the 268,435,456 bytes that are allowed" },
    { 'io.open "/etc/passwd"', "wrong.lua:4: attempt to index a nil value (global 'io'): "
      .. "the sandbox has no 'io'" },
    { 'os.exit(0)', "wrong.lua:4: attempt to index a nil value (global 'os'): "
      .. "the sandbox has no 'os'" },
    { 'iox.open "x"', "wrong.lua:4: attempt to index a nil value (global 'iox')" },
    { 'pymalloc.trace.load "/etc/passwd"', "wrong.lua:4: trace.load: only built-in traces can be "
      .. "loaded here, such as '@startup'; got a string" },
    { 'pymalloc.replay { path = "/etc/passwd" }', "wrong.lua:4: pymalloc.replay: a trace is the "
      .. "name of a built-in one, such as '@startup', or a result of trace.parse; got a table" },
    { 'require "lfs"', "wrong.lua:4: a lesson can require 'pymalloc' and 'pymalloc.lesson', "
      .. "got 'lfs'" },
  }
  for _, fault in ipairs(faults) do
    it("reports " .. fault[1]:gsub("%s+", " "):sub(1, 70), function()
      assert.equal(fault[2], message_on(fault[1]))
    end)
  end

  it("reports a file that is missing, does not compile, or has no lesson", function()
    for text, message in pairs {
      ["return ("] = ":1: unexpected symbol near <eof>",
      ["return 1"] = ": the file must call lesson(TITLE, function() ... end)",
      ['require "pymalloc.lesson"({})'] = ":1: lesson: the arguments must be a title and a "
        .. 'function, as in lesson("Sums", function() ... end); got a table and nil',
      ["\27Lua"] = ": attempt to load a binary chunk (mode is 't')",
    } do
      local path = put("x.lua", text)
      assert.same({ "", "pymalloc: " .. path .. message .. "\n", 1 }, { lesson(path) })
    end
    assert.same({ "", "pymalloc: none.lua: No such file or directory\n", 1 },
      { lesson "none.lua" })
    assert.equal(1, select(3, lesson(folder .. "/")))
  end)

  it("is for files, and cannot be combined with --grade", function()
    assert.same({ "", "pymalloc: --check is for the file of a lesson\n", 2 },
      { lesson "3 --check" })
    assert.equal(2, select(3, lesson "--check"))
    assert.equal(2, select(3, lesson "3 --check --grade x.lua"))
    assert.equal(2, select(3, lesson "3 --csv"))
    assert.equal(2, select(3, lesson "3 --csv --json --grade x.lua"))
  end)
end)
