-- Tests the command 'pymalloc lesson'.

local command = require "spec.support.command"

describe("pymalloc lesson", function()
  local folder

  before_each(function()
    folder = os.tmpname()
    os.remove(folder)
  end)

  after_each(function()
    command.run("rm -r " .. folder)
  end)

  -- Runs the command with `typed` as its standard input. Returns its output,
  -- its standard error and its exit code.
  local function lesson(arguments, typed)
    return command.run(("printf '%s' | PYMALLOC_DESK=%s %s lesson %s"):format(typed or "", folder,
      command.pymalloc, arguments))
  end

  it("lists the lessons, and names the first one", function()
    local output, errors, code = lesson ""
    assert.equal(0, code)
    assert.equal("", errors)
    assert.matches("\n *1  The layers\n.*\n *6  Reusing an empty pool\n", output)
    assert.matches("To continue: pymalloc lesson 1\n$", output)
  end)

  it("lists the progress of each lesson", function()
    assert.equal(0, select(3, lesson("3", "q\\n")))
    assert.equal(0, select(3, lesson("4", "b\\n")))
    local output = lesson ""
    assert.matches("A pool is carved lazily +started\n", output)
    assert.matches("is stored in the free blocks +at its exercise\n", output)
    assert.matches("Used, full, empty\n", output)
    assert.matches("To continue: pymalloc lesson 3\n$", output)
  end)

  it("continues where the learner stopped, or starts from the beginning", function()
    lesson("3", "q\\n")
    local opening = "A pool is a run of bytes"
    local later = lesson("3", "q\\n")
    assert.matches("Continued from where you stopped", later)
    assert.is_nil(later:find(opening, 1, true))
    assert.matches("%? We request 24 bytes once more", later)
    assert.matches(opening, (lesson("3 --again", "q\\n")))
  end)

  it("marks a lesson as done when its answer is right", function()
    lesson("4", "b\\n")
    command.run(("echo 'return \"cfdaeb\"' >%s/answer_04.lua"):format(folder))
    local output = lesson("4", "\\n")
    assert.matches("Passed%..*Lesson 4 is done%. The next one: pymalloc lesson 5\n$", output)
    assert.matches("is stored in the free blocks +done\n", (lesson ""))
    lesson("4", "q\n")
    assert.matches("is stored in the free blocks +done\n", (lesson ""))
    assert.matches("Continued from where you stopped", (lesson("4", "q\n")))
  end)

  for _, steps in ipairs { "9999", "9223372036854775807", "99999999999999999999" } do
    it("starts again if the progress names step " .. steps, function()
      command.run(("mkdir %s; echo '3 %s' >%s/progress"):format(folder, steps, folder))
      local output, errors, code = lesson("3", "q\\n")
      assert.same({ "", 0 }, { errors, code })
      assert.matches("A pool is a run of bytes.*To continue: pymalloc lesson 3\n$", output)
      assert.matches("A pool is carved lazily +started\n", (lesson ""))
    end)
  end

  it("has saved the paragraphs that were read when it is stopped between questions", function()
    lesson("3 --again", "q\\n")
    assert.matches("^3 %d+\n$", command.read(folder .. "/progress"))
  end)

  for _, wrong in ipairs { "99", "0", "-1", "x", "2.5", "''" } do
    it("names the lessons that exist if asked for " .. wrong, function()
      local output, errors, code = lesson("-- " .. wrong)
      assert.equal(2, code)
      assert.equal("", output)
      assert.matches(("^pymalloc: there is no lesson '%s'; the lessons are 1 to %%d+, or a file, "
        .. "such as loops.lua\n$")
        :format((wrong:gsub("'", ""):gsub("%p", "%%%0"))), errors)
    end)
  end

  it("can be played if the progress cannot be saved", function()
    folder = "/dev/null/desk"
    local output, errors, code = lesson "5"
    assert.equal(0, code)
    assert.equal("", errors)
    assert.matches("Your progress cannot be saved: .*PYMALLOC_DESK", (output:gsub("%s+", " ")))
    assert.matches("Exercise", output)
  end)

  it("writes no colours into a pipe, and no line wider than 80 columns", function()
    for number = 1, 6 do
      for line in lesson(tostring(number)):gmatch("[^\n]+") do
        assert.is_nil(line:find("\27", 1, true))
        assert.is_true(utf8.len(line) <= 80, line)
      end
    end
  end)

  it("has help with an example", function()
    local help, _, code = lesson "--help"
    assert.equal(0, code)
    assert.matches("pymalloc lesson 3\n", help)
    assert.matches("PYMALLOC_DESK", help)
  end)
end)
