local command = require "spec.support.command"
local pymalloc = require "pymalloc"
local scratch = require "spec.support.scratch"

-- Runs pymalloc with a trace. Returns its output, its standard error and its exit code.
local function run(name, trace, arguments)
  return command.run(("%s %s %s %s"):format(command.pymalloc, name, trace, arguments or ""))
end

-- 4 arenas of the classroom profile are filled, and nearly all blocks freed: 40 live blocks of
-- 64 bytes at the peak, one at the end.
local function lines_of(count)
  local lines = { "# pymalloc trace 1\n", "m fill\n" }
  for id = 1, count do
    table.insert(lines, ("a %d 64\n"):format(id))
  end
  table.insert(lines, "m drop\n")
  for id = 2, count do
    table.insert(lines, ("f %d\n"):format(id))
  end
  return table.concat(lines)
end

local TEXT = lines_of(40)

-- The heap of a run of the text at a request.
local function heap_at(op, look)
  local replay <close> = pymalloc.replay({ text = TEXT }, { profile = "classroom" })
  replay:seek(op)
  return look(replay.heap)
end

describe("pymalloc show", function()
  local file

  setup(function()
    file = command.file(TEXT, ".trace")
  end)

  teardown(function()
    getmetatable(file).__close(file)
  end)

  local function show(arguments)
    local output, errors, code = run("show", file.path, "--profile classroom "
      .. (arguments or ""))
    return output:gsub("^[^\n]*/[^\n,]*", "TRACE"), errors, code
  end

  local function refuses(arguments, message)
    local output, errors, code = show(arguments)
    assert.equal("", output)
    assert.equal(message, errors:match("^pymalloc: ([^\n]*)"))
    assert.equal(2, code)
  end

  it("draws the heap at the peak of arenas, or at another moment", function()
    local at_peak = "TRACE, after request 40 of 79\n\n" .. heap_at(40, pymalloc.view.text) .. "\n"
    for _, arguments in ipairs { "", "--at peak", "--at 40", "--at drop" } do
      assert.same({ at_peak, "", 0 }, { show(arguments) })
    end
    assert.equal("TRACE, after request 79 of 79\n\n" .. heap_at(79, pymalloc.view.text) .. "\n",
      (show("--at end")))
    refuses("--at 80", "option '--at': the trace has 79 requests, got '80'")
    refuses("--at fall", "option '--at' takes a number, end, peak, live, unused or a mark, got "
      .. "'fall'; the marks are 'fill', 'drop'")
  end)

  it("draws an arena, a pool, and a block", function()
    local function expected(part)
      return "TRACE, after request 50 of 79\n\n" .. heap_at(50, function(heap)
        return pymalloc.view.text(part(heap))
      end) .. "\n"
    end
    assert.equal(expected(function(heap) return heap:arena(2) end), (show("--at 50 --arena 2")))
    assert.equal(expected(function(heap) return heap:arena(2):pool(256) end),
      (show("--at 50 --pool 2:256")))
    assert.equal("TRACE, after request 50 of 79\n\n" .. heap_at(50, function(heap)
      return pymalloc.view.text(heap:arena(2):pool(256), { block = 48 })
    end) .. "\n", (show("--at 50 --block 2:256:48")))
  end)

  it("names the arenas and pools that there are, where one is not", function()
    refuses("--arena 77 --at 1", "option '--arena': there is no arena 77 after request 1: the "
      .. "heap has 0")
    refuses("--arena 0 --at 0", "option '--arena': there is no arena 0 after request 0: the "
      .. "heap has none")
    refuses("--pool 77:0 --at 1", "option '--pool': there is no arena 77 after request 1: the "
      .. "heap has 0")
    refuses("--pool 0:16 --at 1", "option '--pool': no pool of arena 0 begins at offset 16 after "
      .. "request 1: pools begin every 256 bytes, the last one at 0")
    refuses("--block 0:0:47 --at 1", "option '--block': the blocks of pool 0:0 are at offsets from "
      .. "48 to 239, got 47")
    refuses("--block 0:0", "option '--block' takes the place of a block, like 0:16384:48, got "
      .. "'0:0'")
    refuses("--pool 0", "option '--pool' takes an arena and the offset of a pool in it, like "
      .. "0:16384, got '0'")
  end)

  it("prints the report", function()
    local report = heap_at(40, function(heap) return heap:debugmallocstats() end)
    assert.equal(report, (show("--stats")))
    assert.not_equal(report, (show("--stats --at end")))
  end)

  it("prints a snapshot as JSON, which is read again, or a part of it", function()
    local output = show("--json")
    assert.equal(heap_at(40, function(heap) return heap:snapshot():json() end), output)
    local saved <close> = command.file(output, ".json")
    assert.equal(40, pymalloc.snapshot.load(saved.path):stats().blocks)
    local arena = require("dkjson").decode((show("--json --arena 1")))
    assert.same({ 1, "full" }, { arena.index, arena.state })
    local pool = require("dkjson").decode((show("--json --pool 1:512")))
    assert.same({ 512, 64 }, { pool.offset, pool.size })
  end)

  it("saves a picture, and prints nothing", function()
    scratch.make()
    finally(scratch.remove)
    local path = scratch.path .. "/heap.svg"
    for arguments, part in pairs {
      [""] = function(heap) return heap end,
      ["--arena 3"] = function(heap) return heap:arena(3) end,
      ["--pool 0:0"] = function(heap) return heap:arena(0):pool(0) end,
    } do
      assert.same({ "", "", 0 }, { show(arguments .. " --svg " .. path) })
      assert.equal(heap_at(40, function(heap) return pymalloc.view.svg(part(heap)) end),
        command.read(path))
    end
    local _, errors, code = show("--svg " .. scratch.path .. "/none/heap.svg")
    assert.matches("No such file or directory", errors)
    assert.equal(1, code)
  end)

  it("refuses options that contradict each other", function()
    refuses("--arena 0 --pool 0:0", "--pool names the arena too: give one of --arena and --pool")
    refuses("--stats --json", "--stats and --json cannot be combined")
    refuses("--stats --arena 0", "--stats is the report of the whole heap: --arena cannot be "
      .. "combined with it")
    refuses("--svg - --json", "--svg - prints the picture and cannot be combined with --stats or "
      .. "--json")
  end)

  it("says why the trace cannot be run, and which interpreter is shown", function()
    local bad <close> = command.file("a 1 8\na 1 8\n")
    local _, errors, code = run("show", bad.path, "--at end")
    assert.same({ "pymalloc: request 2: id 1 is live already\n", 1 }, { errors, code })
    local two <close> = command.file("a 1 8\ni 3\na 1 8\na 2 8\n")
    assert.matches("after request 2 of 2\n1 request of other interpreters left out "
      .. "%(%-%-interpreter%)\n\nheap 3.6: 1 arena", (run("show", two.path, "--interpreter 3")))
  end)
end)

