local dkjson = require "dkjson"
local pymalloc = require "pymalloc"
local scratch = require "spec.support.scratch"
local signalled = require "spec.support.signalled"

-- A trace of objects of several sizes, of which every fourth survives.
local function trace_text(count, seed)
  local lines = { "# pymalloc trace 1\n" }
  for id = 1, count do
    table.insert(lines, ("a %d %d\n"):format(id, 8 + (id * seed) % 300))
    if id > 40 and id % 4 ~= 0 then
      table.insert(lines, ("f %d\n"):format(id - 40))
    end
  end
  return table.concat(lines)
end

local one, two

setup(function()
  scratch.make()
  one = scratch.put("one.trace", trace_text(3000, 7))
  two = scratch.put("two.trace", trace_text(2000, 13))
end)

teardown(scratch.remove)

-- Runs pymalloc compare in the folder of the traces.
local function compare(arguments)
  return scratch.run("$P compare " .. arguments)
end

local function refuses(arguments, message)
  local output, errors, code = compare(arguments)
  assert.equal("", output)
  assert.equal("pymalloc: " .. message, errors:match("^[^\n]*"))
  assert.equal(2, code)
end

local function experiment(plan)
  plan.traces = plan.traces or { one, two }
  return assert(pymalloc.experiment(plan))
end

