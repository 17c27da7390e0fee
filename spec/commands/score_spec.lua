-- Tests pymalloc.lab.score and the command 'pymalloc score': the formula, answers that are
-- refused, and leaderboards.

local dkjson = require "dkjson"

local boards = require "pymalloc.lab.leaderboard"
local command = require "spec.support.command"
local pymalloc = require "pymalloc"

local score = pymalloc.lab.score
local FOLDER = "examples/answers/"

-- A trace of 40 blocks of 500 bytes that are live at the end, and 60 that are freed at once.
local function trace_text()
  local lines = {}
  for id = 1, 40 do
    table.insert(lines, ("a %d 500"):format(id))
  end
  for id = 41, 100 do
    table.insert(lines, ("a %d 500\nf %d"):format(id, id))
  end
  return table.concat(lines, "\n") .. "\n"
end

local trace = pymalloc.trace.parse(trace_text())

local function cli(arguments)
  return command.run(("%s score %s"):format(command.pymalloc, arguments))
end

-- Returns the message with which an answer is refused, without the path of its file.
local function refused(text)
  local file <close> = command.file(text, ".lua")
  local result, problem = score(file.path, { trace })
  assert.is_nil(result)
  local rest = problem:sub(1, #file.path) == file.path and problem:sub(#file.path + 1)
  return assert(rest or nil, problem)
end

describe("the score", function()
  it("is 0.6 of the utilisation and 0.4 of what the traffic leaves", function()
    -- 32 pools of 4096 bytes, of which 7 blocks of 500 bytes (as 512) fill one: 6 pools hold 40.
    -- The arena of the answer is obtained once; arenas of two pools of 16 KiB hold 62 blocks.
    local result = score({ profile = "3.8", arena_bytes = 131072 }, { trace })
    local live_mean = (500 * 40 * 41 // 2 + 60 * (41 + 40) * 500) / 160
    local one = result.traces[1]
    assert.near(live_mean, one.live_mean, 1e-6)
    assert.equal(131072, one.held_mean)
    assert.same({ 1, 1, 160 }, { one.arenas_obtained, one.baseline_obtained, one.requests })
    assert.near(live_mean / 131072, result.utilisation, 1e-12)
    assert.equal(1, result.traffic)
    assert.near(0.6 * live_mean / 131072, result.score, 1e-12)
  end)

  it("in all is the mean of those of the traces, whatever their length", function()
    local both = score({ profile = "3.6" }, { "@startup", trace })
    local first, second = table.unpack(both.traces)
    assert.equal("@startup", first.trace)
    assert.near((first.score + second.score) / 2, both.score, 1e-12)
    assert.near((first.traffic + second.traffic) / 2, both.traffic, 1e-12)
    assert.near(0.6 * first.utilisation + 0.4 * (1 - first.traffic), first.score, 1e-12)
    assert.is_true(first.traffic < 1)
  end)

  it("is that of the exact heap where the policies are those of CPython", function()
    local design = { profile = "3.8", arena_bytes = 1 << 19, release = "never" }
    local one = score(design, { "@startup" }).traces[1]
    local row = pymalloc.experiment { traces = { "@startup" }, designs = { design } }.rows[1]
    assert.same({ row.held_mean, row.live_mean, row.arenas_obtained },
      { one.held_mean, one.live_mean, one.arenas_obtained })
  end)

  it("may be that of an answer with policies in Lua", function()
    local file <close> = command.file([[
      local best = { next_pool = function(pool) return pool.live - pool.capacity end }
      best.profile = "3.6"
      return best]], ".lua")
    local own = assert(score(file.path, { trace }))
    assert.equal(score({ profile = "3.6" }, { trace }).score, own.score)
  end)

  it("counts a traffic above that of the baseline as 1", function()
    local result = score({ profile = "3.6", pool_bytes = 2048, arena_bytes = 4096 }, { "@startup" })
    assert.is_true(result.traces[1].arenas_obtained > result.traces[1].baseline_obtained)
    assert.equal(1, result.traffic)
  end)

  it("of 3.11 is between those of a poor and of a good answer, on each built-in trace", function()
    local of = {}
    for _, name in ipairs { "poor", "cpython-3.11", "good" } do
      of[name] = assert(score(FOLDER .. name .. ".lua", { "@startup", "@json" }))
    end
    for i = 0, 2 do
      local function figure(name)
        return i == 0 and of[name].score or of[name].traces[i].score
      end
      assert.is_true(figure "poor" < figure "cpython-3.11")
      assert.is_true(figure "cpython-3.11" < figure "good")
      assert.is_true(figure "good" < 1)
    end
  end)

  it("has a line for each interpreter that requests small blocks", function()
    local several = pymalloc.trace.parse "a 1 24\ni 2\na 1 24\na 2 40\ni 3\na 1 600\n"
    local result = score({}, { several })
    assert.same({ "text", "text, interpreter 2" }, { result.traces[1].trace,
      result.traces[2].trace })
    assert.is_nil(result.traces[3])
  end)
end)

describe("an answer is refused that", function()
  for _, case in ipairs {
    { "does not compile", "return {", "^:1: .*expected" },
    { "raises an error", "error 'no idea'", "^:1: no idea$" },
    { "does not end", "while true do end", "^:1: it does not end: it was stopped after" },
    { "catches its limit", "while true do pcall(function() while true do end end) end",
      "it does not end" },
    { "needs much memory", "local s = 'x' while true do s = s .. s end", "more memory than" },
    { "uses files", "return { profile = io.open('/etc/passwd') }", "global 'io'" },
    { "returns no table", "return 7", "^: it must return a table, but it returns 7$" },
    { "returns nothing", "local x", "^: it returns nothing$" },
    { "returns a table with a metatable",
      "return setmetatable({}, { __index = function() while true do end end })",
      "^: it returns a table with a metatable$" },
    { "returns a table in itself", "local t = {} t.t = t return t", "more than 4 levels" },
    { "returns a huge table", "local t = {} for i = 1, 20000 do t[i] = i end return t",
      "more than 10000 fields" },
    { "has a key that is a table", "return { [{}] = 1 }", "a key that is a table" },
    { "is an oracle", "return { oracle = 'live' }", "unknown field oracle" },
    { "is a library of the system", "return { real = '/lib/x.so' }", "unknown field real" },
    { "has an unknown field", "return { pool_size = 4096 }", "unknown field pool_size" },
    { "no allocator can have", "return { pool_bytes = 3 }", "pool_bytes" },
    { "has a function of pool sizes that does not end",
      "return { pool_bytes = function() while true do end end }", "^:1: it does not end" },
    { "has a policy that does not end", "return { next_pool = function() while true do end end }",
      "^: text: [^ ]+:1: it does not end: it was stopped after" },
    { "has a policy that catches its limit",
      "return { next_pool = function() while true do pcall(error) end end }", "it does not end" },
    { "has a policy that raises an error", "return { next_arena = function(a) return a.b.c end }",
      "^: text: .*attempt to index" },
    { "has a policy that needs much memory",
      "return { next_pool = function() local s = 'x' while true do s = s .. s end end }",
      "more memory than" },
    { "serves few sizes from its pools", "return { threshold = 256 }",
      "^: text: its pools serve 0 requests, but they must serve the 100 requests of 1 to 512" },
    { "serves large sizes from its pools", "return { threshold = 1024 }", nil },
  } do
    it(case[1], function()
      if case[3] then
        assert.matches(case[3], refused(case[2]))
      else
        local large = pymalloc.trace.parse "a 1 600\na 2 8\n"
        local result, problem = score(load(case[2])(), { large })
        assert.is_nil(result)
        assert.matches("its pools serve 2 requests, but they must serve the 1 request", problem)
      end
    end)
  end

  it("does not exist", function()
    local result, problem = score("/no/such.lua", { trace })
    assert.is_nil(result)
    assert.equal("/no/such.lua: No such file or directory", problem)
  end)

  it("is an endless file, a folder or an empty file", function()
    for path, said in pairs { ["/dev/zero"] = "longer than 1,048,576 bytes",
      ["."] = "Is a directory", ["/dev/null"] = "it returns nothing" } do
      assert.matches("^" .. path:gsub("%.", "%%.") .. ": .*" .. said,
        select(2, score(path, { trace })))
    end
  end)

  it("is measured on a trace that has no small request or does not exist", function()
    local large = pymalloc.trace.parse "a 1 600\n"
    assert.matches("has no request of 1 to 512 bytes", select(2, score({}, { large })))
    assert.matches("/no/such.trace", select(2, score({}, { "/no/such.trace" })))
  end)
end)

describe("wrong calls of pymalloc.lab.score", function()
  it("raise an error that says what is wrong", function()
    for _, case in ipairs {
      { 5, { trace }, "answer must be the path of a file or a table, got 5" },
      { {}, nil, "traces must be an array" },
      { {}, {}, "traces must be an array with at least one element, got an empty table" },
      { {}, { 7 }, "7" },
      { { pool_bytes = 3 }, { trace }, "pool_bytes" },
    } do
      assert.error_matches(function() score(case[1], case[2]) end, case[3])
    end
  end)
end)

describe("a leaderboard", function()
  local path

  before_each(function()
    path = os.tmpname()
    os.remove(path)
  end)

  after_each(function()
    os.remove(path)
  end)

  local function scored(name, value, traces)
    return { name = name, score = value, answer = ("%016x"):format(#name),
      traces = traces or { "t 1" } }
  end

  local function names(entries)
    local list = {}
    for i, entry in ipairs(boards.sorted(entries)) do
      list[i] = entry.name
    end
    return table.concat(list, " ")
  end

  it("lists the highest score first, for each set of traces", function()
    for _, entry in ipairs { scored("low", 0.25), scored("high", 0.75),
      scored("other", 0.9, { "u 1" }), scored("a tie", 0.25) } do
      assert(boards.add(path, entry))
    end
    assert.equal("high a tie low other", names(boards.read(path)))
    assert.equal(4, select(2, command.read(path):gsub("\n", "")))
  end)

  it("does not add an entry twice", function()
    assert(boards.add(path, scored("one", 0.5)))
    local before = command.read(path)
    assert.equal(1, #assert(boards.add(path, scored("one", 0.5))))
    assert.equal(before, command.read(path))
    assert.equal(2, #assert(boards.add(path, scored("one", 0.5, { "u 1" }))))
  end)

  it("is left as it is if it is damaged", function()
    assert(boards.add(path, scored("one", 0.5)))
    local whole = command.read(path)
    for _, damaged in ipairs { whole:sub(1, -2), whole .. "{\n", whole .. '{"name":"x"}\n',
      whole .. "7\n" } do
      local file <close> = assert(io.open(path, "wb"))
      file:write(damaged)
      file:close()
      local entries, problem = boards.add(path, scored("two", 0.6))
      assert.is_nil(entries)
      assert.matches("^" .. path .. ":%d: ", problem)
      assert.equal(damaged, command.read(path))
    end
  end)

  it("is written and printed by the command", function()
    local first = cli(FOLDER .. "cpython-3.11.lua @startup --board " .. path)
    assert.matches("0%.%d+  cpython%-3%.11  3%.11 .*@startup 43354\n$", first)
    cli(("%sgood.lua @startup --name 'a, b' --date 2026-11-28 --board %s"):format(FOLDER, path))
    local printed = cli("--board " .. path .. " --csv")
    assert.matches('^score,name,design,answer,date,traces\n0%.%d+,"a, b","[^"]+",%x+,2026%-11%-28,'
      .. '@startup 43354\n0%.%d+,cpython%-3%.11,3%.11,%x+,,@startup 43354\n$', printed)
    local list = dkjson.decode((cli("--board " .. path .. " --json")))
    assert.same({ "a, b", "2026-11-28" }, { list[1].name, list[1].date })
  end)
end)

describe("pymalloc score", function()
  it("prints a line for each trace and one for all", function()
    local output, errors, code = cli(FOLDER .. "good.lua")
    assert.same({ "", 0 }, { errors, code })
    assert.matches("^trace +utilisation +traffic +arenas +baseline +score\n@startup .*\n@json .*\n"
      .. "all .*\n$", output)
    local result = dkjson.decode((cli(FOLDER .. "good.lua --json")))
    assert.equal(("%.4f"):format(result.score), output:match("(%S+)\n$"))
    assert.matches("^%x+$", result.answer)
  end)

  it("prints comma-separated values", function()
    assert.matches("^trace,utilisation,traffic,arenas,baseline,score\n@startup,[%d.]+,[%d.]+,2,51,"
      .. "[%d.]+\nall,[%d.]+,[%d.]+,,,[%d.]+\n$",
      (cli(FOLDER .. "cpython-3.11.lua @startup --csv")))
  end)

  for _, case in ipairs {
    { "", 2, "missing argument 'ANSWER'" },
    { "--name x", 2, "they need %-%-board" },
    { "--name x --board /no/board", 2, "they need ANSWER" },
    { FOLDER .. "good.lua --json --csv", 2, "cannot be combined" },
    { "/no/such.lua", 1, "/no/such.lua: No such file" },
    { FOLDER .. "good.lua /no/such.trace", 1, "/no/such.trace cannot be opened" },
    { "--board /no/board", 1, "/no/board: No such file" },
    { FOLDER .. "good.lua @startup --board /no/folder/board", 1, "/no/folder/board" },
  } do
    it("says what is wrong: " .. case[1], function()
      local output, errors, code = cli(case[1])
      assert.same({ "", case[2] }, { output, code })
      assert.matches("^pymalloc: .*" .. case[3], errors)
    end)
  end
end)
