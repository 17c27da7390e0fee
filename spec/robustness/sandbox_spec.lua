-- Tests lua/pymalloc/sandbox.lua with hostile texts: each must end, stay within its memory, and
-- leave the program that runs it as it was.

local pymalloc = require "pymalloc"
local core = require "pymalloc.core"
local sandbox = require "pymalloc.sandbox"

local SMALL = { steps = 200000, bytes = 8 << 20, seconds = 60 }

local is_lua54 = _VERSION == "Lua 5.4"

local function run(source, options)
  return sandbox.new(options or SMALL):run(source, "@answer.lua")
end

-- Fails unless the text is stopped for that reason.
local function assert_stopped(source, reason, options)
  local value, why = run(source, options)
  assert.is_nil(value)
  assert.matches(reason, why)
end

describe("a text in the sandbox", function()
  it("returns its value", function()
    assert.same({ pool_bytes = 4096, list = { 1, 2 } },
      run "local t = { pool_bytes = 1 << 12 } t.list = { 1, 2 } return t")
    assert.equal(6, (run "return select('#', ('abc'):byte(1, -1)) + #('x'):rep(3)"))
  end)

  local faulty = {
    { "does not compile", "return {", "^answer.lua:1: .*expected" },
    { "is bytecode", string.dump(function() return 1 end), "attempt to load a binary chunk" },
    { "raises an error", "local x = nil\nreturn x.y", "^answer.lua:2: attempt to index" },
    { "raises a table", "error({})", "not a string but a table" },
    { "raises nil", "error()", is_lua54 and "not a string but nil" or "^<no error object>$" },
    { "raises control characters", "error('a\\27[31mb', 0)", "^a%?%[31mb$" },
    { "raises a long text", "error(('x'):rep(1 << 20), 0)", "^" .. ("x"):rep(1000) .. "%.%.%.$" },
    { "returns nothing", "local x = 1", "^it returns nothing$" },
    { "is too long", ("-"):rep(1 << 21), "longer than 1,048,576 bytes" },
  }
  for _, case in ipairs(faulty) do
    it("is refused if it " .. case[1], function()
      assert_stopped(case[2], case[3])
    end)
  end
end)

describe("a text that does not end", function()
  local endless = {
    { "an empty loop", "while true do end" },
    { "a loop with goto", "::again:: goto again" },
    { "a loop that catches the error",
      "while true do pcall(function() while true do end end) end" },
    { "nested handlers", [[
        local function again() while true do pcall(again) end end
        again()]] },
    { "a loop in a variable that is closed", [[
        local x <close> = setmetatable({}, { __close = function() while true do end end })
        while true do end]] },
    { "a recursion through pcall", "local function f() return pcall(f) end while true do f() end" },
    { "a tail call", "local function f() return f() end f()" },
    { "a metamethod", "local t = setmetatable({}, { __index = function(t, k) return t[k + 1] end })"
      .. " while true do pcall(function() return t[1] end) end" },
    { "a comparison of table.sort", "table.sort({ 3, 2, 1 }, function() while true do end end)" },
    { "a replacement of gsub", "('x'):gsub('x', function() while true do end end)" },
    { "__tostring",
      "tostring(setmetatable({}, { __tostring = function() while true do end end }))" },
    { "an iterator", "for _ in function() return 1 end do end" },
    { "a coroutine that is not there", "pcall(coroutine) while true do end" },
  }
  for _, case in ipairs(endless) do
    it("is stopped: " .. case[1], function()
      assert_stopped(case[2],
        "^answer.lua:%d+: it does not end: it was stopped after 200,000 steps$")
    end)
  end

  -- These would run in C, where no step is counted.
  local in_c = {
    { "table.concat of a table without elements",
      "table.concat(setmetatable({}, { __index = table.concat }), '', 1, 1 << 62)" },
    { "table.concat of a table whose index is rawlen",
      "table.concat(setmetatable({}, { __index = rawlen }), '', 1, 1 << 62)" },
    { "table.move", "table.move({}, 1, 1 << 62, 2)" },
    { "table.move downwards", "table.move({}, 2, 1 << 62, 1)" },
    { "table.insert with __len",
      "table.insert(setmetatable({}, { __len = function() return 1 << 62 end }), 1, 1)" },
    { "table.remove with __len",
      "table.remove(setmetatable({}, { __len = function() return 1 << 62 end }), 1)" },
    { "table.sort with __len",
      "table.sort(setmetatable({}, { __len = function() return 1 << 30 end, __index = rawlen }))" },
  }
  if is_lua54 then -- Lua 5.5 searches borders at random places
    table.insert(in_c, { "table.insert into a table with a border at 2^62",
      "local t = {} for i = 62, 0, -1 do t[1 << i] = 1 end t[5] = 1 table.insert(t, 1, 1)" })
  end
  for _, case in ipairs(in_c) do
    it("is stopped in " .. case[1], function()
      local _, why = run(case[2])
      assert.matches("it does not end", why or "it ended")
    end)
  end

  it("is stopped after a time too, where single steps are slow", function()
    local value, why = run("local s = ('x'):rep(1 << 20) while true do s:upper() end",
      { steps = 1 << 40, bytes = 8 << 20, seconds = 1 })
    assert.is_nil(value)
    assert.matches("^[%w.:]-%s?it takes too long: it was stopped after 1 second of", why)
  end)

  it("ends quickly where a pattern or a repetition would run for ever", function()
    for _, source in ipairs {
      "return ('a'):rep(1 << 16):find('.-.-.-.-b')", "return ('a'):rep(40):match(('a?'):rep(40)"
        .. " .. ('a'):rep(40))", "return ('a'):rep(1 << 16):gsub('.-.-.-b', '')",
      "return ('a'):rep(1 << 16):gmatch('.*.*.*b')()", "return string.find(1e99, ('.-'):rep(90))",
      "return string.find(('('):rep(1 << 16), '%b()%b()')",
      "return ('a'):rep(1 << 20):find(('a'):rep(1 << 19) .. 'b', 1, true)",
      "return ('a'):rep(1 << 20):find(('a'):rep(1 << 19) .. 'b')",
    } do
      assert_stopped(source, "may need too many steps")
    end
    assert.equal("", run "return (''):rep(1 << 62)")
    assert.equal("", run "return ('x'):rep(-1 << 62)")
    assert.equal(3, run "return (('a'):rep(1 << 16) .. '.-.-.-.-b'):find('aaa', 3, true)")
  end)
end)