describe("pymalloc compare", function()
  it("prints the table of an experiment: 3.6 and 3.11, where no design is given", function()
    local result = experiment { designs = { "3.6", "3.11" } }
    assert.same({ result:csv(), "", 0 }, { compare("one.trace two.trace --csv") })
    assert.equal(result:json(), (compare("one.trace two.trace --json")))
    assert.equal(result:markdown(), (compare("one.trace two.trace --markdown")))
    assert.equal(result:text(80) .. "\n",
      (scratch.run("COLUMNS=80 $P compare one.trace two.trace")))
  end)

  it("reads geometries, policies, oracles and allocators, in one grammar and in order", function()
    local result = experiment { traces = { one }, measure = { "held_peak", "held_mean" },
      designs = {
        { lab = { profile = "3.11", next_arena = "lowest address", classes = { doubling = 4 },
          pool_bytes = 4096 } },
        { profile = "3.11", pool_bytes = 4096, release = "keep_last", name = "kept" },
        { oracle = "live", granularity = "pools", profile = "3.6" },
        { profile = "3.6", arena_bytes = 1 << 20 },
        { lab = { classes = { 64, 128, 512 } }, name = "three classes" },
      } }
    assert.same({ result:csv(), "", 0 }, { compare("one.trace --csv "
      .. "--policy 3.11,next-arena=lowest,classes=doubling:4,pool=4K "
      .. "--geometry 3.11,pool-bytes=4096,release=keep_last,name=kept "
      .. "--oracle live,granularity=pools,profile=3.6 --geometry 3.6,arena=1M "
      .. "--policy 'classes=64+128+512,name=three classes' "
      .. "--measure held_peak,held_mean") })
  end)

  it("has a row with the reason for a library that does not exist", function()
    local output, errors, code = compare("one.trace --real /none.so --measure total_peak --json")
    assert.same({ "", 0 }, { errors, code })
    local row = dkjson.decode(output).rows[1]
    assert.equal("/none.so", row.design)
    assert.matches("No such file", row.problem)
  end)

  it("combines sweeps with geometries and policies, and counts impossible combinations", function()
    local designs = {}
    for _, pool in ipairs { 4096, 16384, 65536 } do
      for _, arena in ipairs { 32768, 65536 } do
        if pool < arena then
          table.insert(designs, { profile = "3.11", pool_bytes = pool, arena_bytes = arena })
        end
      end
    end
    local expected = experiment { traces = { one }, designs = designs, measure = { "held_mean" } }
    local output, errors = compare("one.trace --measure held_mean --csv "
      .. "--sweep pool-bytes=4K,16K,64K --sweep arena-bytes=32K..64K")
    assert.equal(expected:csv(), output)
    assert.equal("pymalloc: 2 combinations left out, which no allocator can have\n", errors)
    local policies = dkjson.decode((compare("one.trace --json --measure held_mean --oracle live "
      .. "--policy 3.6 --sweep next_arena=lowest,oldest --sweep arena=64K..128K"))).rows
    local names = {}
    for i, row in ipairs(policies) do
      names[i] = row.kind .. " " .. row.design
    end
    assert.same({ "oracle oracle live",
      "lab 3.6, arena_bytes 65536, next_arena lowest address",
      "lab 3.6, arena_bytes 131072, next_arena lowest address",
      "lab 3.6, arena_bytes 65536, next_arena oldest",
      "lab 3.6, arena_bytes 131072, next_arena oldest" }, names)
  end)

  it("prints the same table with any number of jobs", function()
    local arguments = "one.trace two.trace --sweep pool=4K..32K --sweep release=at_once,never "
      .. "--json"
    local alone = compare(arguments)
    for jobs = 2, 3 do
      assert.same({ alone, "", 0 }, { compare(arguments .. " --jobs " .. jobs) })
    end
    assert.equal(16, #dkjson.decode(alone).rows)
    local _, errors, code = compare("one.trace none.trace --jobs 2")
    assert.matches("none.trace cannot be opened: No such file or directory\n", errors)
    assert.matches("pymalloc: the process that measures cell 3 of 4 has ended %(exit code 1%)\n",
      errors)
    assert.equal(1, code)
  end)

  it("leaves no process and no file behind when a signal ends it", function()
    local line = "TMPDIR=$PWD exec " .. scratch.command .. " compare @json --sweep pool=4K..64K "
      .. "--sweep arena=64K..4M --sweep threshold=$(seq -s, 16 16 512) --jobs 2"
    local running = ("LD_PRELOAD= pgrep -f 'compare --cell[s] %s'"):format(scratch.path)
    local code = signalled.run(scratch.path, line, "TERM", running .. " >/dev/null")
    assert.equal(143, code)
    assert.equal("", (scratch.run("ls -A | grep '^[.]pymalloc'")))
    local left = scratch.run("tries=0; while " .. running .. " && [ $tries -lt 30000 ]; do "
      .. "sleep 0.02; tries=$((tries + 1)); done >/dev/null; " .. running)
    assert.equal("", left)
  end)

  it("sorts, and prints ratios to a baseline", function()
    local result = experiment { designs = { "3.6", "3.11" }, measure = { "held_mean" } }
    assert.equal(result:ratios("3.6"):csv(),
      (compare("one.trace two.trace --measure held_mean --baseline 3.6 --csv")))
    assert.equal(result:text(80) .. "\n\n" .. result:ratios("3.6"):text(80) .. "\n",
      (scratch.run("COLUMNS=80 $P compare one.trace two.trace --measure held_mean "
        .. "--baseline 3.6")))
    assert.equal(result:sort("held_mean"):csv(),
      (compare("one.trace two.trace --measure held_mean --sort held_mean --csv")))
  end)

  it("saves a picture, whose kind depends on the number of sweeps", function()
    local function picture(arguments, kind, plan, measure)
      local output, errors, code = compare("one.trace --svg picture.svg " .. arguments)
      assert.same({ "", 0 }, { errors, code })
      assert.is_true(#output > 0)
      plan.traces = { one }
      local plot = experiment(plan):plot { kind = kind, measure = measure }
      assert.equal(plot:svg(), scratch.get("picture.svg"))
    end
    local swept, both = {}, {}
    for _, pool in ipairs { 4096, 8192 } do
      table.insert(swept, { profile = "3.11", pool_bytes = pool })
      for _, arena in ipairs { 65536, 131072 } do
        table.insert(both, { profile = "3.11", pool_bytes = pool, arena_bytes = arena })
      end
    end
    picture("", "bars", { designs = { "3.6", "3.11" } })
    picture("--sweep pool=4K..8K", "curve", { designs = swept }, "held_peak")
    picture("--sweep pool=4K..8K --sweep arena=64K..128K --measure held_mean", "heat",
      { designs = both, measure = { "held_mean" } }, "held_mean")
    picture("--plot lines", "lines", { designs = { "3.6", "3.11" }, series = 400 })
    assert.equal(scratch.get("picture.svg"),
      (compare("one.trace two.trace --plot lines --svg - --plot-trace one")))
    refuses("one.trace two.trace --plot lines --svg x.svg",
      "--svg: kind 'lines' draws one trace: give --plot-trace one of 'one', 'two'")
  end)
end)

describe("a wrong option of pymalloc compare", function()
  local cases = {
    { "", "missing argument 'TRACE', such as @startup or @json" },
    { "-", "a trace is read several times: it cannot be standard input" },
    { "t --geometry ,x", "option '--geometry' takes a profile and KEY=VALUE, separated by commas, "
      .. "got ',x'" },
    { "t --oracle a=b", "option '--oracle' takes the name of an oracle and KEY=VALUE, separated "
      .. "by commas, got 'a=b'" },
    { "t --real glibc,", "option '--real' takes the name of an allocator and KEY=VALUE, separated "
      .. "by commas, got 'glibc,'" },
    { "t --geometry pool=4K,pool-bytes=8K", "option '--geometry': 'pool=4K,pool-bytes=8K' gives "
      .. "pool_bytes twice" },
    { "t --geometry 3.11,pool=5", "option '--geometry 3.11,pool=5': pool_bytes is 5: it must be a "
      .. "power of two, at most 1048576" },
    { "t --policy next_arena=x", "option '--policy next_arena=x': lab: next_arena must be one of "
      .. "'fullest', 'emptiest', 'lowest address', 'most recently freed', 'oldest', 'random' or a "
      .. "function, got 'x'" },
    { "t --oracle x", "option '--oracle x': oracle: an oracle must be 'live' or 'lifetimes', got "
      .. "'x'" },
    { "t --sweep pool", "option '--sweep' takes KEY=FIRST..LAST, which doubles, or "
      .. "KEY=VALUE,VALUE..., like pool-bytes=4K..64K, got 'pool'" },
    { "t --sweep pool=8K..4K", "option '--sweep' takes KEY=FIRST..LAST, which doubles, or "
      .. "KEY=VALUE,VALUE..., like pool-bytes=4K..64K, got 'pool=8K..4K'" },
    { "t --sweep pool=3", "option '--geometry 3.11' with --sweep: pool_bytes is 3: it must be a "
      .. "power of two, at most 1048576" },
    { "t --sweep a=1..64K --sweep b=1..64K --sweep c=1..64K --sweep d=1..64K --sweep e=1..64K",
      "option '--geometry 3.11' with --sweep: there are more than 100000 combinations" },
    { "t --geometry 3.6 --geometry 3.6", "designs 1 and 2 are both called '3.6': give one of them "
      .. "another name, by the field name" },
    { "t --baseline x", "option '--baseline' must be one of the designs 3.6; 3.11, got 'x'" },
    { "t --measure held_end --sort x", "option '--sort' must be one of held_end, got 'x'" },
    { "t --output x", "--output is the file of --shard: without it, the table is printed" },
    { "t --csv --json", "option '--json' can not be used together with option '--csv'" },
  }

  for _, case in ipairs(cases) do
    it(("is refused: '%s'"):format(case[1]), function()
      refuses(case[1], case[2])
    end)
  end

  it("is refused, with the unknown name of a field or of a measure and the known ones", function()
    local function names(arguments, pattern)
      local output, errors, code = compare(arguments)
      assert.same({ "", 2 }, { output, code })
      assert.matches(pattern, errors)
    end
    names("t --geometry 3.11,foo=5", "^pymalloc: option '%-%-geometry 3.11,foo=5': unknown option "
      .. "'foo' %(allowed: profile, alignment, ")
    names("t --policy foo=5", "^pymalloc: option '%-%-policy foo=5': lab: unknown field foo "
      .. "%(allowed: profile, ")
    names("t --sweep foo=5", "^pymalloc: option '%-%-geometry 3.11' with %-%-sweep: unknown option "
      .. "'foo' ")
    names("t --measure foo", "^pymalloc: a measure must be one of held_peak, .*, got 'foo'\n")
  end)
end)
