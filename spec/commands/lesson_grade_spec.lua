-- Tests 'pymalloc lesson LESSON --grade ANSWER...', with hostile answers too: none of them ends the
-- command, or changes the grade of another one.

local command = require "spec.support.command"
local core = require "pymalloc.core"

-- Answers to the exercise of lesson 3, and what the table says of each. Between any two of them the
-- right answer is graded again.
local RIGHT = [[return function(size, count)
  return math.min(count + 1, 4048 // ((size + 7) // 8 * 8))
end]]

local answers = {
  { "wrong", "return function(size, count) return count + 1 end", "For size 512 and count 7" },
  { "endless", "while true do end", "does not end: it was stopped after 10,000,000 steps" },
  { "endless_function", "return function() while true do end end", "it does not end" },
  { "endless_in_pcall", "while true do pcall(function() while true do end end) end",
    "it does not end" },
  { "endless_error", "error(setmetatable({}, { __tostring = function() while true do end end }))",
    "an error that is not a string but a table" },
  { "odd_result", "return function() return setmetatable({}, { __eq = error, __name = 5 }) end",
    "For size 8" },
  { "memory", "local t = {} while true do t[#t + 1] = {} end", "needs more memory than" },
  { "string", "return function() return ('x'):rep(1 << 40) end", "string.rep: the result" },
  { "pattern", "return function() return ('a'):rep(1 << 16):find('.-.-.-.-b') end",
    "may need too many steps" },
  { "huge_block", "return require('pymalloc').heap():malloc(1 << 50):fill(1)", "cannot be graded" },
  { "exit", "os.exit(0)", "os.exit cannot be used in an answer" },
  { "shell", "os.execute('echo broken')", "attempt to call a nil value (field 'execute')" },
  { "file", "return io.open('/etc/passwd')", "attempt to index a nil value (global 'io')" },
  { "trace_file", "return require('pymalloc').trace.load('/etc/passwd')", "only built-in traces" },
  { "debug", "return debug.getregistry()", "attempt to index a nil value (global 'debug')" },
  { "coroutine", "return coroutine.wrap(function() while true do end end)()",
    "(global 'coroutine')" },
  { "bytecode", string.dump(function() return 1 end), "attempt to load a binary chunk" },
  { "load", "return load('return 1')()", "attempt to call a nil value (global 'load')" },
  { "finalizer", "return setmetatable({}, { __gc = function() while true do end end })",
    "__gc is not allowed here" },
  { "closing", "local x <close> = setmetatable({}, { __close = function() while true do end end })"
    .. " return 1", "it does not end" },
  { "strings", "getmetatable('').__index = nil", "attempt to index a nil value" },
  { "names", "string.format, math.min, table.concat, pairs, tostring = nil, nil, nil, nil, nil "
    .. "require('pymalloc').heap = nil return function() return 0 end", "For size 8 and count 1" },
  { "environment", "for k in pairs(_G) do _G[k] = nil end return 1", "(global '_G')" },
  { "text", "\7[31mred", "unexpected symbol" },
  { "nothing", "", "it returns nothing" },
  { "long", ("-"):rep(1 << 21), "longer than 1,048,576 bytes" },
}

local folder

local function put(name, text)
  local file <close> = assert(io.open(folder .. "/" .. name, "wb"))
  file:write(text)
end

local function grade(arguments)
  return command.run(("cd %s && %s %s lesson %s"):format(folder, command.leaks_allowed,
    command.run("realpath " .. command.pymalloc):gsub("\n", ""), arguments))
end

setup(function()
  folder = os.tmpname()
  os.remove(folder)
  assert(os.execute("mkdir " .. folder))
  put("right.lua", RIGHT)
  for _, answer in ipairs(answers) do
    put(answer[1] .. ".lua", answer[2])
  end
end)

teardown(function()
  os.execute("rm -r " .. folder)
end)

describe("pymalloc lesson --grade", function()
  it("grades each answer, whatever the others do", function()
    local names = { "right.lua" }
    for _, answer in ipairs(answers) do
      table.insert(names, answer[1] .. ".lua")
      table.insert(names, "right.lua")
    end
    local output, errors, code = grade("3 --csv --grade " .. table.concat(names, " "))
    assert.same({ "", 1 }, { errors, code })
    local rows = {}
    for row in output:gmatch("[^\n]+") do
      table.insert(rows, row)
    end
    assert.equal("answer,exercise,result,reason", rows[1])
    assert.equal(2 * #answers + 2, #rows)
    for i, answer in ipairs(answers) do
      assert.equal('right.lua,lesson 3,passed,"One block is carved in advance, unless there is '
        .. 'none left."', rows[2 * i])
      assert.matches("^" .. answer[1] .. "%.lua,lesson 3,failed,", rows[2 * i + 1])
      assert.is_truthy(rows[2 * i + 1]:find(answer[3], 1, true), rows[2 * i + 1])
    end
    assert.is_nil(output:find("\27", 1, true))
  end)

  it("is 0 if all answers pass, and prints a table", function()
    local output, errors, code = grade "3 --grade right.lua right.lua"
    assert.same({ "", 0 }, { errors, code })
    assert.matches("^answer     exercise  result  reason\nright.lua  lesson 3  passed  One block "
      .. "is carved in advance", output)
  end)

  it("prints JSON too", function()
    local output = grade "3 --json --grade right.lua wrong.lua"
    local rows = require("dkjson").decode(output)
    assert.same({ "right.lua", "lesson 3", true }, { rows[1].answer, rows[1].exercise,
      rows[1].passed })
    assert.is_false(rows[2].passed)
  end)

  it("fails a file that cannot be read", function()
    local output, errors, code = grade "3 --grade none.lua ."
    assert.same({ "", 1 }, { errors, code })
    assert.matches("It cannot be read: none.lua: No such\n? *file", output)
    assert.matches("%. +lesson 3  failed  It cannot be read: %.: Is a directory", output)
  end)
end)

describe("a function that is called apart", function()
  local apart = core.process.apart

  it("returns its string, and changes nothing here", function()
    local here = 1
    assert.equal("text\0", apart(5, 1 << 30, function()
      here = 2
      return "text\0"
    end))
    assert.equal(1, here)
  end)

  it("returns long strings", function()
    assert.equal(1 << 20, #apart(5, 1 << 30, function() return ("x"):rep(1 << 20) end))
  end)

  it("is stopped after so many seconds of processor time, also in C", function()
    assert.same({ nil, "seconds" }, { apart(1, 1 << 30, function()
      while true do end
    end) })
  end)

  it("reports an error, a result that is not a string, and a signal", function()
    assert.same({ nil, "error" }, { apart(5, 1 << 30, error) })
    assert.same({ nil, "error" }, { apart(5, 1 << 30, function() return {} end) })
    assert.same({ nil, "signal" }, { apart(5, 1 << 30, function()
      os.execute("kill -SEGV $PPID; sleep 1")
    end) })
  end)

  it("gets no more memory than it may", function()
    assert.equal("no", apart(5, 64 << 20, function()
      local ok = pcall(string.rep, "x", 256 << 20)
      return ok and "yes" or "no"
    end))
  end)

  it("writes no file, and nothing to standard output", function()
    local path = os.tmpname()
    local output = apart(5, 1 << 30, function()
      print "printed"
      local file = io.open(path, "w")
      file:write("written")
      file:close()
      return "not here"
    end)
    assert.is_nil(output)
    assert.equal("", command.read(path))
    os.remove(path)
  end)
end)