describe("a text that wants much memory", function()
  local greedy = {
    { "a doubled string", "local s = 'x' while true do s = s .. s end" },
    { "a long table", "local t = {} while true do t[#t + 1] = {} end" },
    { "a closure chain", "local f while true do local g = f f = function() return g end end" },
    { "a string that is formatted many times",
      "local s = ('x'):rep(1 << 20) return ('%s'):rep(99):format(table.unpack((function()"
        .. " local t = {} for i = 1, 99 do t[i] = s end return t end)()))" },
    { "a long concatenation", "local s = ('x'):rep(1 << 20) local t = {}"
      .. " for i = 1, 99 do t[i] = s end return table.concat(t)" },
    { "a replacement", "return (('x'):rep(1000):gsub('x', ('y'):rep(1 << 20)))" },
    { "a string that pcall tries again", "while true do pcall(function() local s = 'x'"
      .. " while true do s = s .. s end end) end" },
  }
  for _, case in ipairs(greedy) do
    it("is stopped: " .. case[1], function()
      assert_stopped(case[2], "it needs more memory than the 8,388,608 bytes that are allowed$",
        { steps = 1 << 40, bytes = 8 << 20, seconds = 10 })
    end)
  end

  it("cannot hide that by pcall", function()
    assert_stopped("pcall(function() local s = 'x' while true do s = s .. s end end) return 1",
      "more memory")
  end)

  it("is refused a repetition that is too long", function()
    assert_stopped("return ('x'):rep(1 << 40)", "string.rep: the result has more than")
    assert_stopped("return ('x'):rep(1 << 20, 'y')", "string.rep: the result has more than")
  end)

  it("is stopped if it makes garbage for ever", function()
    assert_stopped("local s = ('x'):rep(1 << 20) while true do s:upper() end",
      "it was stopped after", { steps = SMALL.steps, bytes = SMALL.bytes, seconds = 2 })
  end)

  it("may make garbage without an end of its own", function()
    assert.equal("done",
      (run [[for _ = 1, 100 do local s = ("x"):rep(1 << 20) .. "y" end return "done"]]))
  end)
end)

describe("what a text cannot reach:", function()
  for _, name in ipairs { "os", "io", "require", "load", "loadstring", "loadfile", "dofile",
    "debug", "package", "coroutine", "collectgarbage", "print", "warn", "xpcall", "pymalloc",
    "string.dump", "string.pack", "math.randomseed", "arg" } do
    it(name, function()
      assert.is_true((run("return " .. name .. " == nil")))
    end)
  end

  it("the metatable of strings", function()
    assert.is_true((run "return getmetatable('') == nil"))
  end)

  it("a finalizer", function()
    assert_stopped("setmetatable({}, { __gc = function() while true do end end })",
      "__gc is not allowed")
    assert.equal(1, run [[
      local mt = {} setmetatable({}, mt) mt.__gc = function() while true do end end return 1]])
    collectgarbage()
  end)

  it("the names of the program, and of other texts", function()
    local box = sandbox.new(SMALL)
    box:run("left_over = 1 string.format = nil table.insert = nil math.huge = 1 _G.pairs = nil "
      .. "function string.squared() return 'mine' end return string.squared()", "=x")
    assert.is_nil(rawget(_G, "left_over"))
    assert.is_nil(rawget(string, "squared"))
    assert.equal("1", ("%d"):format(1))
    assert.same({ 1 }, { table.unpack { 1 } })
    assert.is_true((run "return left_over == nil and string.format ~= nil"))
    assert.is_true((run "return math.huge > 1 and pairs ~= nil and string.squared == nil"))
  end)
end)

