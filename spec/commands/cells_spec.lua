local cells = require "pymalloc.experiment.cells"
local command = require "spec.support.command"
local json = require "pymalloc.json"
local pymalloc = require "pymalloc"
local scratch = require "spec.support.scratch"
local signalled = require "spec.support.signalled"

local run, put, get = scratch.run, scratch.put, scratch.get

-- A trace of objects of several sizes, of which every fourth survives.
local function trace_text(step)
  local lines = { "# pymalloc trace 1\n" }
  for id = 1, 400 do
    table.insert(lines, ("a %d %d\n"):format(id, 8 + (id * step) % 300))
    if id > 40 and id % 4 ~= 0 then
      table.insert(lines, ("f %d\n"):format(id - 40))
    end
  end
  return table.concat(lines)
end

-- 1,000 cells: 25 thresholds, 4 sizes of pools, 5 of arenas, 2 traces.
local SWEEP = "one.trace two.trace --sweep threshold=$(seq -s, 16 16 400) "
  .. "--sweep pool-bytes=4K..32K --sweep arena-bytes=64K..1M --measure held_peak,held_mean "

local function lines_of(text)
  local lines = {}
  for line in text:gmatch("[^\n]+") do
    table.insert(lines, line)
  end
  return lines
end

-- Runs a line of the shell that succeeds. Returns its output and its standard error.
local function works(line)
  local output, errors, code = run(line)
  assert.equal(0, code, errors)
  return output, errors
end

local function fails(line, message)
  local output, errors, code = run(line)
  assert.same({ "", "pymalloc: " .. message .. "\n", 1 }, { output, errors, code })
end

before_each(function()
  scratch.make()
  put("one.trace", trace_text(7))
  put("two.trace", trace_text(13))
end)

after_each(scratch.remove)

