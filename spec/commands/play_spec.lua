-- Tests the prompt of the playground: pymalloc.play and the modules in play/.

local play = require "pymalloc.play"
local pymalloc = require "pymalloc"
local sessions = require "pymalloc.play.session"

local MIB = 1 << 20

local session

-- What a statement prints, after it was run without an error.
local function printed(source)
  local result = session:run(source)
  assert.equal("done", result.status, result.error)
  return result.output
end

-- The error of a statement.
local function refusal(source)
  local result = session:run(source)
  assert.equal("error", result.status)
  return result.error
end

local function new_session()
  session = sessions.new { seconds = 600, bytes = 64 * MIB }
end

-- The error of a statement that does not end.
local function refusal_of_endless(source)
  local limits = session.limits
  session.limits = { seconds = 0.2, bytes = limits.bytes }
  local problem = refusal(source)
  session.limits = limits
  return problem
end

describe("the prompt", function()
  before_each(new_session)

  it("keeps global variables from one statement to the next", function()
    assert.equal("", printed "x = 20")
    assert.equal("21\n", printed "x + 1")
    assert.is_nil(rawget(_G, "x"))
  end)

  it("prints each value of an expression, and of one after =", function()
    assert.equal("1\tnil\ttrue\n", printed "1, nil, true")
    assert.equal("3\n", printed "=1 + 2")
    assert.equal("", printed "(function() end)()")
  end)

  it("waits for more if a statement is not finished, and runs nothing", function()
    assert.same({ status = "more", output = "" }, session:run "x = 1 for i = 1, 3 do")
    assert.equal("nil\n", printed "x")
    assert.equal("more", session:run("pymalloc.heap {").status)
    assert.equal("more", session:run("s = [[").status)
  end)

  it("reports an error with its place, and continues", function()
    assert.matches("^prompt:1: .*near '%+'", refusal "x +* 1")
    assert.equal("prompt:1: attempt to index a nil value (global 'a')", refusal "a.b = 1")
    assert.equal("prompt:2: no", refusal "local x\nerror 'no'")
    assert.equal("2\n", printed "1 + 1")
  end)

  it("reports a wrong call of the library without the place of a file of its own", function()
    assert.matches("^pymalloc: profile must be one of", refusal "pymalloc.heap { profile = 'x' }")
    assert.matches("^prompt:1: pymalloc: profile must",
      refusal "heap = pymalloc.heap { profile = 'x' }")
    assert.matches("^prompt:1: .*'no_method'", refusal "h = pymalloc.heap() h:no_method()")
  end)

  it("says that a local variable ends with its statement", function()
    assert.equal("heap", session:run("local heap = pymalloc.heap()").lost)
    assert.is_nil(session:run("local function f() end").lost)
    assert.is_nil(session:run("local x = 1; y = x").lost)
    assert.is_nil(session:run("x = 1").lost)
  end)

  it("captures print and io.write, in their order", function()
    assert.equal("a\t1\nb2c\n", printed "print('a', 1) io.write('b', 2) io.stdout:write('c\\n')")
    assert.matches("^prompt:1: bad argument #1 to 'write'", refusal "x = io.write({})")
  end)

  it("runs a file, whose name is in its errors", function()
    local result = session:run_file("answer.lua", "local x = 4\nprint(x)\nerror 'end'")
    assert.same({ status = "error", output = "4\n", error = "answer.lua:3: end" }, result)
    assert.equal("error", session:run_file("f.lua", "for").status)
  end)

  it("refuses functions that a page does not have, and says why", function()
    for source, reason in pairs {
      ["x = os.exit()"] = "os.exit cannot be used here: the prompt does not end",
      ["x = os.execute 'true'"] = "a page cannot start programs",
      ["x = io.popen 'true'"] = "a page cannot start programs",
      ["x = io.read()"] = "a page has no standard input",
      ["x = require 'no.such'"] = "there is no module 'no.such' here",
    } do
      assert.matches("^prompt:1: .*" .. reason:gsub("%p", "%%%0"), refusal(source))
    end
    assert.equal("number\n", printed "=type(os.time())")
  end)

  it("has load, whose names are those of the prompt", function()
    assert.equal("5\n", printed "x = 4 return load('return x + 1')()")
    assert.equal("7\n", printed "=load('return y', 'c', 't', { y = 7 })()")
  end)

  it("completes names of variables, fields and methods", function()
    session:run "heap = pymalloc.heap()"
    assert.same({ start = "hea", names = { "heap" } }, session:continuations "x = hea")
    assert.same({ "malloc" }, session:continuations("heap:mal").names)
    assert.same({ "replay_file", "replay_text" },
      session:continuations("pymalloc.trace.repl").names)
    assert.same({}, session:continuations("nothing.at.all:").names)
  end)

  it("has the help of the reference", function()
    assert.matches("^heap:malloc%(size%)\nAllocates a buffer", printed "help 'heap:malloc'")
    assert.matches("help on these names: .*heap:calloc", printed "help 'alloc'")
    assert.matches("^There is no help", printed "help 'xyzzy'")
    assert.matches("pymalloc.view.text", printed "help()")
    assert.is_true(#play.help().names > 100)
    assert.matches("^pymalloc%.heap%(", play.help("pymalloc.heap").text)
    assert.matches("^pymalloc%.Heap\n", play.help("pymalloc.Heap").text)
    assert.matches("\n  size: integer, bytes", play.help("heap:malloc").text)
  end)
end)

describe("limits of the prompt", function()
  before_each(new_session)

  for _, source in ipairs { "while true do end", "while true do pcall(error) end",
    "x = coroutine.wrap(function() while true do end end) x()",
    "setmetatable({}, { __index = function(t, k) return t[k .. 'x'] end }).x = nil "
      .. "repeat until false" } do
    it("end " .. source, function()
      assert.matches("it does not end: it was stopped after 0.2 seconds",
        refusal_of_endless(source))
      assert.equal("2\n", printed "1 + 1")
    end)
  end

  it("hold for a coroutine of an earlier statement", function()
    printed "f = coroutine.wrap(function() coroutine.yield() while true do end end) f()"
    assert.matches("it does not end", refusal_of_endless "f()")
  end)

  it("bound the memory", function()
    assert.matches("it needs more memory than the 64 MiB that are allowed",
      refusal "t = {} while true do t[#t + 1] = ('x'):rep(1000) .. #t end")
    assert.equal("", printed "t = nil collectgarbage()")
  end)

  it("hold for metamethods that print and errors call", function()
    printed "endless = setmetatable({}, { __tostring = function() while true do end end })"
    assert.matches("it does not end", refusal_of_endless "endless")
    assert.equal("(error object is a table value)", refusal "error(endless)")
  end)

  it("bound the output, and say how much is missing", function()
    local output = printed "print(('x'):rep(300000))"
    assert.is_true(#output < 201000)
    assert.matches("%(100,001 more bytes were printed; they are not shown%.%)\n$", output)
  end)

  it("bound errors, and explain those that are not strings", function()
    assert.is_true(#refusal "error(('x'):rep(100000))" < 5000)
    assert.equal("(error object is a table value)", refusal "error {}")
    assert.equal(_VERSION == "Lua 5.4" and "(error object is a nil value)" or "<no error object>",
      refusal "error()")
    assert.equal("own",
      refusal "error(setmetatable({}, { __tostring = function() return 'own' end}))")
    assert.equal("(error object is a table value)",
      refusal "error(setmetatable({}, { __tostring = function() return {} end }))")
    assert.equal("There is not enough memory for that.", refusal "error('not enough memory', 0)")
  end)

  it("are not lifted by a statement that replaces its functions", function()
    printed "string.format, table.concat, pcall, error = nil"
    printed "getmetatable('').__index = nil"
    assert.equal("x\n", printed "print('x')")
    assert.equal("ab", ("a%s"):format "b")
    for _, source in ipairs { "while true do end",
      "while true do xpcall(function() while true do end end, print) end" } do
      assert.matches("it does not end", refusal_of_endless(source))
    end
  end)
end)

describe("the picture", function()
  before_each(new_session)

  it("is nil while there is no heap", function()
    assert.is_nil(session:picture())
  end)

  it("is of the newest heap, or of one chosen by its number", function()
    printed "one = pymalloc.heap { profile = 'classroom' } two = pymalloc.heap()"
    local picture = session:picture()
    assert.equal("two", picture.name)
    assert.same({ { name = "two", number = 2 }, { name = "one", number = 1 } }, picture.heaps)
    assert.equal("one", session:picture({ number = 1 }).name)
    assert.equal("classroom", session:picture({ number = 1 }).geometry.name)
    assert.equal("two", session:picture({ number = 99 }).name)
  end)

  it("has the arenas, the pool of the last event, and the events", function()
    printed "heap = pymalloc.heap { profile = 'classroom' } b = heap:malloc(24)"
    local picture = session:picture()
    assert.equal("uvvv", picture.arenas[1].states)
    assert.same({ 1, 6, 1 }, { picture.arenas[1].live[1], picture.arenas[1].capacity[1],
      picture.arenas[1].classes[1] })
    assert.equal("lfvvvv", picture.pool.blocks)
    assert.same({ 80 }, picture.pool.chain)
    assert.same({ name = "freeblock", value = "0:0:80" }, picture.pool.header[2])
    assert.equal("block_carve", picture.events[#picture.events].kind)
    assert.same({ 1, 1 }, { picture.requests, picture.new_requests })
    assert.same({ "0:0" }, picture.lists.used[1].places)
  end)

  it("marks the fields of the header that a statement has changed", function()
    printed "heap = pymalloc.heap { profile = 'classroom' } b = heap:malloc(24)"
    session:picture()
    printed "b:free() b = heap:malloc(24) c = heap:malloc(24)"
    local changed = {}
    for _, field in ipairs(session:picture().pool.header) do
      changed[#changed + 1] = field.is_changed and field.name or nil
    end
    assert.same({ "ref_count", "freeblock", "nextoffset" }, changed)
  end)

  it("is of a chosen pool", function()
    printed "heap = pymalloc.heap { profile = 'classroom' } b = heap:malloc(16) c = heap:malloc(24)"
    assert.equal(256, session:picture().pool.offset)
    assert.equal(0, session:picture({ arena = 0, pool = 0 }).pool.offset)
    assert.equal(256, session:picture({ arena = 7, pool = 0 }).pool.offset)
  end)

  it("shows a heap that a statement has closed, as it was before", function()
    session:run_file("f.lua", "local heap <close> = pymalloc.heap() local b = heap:malloc(24)")
    local picture = session:picture()
    assert.is_true(picture.is_closed)
    assert.equal("heap 1", picture.name)
    assert.equal(1, picture.stats.blocks)
    printed "h = pymalloc.heap() h:close()"
    assert.equal("h", session:picture().name)
    printed "x = 1"
    assert.is_nil(session:picture())
  end)

  it("is of the heap of a run too", function()
    printed "run = pymalloc.replay { text = 'a 1 24\\n' } run:step()"
    assert.equal("run", session:picture().name)
    assert.equal(1, session:picture().stats.blocks)
    printed "run:close()"
    assert.is_true(session:picture().is_closed)
  end)

  it("leaves the methods of heaps as they are", function()
    local before = debug.getmetatable(pymalloc.heap()).__close
    printed "local h <close> = pymalloc.heap()"
    session:run "error 'x'"
    assert.equal(before, debug.getmetatable(pymalloc.heap()).__close)
  end)

  it("is bounded for a heap with many pools", function()
    printed "heap = pymalloc.heap() t = {} for i = 1, 30000 do t[i] = heap:malloc(512) end"
    local picture = session:picture()
    local pools = 0
    for _, arena in ipairs(picture.arenas) do
      pools = pools + #arena.states
    end
    assert.is_true(pools <= 2048)
    assert.equal(picture.stats.arenas_current, #picture.arenas + picture.arenas_left_out)
    assert.is_true(picture.arenas_left_out > 0)
  end)
end)