describe("after a text was stopped", function()
  it("the methods of strings, hooks and memory are those of the program", function()
    local function hook() end
    debug.sethook(hook, "", 1000000)
    for _, source in ipairs { "while true do end", "local s = 'x' while true do s = s .. s end",
      "error('no')", "return 1" } do
      run(source)
      assert.equal(hook, (debug.gethook()))
      assert.equal(string, debug.getmetatable("").__index)
      assert.equal(40 << 20, #("x"):rep(40 << 20))
    end
    debug.sethook()
  end)

  it("a function that it returned is stopped too", function()
    local box = sandbox.new(SMALL)
    local f = assert(box:run("return function(n) while n > 0 do end return n end", "@answer.lua"))
    assert.same({ true, -1 }, { box:call(f, -1) })
    local ok, why = box:call(f, 1)
    assert.is_false(ok)
    assert.matches("^answer.lua:1: it does not end", why)
  end)
end)

describe("core.limited", function()
  it("refuses another limited call, a hosted state and a recording inside", function()
    for _, case in ipairs {
      { function() core.limited(SMALL, print) end, "cannot make another one" },
      { function() pymalloc.host() end, "a call with limits runs" },
      { function() pymalloc.trace.record(function() end) end, "a call with limits runs" },
    } do
      local ok, problem = core.limited(SMALL, case[1])
      assert.is_false(ok)
      assert.matches(case[2], problem)
    end
  end)

  it("checks its limits", function()
    assert.error_matches(function() core.limited(nil, print) end, "table expected")
    for name, value in pairs { steps = 0, bytes = "8", seconds = -1 } do
      local limits = { steps = 1, bytes = 1, seconds = 1 }
      limits[name] = value
      assert.error_matches(function() core.limited(limits, print) end, name)
    end
  end)

  it("counts as many steps as there can have been before each collection", function()
    local turns = 0
    collectgarbage() -- garbage of before would count as bytes that the call gives back
    local ok, _, exceeded = core.limited({ steps = 20000, bytes = 64 << 10, seconds = 60 },
      function()
        while turns < 10000 do
          turns = turns + 1
          local _ = ("x"):rep(40 << 10) .. turns -- garbage: a collection in each turn or two
        end
      end)
    assert.same({ false, "steps" }, { ok, exceeded })
    assert.is_true(turns <= 40, turns .. " turns")
  end)

  -- table.concat has the bytes of its buffer, which is 1.5 or 2 times as large as the first piece,
  -- as the release of Lua says, and those of the result. Lua 5.5 makes the buffer the result.
  if is_lua54 then
    it("refuses a request by which there would be twice the bytes, and not one before", function()
      local limits = { steps = 1000, bytes = 1 << 20, seconds = 10 }
      local function concat(share)
        local pieces = { ("x"):rep(share * limits.bytes // 100), "y" }
        collectgarbage()
        local ok, _, exceeded = core.limited(limits, table.concat, pieces)
        return ok and "done" or exceeded
      end
      assert.same({ "done", "bytes" }, { concat(64), concat(90) })
    end)
  end

  it("counts the steps of coroutines that begin inside", function()
    local ok, _, exceeded = core.limited(SMALL, function()
      coroutine.wrap(function() while true do end end)()
    end)
    assert.same({ false, "steps" }, { ok, exceeded })
  end)
end)

describe("a function of the program that a text calls", function()
  local function long_search(text)
    return text:match("^(.-)b(.-)c$")
  end

  it("has the methods of strings of the program, and the text those of the box", function()
    local box = sandbox.new { steps = 200000, bytes = 8 << 20, seconds = 10,
      names = { long_search = long_search } }
    local text = "('a'):rep(2000) .. 'bc'"
    assert.equal(("a"):rep(2000), box:run("return (long_search(" .. text .. "))", "@answer.lua"))
    local value, why = box:run("return (" .. text .. "):match('^(.-)b(.-)c$')", "@answer.lua")
    assert.is_nil(value)
    assert.matches("this search may need too many steps", why)
    assert.equal("x", box:run("return (pcall(long_search, " .. text
      .. ")) and ('X'):lower()", "@answer.lua"))
  end)
end)