describe("cells", function()
  it("are listed one a line, and measuring each in its own process gives the same table", function()
    local arguments = "one.trace two.trace --geometry 3.6 --geometry 3.11,pool=8K "
    works("$P compare " .. arguments .. "--list >cells.txt")
    local list = lines_of(get("cells.txt"))
    assert.equal(4, #list)
    for i, line in ipairs(list) do
      local result = works("$P compare --cell '" .. line .. "'")
      assert.equal(1, #lines_of(result))
      assert.equal(result, works(("sed -n %dp cells.txt | $P compare --cell -"):format(i)))
      put("result." .. 5 - i, result)
    end
    assert.equal(works("$P compare " .. arguments .. "--json"),
      works("$P compare --merge result.* --json"))
  end)

  it("keep all bits of a number, and the difference of integers and floats", function()
    local value = { 1, 1.0, 0.1, 1 / 3, 2.0 ^ 70, math.mininteger, -0.0, 5e-324, true, "a\n\"\255" }
    local line = json.line { cell = 1, of = 1, plan = "p", measure = {}, rows = { { trace = "t",
      design = "d", value = value } } }
    assert.is_nil(line:find("\n"))
    local read = cells.read_result(line).rows[1].value
    for i, one in ipairs(value) do
      assert.equal(math.type(one), math.type(read[i]))
      assert.equal(one, read[i])
    end
    assert.same({ { 1, "x" }, {} }, require("dkjson").decode(json.line { { 1, "x" }, {} }))
  end)

  it("cannot be of a design with a function", function()
    assert.error_matches(function()
      cells.list { traces = { scratch.path .. "/one.trace" },
        designs = { { lab = { next_arena = function() return 1 end } } } }
    end, "a design with a function cannot be a cell")
  end)

  it("have a number that differs for lists of other arguments", function()
    local function plan_of(arguments)
      return cells.read_cell(works("$P compare --list one.trace " .. arguments
        .. " | head -n 1")).plan
    end
    local plan = plan_of("")
    assert.equal(plan, plan_of("--geometry 3.6 --geometry 3.11"))
    for _, other in ipairs { "two.trace", "--geometry 3.6", "--measure held_peak" } do
      assert.not_equal(plan, plan_of(other))
    end
  end)

  it("are refused where a line is damaged, missing or of no list", function()
    put("cells.txt", '{"cell":1}\n')
    fails("$P compare --cells cells.txt",
      "cells.txt:1: expected cell 1 of a list that --list wrote")
    fails("$P compare --cells /dev/zero", "/dev/zero:1: a line is longer than 4194304 bytes")
    put("cells.txt", "")
    fails("$P compare --cells cells.txt", "cells.txt has no cells")
    works("$P compare one.trace --list | head -n 1 >cells.txt")
    fails("$P compare --cells cells.txt", "cells.txt has 1 cell of 2")
    fails("$P compare --cells none", "none: No such file or directory")
    fails("sed -i 's/one.trace/none.trace/' cells.txt; $P compare --cell - <cells.txt",
      "none.trace cannot be opened: No such file or directory")
    local _, errors, code = run("$P compare --cell '[1]'")
    assert.same({ "pymalloc: option '--cell' takes a line that --list wrote, got '[1]'\n", 2 },
      { errors, code })
  end)
end)

describe("a trace", function()
  it("that has changed since the cells were listed is refused", function()
    works("$P compare one.trace @startup --geometry 3.6 --list >cells.txt")
    works("$P compare --cells cells.txt --shard 1/1 --output part.1")
    put("one.trace", trace_text(7) .. "a 9999 8\n")
    fails("$P compare --cells cells.txt", ("one.trace has %d bytes now, and had %d when the cells "
      .. "were listed"):format(#trace_text(7) + 9, #trace_text(7)))
    fails("$P compare one.trace @startup --geometry 3.6 --shard 1/1 --output part.1",
      "part.1 has results of another list of cells: give another file")
  end)
end)

describe("a shard", function()
  it("is refused unless it is a part from 1 to the number of parts", function()
    for _, shard in ipairs { "0/2", "3/2", "1", "a/b" } do
      local _, errors, code = run("$P compare one.trace --shard " .. shard)
      assert.equal("pymalloc: option '--shard' takes I/N, a part and the number of parts, like "
        .. "3/10, got '" .. shard .. "'", errors:match("^[^\n]*"))
      assert.equal(2, code)
    end
  end)

  it("measures each N-th cell, but no cell whose result is in its file already", function()
    works("$P compare one.trace two.trace --sweep pool=4K..32K --list >cells.txt")
    works("$P compare --cells cells.txt --shard 2/3 --output part")
    local numbers = {}
    for i, line in ipairs(lines_of(get("part"))) do
      numbers[i] = cells.read_result(line).cell
    end
    assert.same({ 2, 5, 8 }, numbers)
    local before = get("part")
    works("rm *.trace; $P compare --cells cells.txt --shard 2/3 --output part")
    assert.equal(before, get("part"))
  end)

  it("removes a line that is cut, and measures its cell again", function()
    local shard = "$P compare one.trace two.trace --sweep pool=4K..32K --shard 1/2 --output part"
    works(shard)
    local whole = get("part")
    for _, bytes in ipairs { 1, 2, 50, #whole // 4, #whole } do
      put("part", whole:sub(1, #whole - bytes))
      local _, errors = works(shard)
      assert.equal(bytes < #whole and "pymalloc: part: the last line is cut: its cell is measured "
        .. "again\n" or "", errors)
      assert.equal(whole, get("part"))
    end
  end)

  it("adds nothing to a file with other text, or with results of another list", function()
    put("part", "hello\n")
    fails("$P compare one.trace --shard 1/1 --output part",
      "part:1: expected the result of a cell")
    works("$P compare two.trace --shard 1/1 --output other")
    local before = get("other")
    fails("$P compare one.trace --shard 1/1 --output other",
      "other has results of another list of cells: give another file")
    assert.equal(before, get("other"))
    fails("$P compare one.trace --shard 1/1 --output none/part",
      "none/part: No such file or directory")
    fails("$P compare one.trace --shard 1/1 --output /dev/full",
      "/dev/full cannot be written: No space left on device")
  end)
end)

describe("merged results", function()
  before_each(function()
    works("$P compare one.trace two.trace --list >cells.txt")
    for shard = 1, 2 do
      works(("$P compare --cells cells.txt --shard %d/2 --output part.%d"):format(shard, shard))
    end
  end)

  it("are refused if one is missing, cut, wrong or of another list", function()
    fails("$P compare --merge part.2", "2 of 4 cells have no result: 1, 3")
    put("part.1", get("part.1"):sub(1, -2))
    fails("$P compare --merge part.1 part.2", "part.1: the last line is cut, and is left out\n"
      .. "pymalloc: 1 of 4 cells have no result: 3")
    works("$P compare --cells cells.txt --shard 1/2 --output part.1")
    works("$P compare one.trace --shard 1/1 --output other")
    fails("$P compare --merge part.1 other", "other has results of another list of cells than "
      .. "part.1")
    put("wrong", "x\n" .. get("part.1"))
    fails("$P compare --merge wrong part.2", "wrong:1: expected the result of a cell")
    put("changed", (get("part.1"):gsub('"held_peak":%d+', '"held_peak":1')))
    fails("$P compare --merge part.1 part.2 changed",
      "cell 1 has two different results, in part.1 and changed")
    fails("$P compare --merge /dev/zero", "/dev/zero:1: a line is longer than 4194304 bytes")
    put("empty", "")
    fails("$P compare --merge empty", "there are no results in the files")
  end)

  it("may be given twice if they are equal, and in any order", function()
    local output, errors = works("$P compare --merge part.2 part.1 part.2 --csv")
    assert.equal(works("$P compare one.trace two.trace --csv"), output)
    assert.equal("pymalloc: 2 cells are there twice, with equal results\n", errors)
  end)

  it("are equal to those of pymalloc.experiment", function()
    local result = pymalloc.experiment { designs = { "3.6", "3.11" },
      traces = { scratch.path .. "/one.trace", scratch.path .. "/two.trace" } }
    assert.equal(result:json(), works("$P compare --merge part.* --json"))
  end)
end)

-- The first recipe of docs/experiments.md, as lines of the shell.
local function recipe()
  local page = command.read("docs/experiments.md")
  local block = page:match("### GNU parallel\n.-\n\n(    .-)\n\n"):gsub("\\\n *", "")
  local lines = lines_of(block)
  for i, line in ipairs(lines) do
    lines[i] = line:gsub("^    ", "")
  end
  return lines
end

describe("a sweep of 1,000 cells", function()
  -- In place of the second trace puts a pipe that has no writer: a process that opens it waits, and
  -- so does not end before a signal comes.
  local function hold_second_trace()
    works("mv two.trace kept; mkfifo two.trace")
  end

  local function give_second_trace()
    works("mv kept two.trace")
  end

  local function table_of_one_process()
    return works("$P compare " .. SWEEP .. "--csv")
  end

  it("gives the same table in shards, of which a signal ends one, and a run resumes it", function()
    works("$P compare " .. SWEEP .. "--list >cells.txt")
    local shard = "$P compare --cells cells.txt --shard %d/4 --output part.%d"
    hold_second_trace()
    local code = signalled.run(scratch.path, "P=" .. scratch.command .. "; exec "
      .. shard:format(1, 1), "TERM", "[ -s part.1 ]")
    assert.equal(143, code)
    give_second_trace()
    local before = get("part.1")
    assert.is_true(#lines_of(before) < 250)
    put("part.1", before .. '{"cell":') -- half a line, as after SIGKILL
    local _, errors = works(shard:format(1, 1))
    assert.equal("pymalloc: part.1: the last line is cut: its cell is measured again\n", errors)
    assert.equal(before, get("part.1"):sub(1, #before))
    for i = 2, 4 do
      works(shard:format(i, i))
    end
    assert.equal(1000, #lines_of(works("cat part.*")))
    local merged, remarks = works("$P compare --merge part.* --csv")
    assert.equal(table_of_one_process(), merged)
    assert.equal("", remarks)
  end)

  it("gives the same table by GNU parallel, interrupted and resumed as the recipe says", function()
    if select(3, command.run("command -v parallel")) ~= 0 then
      return pending("needs GNU parallel")
    end
    local lines = recipe()
    local pymalloc_command = "pymalloc() { $P \"$@\"; }; "
    assert.matches("^parallel ", lines[3])
    put("bin.sh", "#!/bin/sh\nexec " .. scratch.command .. ' "$@"\n')
    works("mkdir bin; mv bin.sh bin/pymalloc; chmod +x bin/pymalloc")
    local path = "PATH=$PWD/bin:$PATH; export HOME=$PWD; "
    works(pymalloc_command .. lines[1] .. "; " .. lines[2])
    assert.equal(1000, #lines_of(get("cells.txt")))
    put("run.sh", path .. lines[3])
    hold_second_trace()
    works(command.leaks_allowed .. [[
      setsid sh run.sh 2>/dev/null &
      tries=0
      until [ -s part.2 ] || [ $tries = 30000 ]; do sleep 0.02; tries=$((tries + 1)); done
      kill -s TERM -- -$!
      wait $! || true]])
    give_second_trace()
    local count = #lines_of(works("cat part.*"))
    assert.is_true(count > 0 and count < 1000)
    works(command.leaks_allowed .. "sh run.sh 2>/dev/null")
    assert.equal(1000, #lines_of(works("cat part.*")))
    works(path .. lines[4])
    assert.equal(table_of_one_process(), get("table.csv"))
  end)
end)
