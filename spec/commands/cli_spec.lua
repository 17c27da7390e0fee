local core = require "pymalloc.core"
local dkjson = require "dkjson"

local command = require "spec.support.command"
local profiles = require "spec.support.profiles"
local requests_of = require "spec.support.counted_trace"

local STARTUP = "traces/cpython-startup.trace.xz"
local run, pymalloc = command.run, command.pymalloc

-- Runs pymalloc with these arguments. Returns its output, its standard error
-- and its exit code.
local function cli(arguments, rest)
  return run(("%s %s %s"):format(pymalloc, arguments, rest or ""))
end

local function json_of(arguments)
  return assert(dkjson.decode((cli("replay --json " .. arguments))))
end

describe("the exit code", function()
  local function exits(code, arguments, first_line)
    local output, errors, got = cli(arguments)
    assert.equal(code, got)
    assert.equal(first_line, errors:match("^[^\n]*"))
    return output
  end

  it("is 0 if there was no error", function()
    for _, arguments in ipairs { "--help", "--version", "profiles", "classes",
      "replay " .. STARTUP } do
      assert.is_true(#exits(0, arguments, "") > 0)
    end
  end)

  it("is 0 for an empty command line, which prints the help", function()
    assert.equal(exits(0, "--help", ""), exits(0, "", ""))
  end)

  it("is 1 for a trace that is invalid or does not exist", function()
    local bad <close> = command.file("a 1 8\nf\n")
    exits(1, "replay " .. bad.path,
      ("pymalloc: %s:2: expected 'f ID', found 'f'"):format(bad.path))
    exits(1, "replay /nonexistent",
      "pymalloc: /nonexistent cannot be opened: No such file or directory")
  end)

  it("is 1 if the output cannot be written", function()
    for _, arguments in ipairs { "replay --placements " .. STARTUP, "replay --stats " .. STARTUP,
      "replay " .. STARTUP, "profiles", "classes" } do
      local _, errors, code = cli(arguments, ">/dev/full")
      assert.equal("pymalloc: the output cannot be written: No space left on device\n", errors)
      assert.equal(1, code)
    end
  end)

  local misuses = {
    { "--", "a command is required" },
    { "play", "unknown command 'play'" },
    { "--play", "unknown option '--play'" },
    { "replay", "missing argument 'TRACE'" },
    { "replay ''", "argument 'TRACE' is empty" },
    { "compare @json ''", "argument 'TRACE' is empty" },
    { "convert '' -", "argument 'IN' is empty" },
    { "attach ''", "argument 'PID|FILE' is empty" },
    { "report - ''", "argument 'FILE2' is empty" },
    { "replay - --dump-every 0", "option '--dump-every' takes a whole number, 1 or more, got '0'" },
    { "replay - --alignment 8b",
      "option '--alignment' takes a number of bytes, like 4096 or 256K, got '8b'" },
    { "replay - --arena-bytes 9999999999999G",
      "option '--arena-bytes' takes a number of bytes, like 4096 or 256K, got '9999999999999G'" },
    { "replay - --max-arenas many",
      "option '--max-arenas' takes a whole number, 0 or more, got 'many'" },
    { "replay - --profile 2.5", "option '--profile' " .. profiles.known .. "'2.5'" },
    { "replay - --release later",
      "argument for option '--release' must be one of 'at_once', 'keep_last', 'never'" },
    { "classes --alignment 7", "--alignment is 7: it must be a power of two from 8 to 512" },
    { "replay - --alignment 7", "--alignment is 7: it must be a power of two from 8 to 512" },
    { "replay - --json --dump", "--json prints the summary and cannot be combined with "
      .. "--placements, --dump-every, --dump, --stats or --stats-at" },
  }

  for _, case in ipairs(misuses) do
    it(("is 2 for 'pymalloc %s'"):format(case[1]), function()
      assert.equal("", exits(2, case[1], "pymalloc: " .. case[2]))
    end)
  end
end)

describe("help", function()
  it("of 'pymalloc' has examples that work", function()
    local help = cli("--help"):gsub("\\\n%s*", "")
    local count = 0
    for example in help:match("\nExamples?:(.*)"):gmatch("pymalloc ([^\n]+)") do
      assert.matches("^replay", example)
      local output, errors, code = cli(example)
      assert.equal("", errors)
      assert.equal(0, code)
      assert.is_true(#output > 0)
      count = count + 1
    end
    assert.is_true(count > 0)
  end)
end)

describe("the help", function()
  for _, command_of in ipairs(require("pymalloc.cli").parser()._commands) do
    it(("of 'pymalloc %s' has no line of more than 80 columns"):format(command_of._name), function()
      local help = cli(command_of._name .. " --help")
      for line in help:gmatch("[^\n]+") do
        assert.is_true(#line <= 80, line)
      end
      for line in command_of._epilog:gmatch("[^\n]+") do -- it is not divided once more
        assert.truthy(help:find("\n" .. line .. "\n", 1, true), line)
      end
    end)
  end
end)

describe("pymalloc profiles", function()
  it("prints a line for each profile, the default first", function()
    local names = {}
    for line in cli("profiles"):gmatch("[^\n]+") do
      table.insert(names, line:match("^%S+"))
    end
    assert.same({ "name", table.unpack(profiles.names) }, names)
  end)
end)

describe("pymalloc classes", function()
  -- Computes the rows of four numbers from the sizes of a pool and its header.
  local function expected_rows(alignment, threshold, pool_bytes)
    local rows = {}
    for size = alignment, threshold, alignment do
      local room = pool_bytes - math.max(48, alignment)
      table.insert(rows, ("%d %d %d %d"):format(#rows, size, room // size, room % size))
    end
    return rows
  end

  local function printed_rows(arguments)
    local rows = {}
    for line in cli("classes " .. arguments):gmatch("\n([^\n]+)") do
      table.insert(rows, table.concat({ line:match("(%d+) +(%d+) +(%d+) +(%d+)") }, " "))
    end
    return rows
  end

  it("prints size, blocks in a pool and lost bytes of each class", function()
    assert.same(expected_rows(8, 512, 4096), printed_rows(""))
    assert.same(expected_rows(16, 512, 16384), printed_rows("--profile 3.11"))
    assert.same(expected_rows(16, 256, 4096),
      printed_rows("--profile 3.11 --threshold 256 --pool-bytes 4K"))
  end)
end)

describe("the summary of a replay", function()
  local counted = requests_of(STARTUP)

  -- 1234567 -> "1,234,567"
  local function grouped(number)
    return (tostring(number):reverse():gsub("(%d%d%d)", "%1,"):reverse():gsub("^,", ""))
  end

  it("has the counts of the trace", function()
    local summary = json_of(STARTUP)
    for name, count in pairs(counted) do
      assert.equal(count, summary[name], name)
    end
  end)

  it("has the figures of the report", function()
    local summary = json_of(STARTUP).heap
    local report = cli("replay --stats-at end " .. STARTUP)
    local function figure(label)
      return tonumber((report:match("# " .. label .. " += +([%d,]+)"):gsub(",", "")))
    end
    assert.equal(figure("arenas allocated total"), summary.arenas_allocated_total)
    assert.equal(figure("arenas reclaimed"), summary.arenas_reclaimed)
    assert.equal(figure("arenas highwater mark"), summary.arenas_highwater)
    assert.equal(figure("bytes in allocated blocks"), summary.allocated_bytes)
    assert.equal(figure("bytes lost to quantization"), summary.quantization_bytes)
  end)

  it("prints the same numbers as text", function()
    local text = cli("replay " .. STARTUP)
    local function has(label, number, remark)
      assert.matches(("\n  %s +%s *%s\n"):format(label, grouped(number), remark or ""), text)
    end
    local asked = counted.small + counted.raw
    has("malloc", counted.mallocs, grouped(counted.malloc_bytes) .. " bytes")
    has("all", counted.requests)
    has("pools", counted.small, ("%.1f %%%%"):format(100 * counted.small / asked))
    has("moved", counted.realloc_moved)
    has("blocks at the peak", counted.peak_live_blocks)
    assert.matches("\n%d+%.%d+ seconds of processor time, %d+%.%d million requests a second\n$",
      text)
  end)

  it("is that of the geometry given in options", function()
    local few = json_of("--threshold 64 " .. STARTUP)
    assert.is_true(few.small < counted.small)
    assert.equal(64, few.geometry.threshold)
    assert.equal(4, json_of("--retain 0 " .. STARTUP).heap.arenas_highwater)
    local none = json_of("--max-arenas 0 " .. STARTUP)
    assert.equal(0, none.small)
    local kept = json_of("--release never --arena-bytes 64K --alignment 16 " .. STARTUP)
    assert.equal(0, kept.heap.arenas_reclaimed)
    assert.same({ 16, 65536, "never" },
      { kept.geometry.alignment, kept.geometry.arena_bytes, kept.geometry.release })
  end)
end)

describe("the output", function()
  it("of a trace on standard input is that of its file", function()
    local piped = run(("xz -dc %s | %s replay - --dump"):format(STARTUP, pymalloc))
    assert.equal(cli("replay --dump " .. STARTUP), piped)
    assert.matches("^STATE 43354\n", piped)
  end)

  it("ends without a message if its reader closes the pipe", function()
    -- The signal ends the command; where it is ignored, the write fails.
    for _, signal in ipairs { "", "trap '' PIPE; " } do
      local output, errors = run(("%s%s replay %s --placements | head -n 2"):format(
        signal, pymalloc, STARTUP))
      assert.equal("1 a 1 0:0:48\n2 a 2 0:0:104\n", output)
      assert.equal("", errors)
    end
  end)

  -- Returns the output of pymalloc on a terminal.
  local function on_terminal(environment, arguments)
    return (run(("%s script -qec '%s %s' /dev/null"):format(environment, pymalloc, arguments)))
  end

  it("has colours only on a terminal, and none with NO_COLOR", function()
    local colour = "\27%[1m"
    assert.matches(colour, on_terminal("NO_COLOR= TERM=xterm", "profiles"))
    assert.is_nil(on_terminal("NO_COLOR=1 TERM=xterm", "profiles"):find("\27", 1, true))
    assert.is_nil(on_terminal("NO_COLOR= TERM=dumb", "profiles"):find("\27", 1, true))
    assert.is_nil(cli("profiles"):find("\27", 1, true))
  end)

  it("shows progress only on a terminal, and only if it takes long", function()
    -- The clock of the command counts how often it is read, or stands still.
    local CLOCK = "LUA_INIT='local now = 0; os.time = function() now = now + %d; return now end' "
    local input = "yes 'f 1' | head -n 400000 | "
    local replay = pymalloc .. " replay - "
    local errors <close> = command.file("")
    local long <close> = command.file(("%s%s%s2>%s >/dev/null\n%s%s%s\n"):format(input,
      CLOCK:format(1), replay, errors.path, input, CLOCK:format(1), replay))
    local shown = run("script -qec 'sh " .. long.path .. "' /dev/null")
    assert.matches("\r300,000 requests\r400,000 requests\r\27%[K", shown)
    assert.is_nil(shown:find("\r100,000 requests", 1, true))
    assert.equal("", command.read(errors.path))
    local quick <close> = command.file(input .. CLOCK:format(0) .. replay)
    assert.is_nil(run("script -qec 'sh " .. quick.path .. "' /dev/null"):find("\27[K", 1, true))
  end)
end)

describe("script/pymalloc", function()
  it("names the command that builds what is missing", function()
    local _, errors, code = run(command.leaks_allowed
      .. "PYMALLOC_BUILD=build-none script/pymalloc profiles")
    assert.matches("^pymalloc: .*/build%-none/pymalloc/core%.so is missing: run script/build first",
      errors)
    assert.equal(1, code)
  end)

  it("works in any folder, with paths relative to that folder", function()
    local root = run("pwd"):gsub("\n", "")
    local output, errors = run(("cd traces && %s/script/pymalloc replay cpython-startup.trace.xz")
      :format(root))
    assert.equal("", errors)
    assert.matches("^cpython%-startup%.trace%.xz on a heap of profile 3%.6\n", output)
  end)

  it("loads the module that the specs load", function()
    assert.equal(core._VERSION .. ", " .. _VERSION .. "\n", (cli("--version")))
  end)
end)
