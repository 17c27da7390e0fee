-- Tests workloads that are joined, mixed, shortened or made of a trace.

local pymalloc = require "pymalloc"

local workload = pymalloc.workload

-- The requests of a workload as "a 1 8" ..., without marks.
local function requests_of(w)
  local list = {}
  for line in w.text:gmatch("[^\n]+") do
    if line:find("^[acrf] ") then
      table.insert(list, line)
    end
  end
  return list
end

-- The message of the error that a function raises, which is of the line in this spec.
local function refusal(call, ...)
  local ok, problem = pcall(call, ...)
  assert.is_false(ok)
  return assert(problem:match("^%S*workload_parts_spec.lua:%d+: (pymalloc: .*)"), problem)
end

-- A workload of the requests in a text.
local function of(text)
  return assert(workload.of { text = text })
end

describe("workloads joined by ..", function()
  it("are one after the other, with ids of their own and a mark before each", function()
    local joined = of "a 1 8\na 2 16\nf 1\n" .. of "a 1 24\nf 9\nr 1 32\n"
    assert.equal(6, #joined)
    assert.equal("text; text", joined.name)
    assert.equal("m text\na 1 8\na 2 16\nf 1\nm text\na 3 24\nf 4\nr 3 32\n",
      joined.text:match("\nm.*"):sub(2))
  end)

  it("keep one mark for each part, however they are joined", function()
    local one, two, three = of "a 1 8\n", of "a 1 16\n", of "a 1 24\n"
    assert.equal(((one .. two) .. three).text, (one .. (two .. three)).text)
    local _, marks = (one .. two .. three).text:gsub("\nm ", "")
    assert.equal(3, marks)
  end)

  it("have marks of at most 200 bytes", function()
    local w = workload.queue { requests = 1 }
    local long = workload.mix { w, w, w, w, w, w, w, w, w, w, w, w, w, w, w, w, w, w, w, w }
    local joined = long .. w
    assert.equal(21, assert(pymalloc.trace.replay_text(joined)).requests)
  end)

  it("are refused with anything that is not a workload", function()
    local w = workload.queue()
    assert.equal("pymalloc: workload .. workload: a workload is expected, got a string",
      refusal(function() local joined = w .. "x" return joined end))
    assert.equal("pymalloc: workload .. workload: a workload is expected, got 5",
      refusal(function() local joined = 5 .. w return joined end))
  end)
end)

describe("workload.mix", function()
  it("keeps the order of each part, and gives ids of their own", function()
    local mixed = workload.mix { of "a 1 1\na 2 2\na 3 3\nf 1\n", of "a 1 101\na 2 102\nf 1\n" }
    local sizes, small, large = {}, {}, {}
    for _, line in ipairs(requests_of(mixed)) do
      local letter, id, size = line:match("^(%l) (%d+) ?(%d*)")
      if letter == "a" then
        assert.is_nil(sizes[id])
        sizes[id] = math.tointeger(tonumber(size))
      end
      table.insert(sizes[id] < 100 and small or large, letter .. sizes[id])
    end
    assert.same({ "a1", "a2", "a3", "f1" }, small)
    assert.same({ "a101", "a102", "f101" }, large)
  end)

  it("takes turns by weights, until all have ended", function()
    local mixed = workload.mix { { workload.uniform { requests = 9000, least = 1, most = 1,
      live = 100000 }, 3 }, workload.uniform { requests = 9000, least = 2, most = 2,
      live = 100000 }, seed = 4 }
    assert.equal(18000, #mixed)
    local counts = { 0, 0 }
    for _, line in ipairs(requests_of(mixed:take(8000))) do
      local size = math.tointeger(tonumber(line:match("^a %d+ (%d+)")))
      if size then
        counts[size] = counts[size] + 1
      end
    end
    assert.is_true(math.abs(counts[1] / counts[2] - 3) < 0.25, counts[1] / counts[2])
    assert.equal(18000, #requests_of(mixed))
  end)

  for title, list in pairs { ["a workload"] = workload.queue(), ["no list"] = 5,
    ["an empty list"] = {}, ["a number in it"] = { 5 }, ["a weight of 0"] = { { workload.queue(),
      0 } }, ["a seed that is not an integer"] = { workload.queue(), seed = "x" } } do
    it("refuses " .. title, function()
      assert.matches("^pymalloc: workload.mix: ",
        refusal(function() local w = workload.mix(list) return w end))
    end)
  end
end)

describe("workload:take", function()
  it("gives the first requests, and the marks before them", function()
    local w = of "m one\na 1 8\nm two\na 2 8\nm three\nf 1\n"
    assert.matches("\nm one\na 1 8\nm two\na 2 8\n$", w:take(2).text)
    assert.same({ 0, 3 }, { #w:take(0), #w:take(9) })
  end)

  it("refuses a negative count, and a self that is not a workload", function()
    local w = workload.queue()
    assert.error_matches(function() w:take(-1) end, "workload.take: count must be an integer")
    assert.error_matches(function() w.take({}, 1) end, "workload.take: a workload is expected")
  end)
end)

describe("workload.of", function()
  it("has the requests of a trace with other ids, and its marks", function()
    local w = of "w 1 0 x\na 18446744073709551615 8 @1\nm load\nc 7 3 5\nr 9 18446744073709551615\n"
    assert.matches("\na 1 8\nm load\nc 2 3 5\nr 3 18446744073709551615\n$", w.text)
    assert.equal(3, #w)
  end)

  it("leaves out other interpreters", function()
    assert.matches("\na 1 8\nf 1\n$", of("a 1 8\ni 1\na 1 9\ni 0\nf 1\n").text)
  end)

  it("has the same analysis as the trace", function()
    local one, other = pymalloc.analyse("@startup"), pymalloc.analyse(workload.of("@startup"))
    assert.equal(one:csv("joint"), other:csv("joint"))
    assert.equal(one:csv("curve"), other:csv("curve"))
  end)

  it("gives nil and a message for a trace that cannot be read", function()
    local w, problem = workload.of("/nowhere/x.trace")
    assert.is_nil(w)
    assert.matches("^/nowhere/x.trace cannot be opened", problem)
    assert.equal("pymalloc: workload.of: trace must be a path or a trace, got 5",
      refusal(function() workload.of(5) end))
  end)
end)

describe("a workload", function()
  it("can be given wherever a trace can", function()
    local w = workload.ramps { requests = 200, ramp = 50 }
    local run <close> = assert(pymalloc.replay(w))
    assert.equal(200, run.length)
    local loaded <close> = assert(pymalloc.trace.loaded(w))
    assert.equal("ramps, ramp 50, seed 1", loaded.name)
    assert.equal(200, #loaded)
    assert.is_true(pymalloc.trace.save(w, "/dev/null"))
    assert.equal(200, pymalloc.analyse(w).requests)
    local result = pymalloc.experiment { traces = { w }, designs = { "3.6" },
      measure = { "requests" } }
    assert.equal(200, result.rows[1].requests)
  end)
end)