describe("pymalloc replay --stats", function()
  local function report_at(op)
    return ("STATS %d\n%sEND\n"):format(op, heap_at(op, function(heap)
      return heap:debugmallocstats()
    end))
  end

  local function replay(text, arguments)
    local file <close> = command.file(text, ".trace")
    local output, errors, code = run("replay", file.path, "--profile classroom " .. arguments)
    return output, errors:gsub("/[^:\n]*", "TRACE"), code
  end

  it("prints the report at the peak of arenas", function()
    assert.same({ report_at(40), "", 0 }, { replay(TEXT, "--stats") })
    assert.equal(report_at(40), (replay(TEXT, "--stats --stats-at peak")))
    local piped = command.run(("{ %s --profile classroom --stats - <<'E'\n%sE\n}"):format(
      command.pymalloc .. " replay", TEXT))
    assert.equal(report_at(40), piped)
  end)

  it("prints it at another moment, also without --stats", function()
    for moment, op in pairs { ["end"] = 79, ["3"] = 3, drop = 40, live = 40 } do
      assert.equal(report_at(op), (replay(TEXT, "--stats-at " .. moment)))
    end
    assert.same({ "", "pymalloc: option '--stats-at': the trace has 79 requests, got '80'\n", 2 },
      { replay(TEXT, "--stats-at 80") })
  end)

  it("prints it at the end after placements and states", function()
    for _, other in ipairs { "--placements", "--dump", "--dump-every 50" } do
      local output = replay(TEXT, "--stats " .. other)
      assert.equal(report_at(79), output:sub(-#report_at(79)))
      assert.equal(replay(TEXT, "--stats-at end " .. other), output)
      local at_peak = replay(TEXT, "--stats-at peak " .. other)
      assert.equal(replay(TEXT, other) .. report_at(40), at_peak)
    end
  end)

  it("prints that of each interpreter, at its own moment", function()
    local output = replay("a 1 8\nf 1\ni 2\na 1 64\na 2 64\nf 1\nf 2\n", "--stats")
    assert.matches("^interpreter 0\nSTATS 1\n.*\nEND\ninterpreter 2\nSTATS 2\n.*\nEND\n$", output)
  end)

  it("names the line of a trace that is wrong", function()
    assert.same({ "", "pymalloc: TRACE:2: id 1 is live already\n", 1 },
      { replay("a 1 8\na 1 8\n", "--stats") })
    local _, errors, code = command.run("printf 'a 1 8\\na 1 8\\n' | " .. command.pymalloc
      .. " replay - --stats")
    assert.matches("^pymalloc: standard input:2: id 1 is live already\n", errors)
    assert.equal(1, code)
  end)
end)
