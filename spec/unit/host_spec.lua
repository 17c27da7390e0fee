-- Each script of these specs runs in its own process, whose Lua state it moves
-- to a heap.

local command = require "spec.support.command"

-- Runs a script in an interpreter with these options. Returns its output, its
-- standard error and its exit code.
local function run(script, options)
  local file <close> = command.file('local pymalloc = require "pymalloc"\n' .. script)
  return command.run(("%s lua5.4 %s %s"):format(command.environment, options or "", file.path))
end

-- Returns the output of a script, and asserts that it had no error.
local function output(script, options)
  local text, errors, code = run(script, options)
  assert.equal("", errors)
  assert.equal(0, code)
  return text
end

-- Makes garbage and objects that stay live, of many sizes.
local work = [[
  local kept = {}
  local function work(n)
    for i = 1, n do
      kept[i % 100] = { i, ("x"):rep(i % 700), function() return i end }
      local list = {}
      for k = 1, i % 90 do list[k] = k end
      coroutine.wrap(function() coroutine.yield(i) end)()
    end
    for i, kept_now in pairs(kept) do
      assert(kept_now[1] % 100 == i and #kept_now[2] == kept_now[1] % 700)
      assert(kept_now[3]() == kept_now[1])
    end
  end
]]

describe("a hosted Lua state", function()
  it("allocates from the heap that pymalloc.host returns", function()
    assert.equal("3.11 true true true\n", output(work .. [[
      work(500) -- objects made before the state moves
      local heap = pymalloc.host()
      local before = heap:stats().blocks
      work(3000)
      local after = heap:stats()
      collectgarbage()
      work(500)
      print(heap.geometry.profile, after.blocks > before + 300,
        pymalloc.hosting() == heap, heap:check())
    ]]):gsub("\t", " "))
  end)

  it("is made by lua -l pymalloc.hosted, without a change to the script", function()
    assert.equal("true\n", output(work .. [[
      work(1000)
      print(pymalloc.hosting() == require "pymalloc.hosted" and pymalloc.hosting():check())
    ]], "-l pymalloc.hosted"))
  end)

  it("has every method of its heap, before pymalloc itself is loaded", function()
    local file <close> = command.file [[
      local heap = require "pymalloc.hosted"
      assert(not package.loaded.pymalloc)
      local names = {}
      for name in pairs(require("pymalloc.core").methods.Heap) do names[name] = heap[name] end
      local stand_in = heap.snapshot
      assert(heap:snapshot().globals.blocks > 0 and package.loaded.pymalloc)
      assert(heap.snapshot ~= stand_in)
      for name in pairs(require("pymalloc.core").methods.Heap) do
        assert(names[name], name)
      end
      print(stand_in(heap).format)
    ]]
    local text, errors, code = command.run(command.environment .. " lua5.4 " .. file.path)
    assert.same({ "1\n", "", 0 }, { text, errors, code })
  end)

  it("applies the given options over the hosting defaults", function()
    assert.equal("classroom 0 true\n", output(work .. [[
      local heap = pymalloc.host { profile = "classroom", cache_bytes = 0, cache_blocks = 0 }
      work(300)
      local stats = heap:stats()
      print(heap.geometry.profile, stats.cached_blocks, stats.arenas_highwater > 10)
    ]]):gsub("\t", " "))
    assert.equal("true true\n", output(work .. [[
      local heap = pymalloc.host()
      work(300)
      print(heap:stats().cached_blocks > 0, pymalloc.host == require("pymalloc.core").host)
    ]]):gsub("\t", " "))
    assert.equal("3.11, pool_bytes 32768\n", output "print(pymalloc.host().geometry.name)")
    assert.equal("3.11\n", output "print(pymalloc.host { profile = '3.11' }.geometry.name)")
    assert.matches("unknown option 'color'", select(2, run("pymalloc.host { color = 1 }")))
    assert.matches("options must be a table, got 7", select(2, run("pymalloc.host(7)")))
  end)

  for name, options in pairs {
    ["with debug hooks"] = "debug = true", ["that is checked"] = "checked = true",
    ["without addresses"] = "reserve_bytes = 0", ["that has one arena"] = "max_arenas = 1",
    ["of small pools"] = 'profile = "classroom"', ["that is exact"] = "cache_bytes = 0",
  } do
    it("works on a heap " .. name, function()
      assert.equal("true\n", output(work .. ([[
        work(200)
        local heap = pymalloc.host { %s }
        work(1500)
        collectgarbage()
        print(heap:check())
      ]]):format(options)))
    end)
  end

  it("moves blocks from pools through spans to raw as they grow, and back", function()
    assert.equal("true true true\n", output([[
      local heap = pymalloc.host()
      local function deep(n) return n == 0 and 0 or 1 + deep(n - 1) end
      local spans, raw = 0, 0
      for round = 1, 3 do
        local list, parts = {}, {}
        for i = 1, 70000 do list[i] = i end
        for i = 1, 12 do parts[i] = ("x"):rep(40 << i) end
        local text = table.concat(parts)
        assert(#text == 40 * 8190 and text == ("x"):rep(#text))
        assert(coroutine.wrap(deep)(20000) == 20000 and deep(150) == 150)
        for i = 1, 70000 do assert(list[i] == i) end
        local stats = heap:stats()
        spans, raw = math.max(spans, stats.medium_blocks), math.max(raw, stats.raw_blocks)
        list, parts, text = nil, nil, nil
        collectgarbage()
      end
      print(spans > 5, raw > 0, heap:check())
    ]]):gsub("\t", " "))
  end)

  it("cannot be hosted twice", function()
    assert.equal("pymalloc: host: this Lua state is hosted already: see pymalloc.hosting()\ntrue\n",
      output [[
        local heap = pymalloc.host()
        print((select(2, pcall(pymalloc.host))))
        print(pymalloc.hosting() == heap)
      ]])
    assert.equal("nil\n", output "print(pymalloc.hosting())")
  end)

  it("cannot be hosted during a recording, and can be recorded afterwards", function()
    assert.equal("false true nil\ntrue true\n", output([[
      local why
      pymalloc.trace.record(function() why = select(2, pcall(pymalloc.host)) end)
      print(why == nil, why:find("a recording is on", 1, true) ~= nil, pymalloc.hosting())
      local heap = pymalloc.host()
      local trace = pymalloc.trace.record(function()
        local list = {}
        for i = 1, 50 do list[i] = {} end
      end)
      print(#tostring(trace) > 0, heap:check())
    ]]):gsub("\t", " "))
  end)

  it("has a heap that cannot be closed, poked or watched", function()
    assert.equal(([[
pymalloc: this Lua state is hosted on the heap, which closes with it
pymalloc: this Lua state is hosted on the heap, which closes with it
pymalloc: heap:poke: this Lua state is hosted on the heap
pymalloc: this Lua state is hosted on the heap: %s
pymalloc: this Lua state is hosted on the heap: %s
true
]]):gsub("%%s", "a listener would get the events of its own requests; "
      .. "see pymalloc.trace.record"), output [[
      local heap = pymalloc.host { debug = true }
      local function complaint(f, ...)
        print((select(2, pcall(f, ...)):gsub("^[^:]+:%d+: ", "")))
      end
      complaint(heap.close, heap)
      complaint(function() local h <close> = heap end)
      complaint(heap.poke, heap, heap:arena(0).address, "x")
      complaint(heap.on, heap, print)
      complaint(heap.keep_events, heap, 10)
      debug.getmetatable(heap).__gc(heap)
      collectgarbage()
      print(heap:check())
    ]])
  end)

  it("can trim its heap and allocate buffers on it", function()
    assert.equal("3 6 true\n", output([[
      local heap = pymalloc.host()
      local small, large = heap:buffer("i32", { 1, 2, 3 }), heap:buffer("u8", 100000)
      local slice = small:slice(2)
      heap:trim()
      collectgarbage()
      print(#small, small[1] + small[2] + slice[2], heap:check())
      debug.setmetatable(large, nil) -- It has no finalizer any more.
    ]]):gsub("\t", " "))
  end)

  it("is found through the main thread in the registry, also in a coroutine", function()
    assert.equal("true\ttrue\n", output [[
      local thread = coroutine.create(function() return pymalloc.host() end)
      local _, heap = coroutine.resume(thread)
      print(heap == pymalloc.hosting(), heap:check())
    ]])
    assert.equal("pymalloc: host: the main thread in the registry is another thread\n" ..
      "pymalloc: host: the registry has no main thread\ntrue\n", output [[
      local registry, main = debug.getregistry(), coroutine.running()
      local index = registry[1] == main and 1 or 3 -- Lua 5.4, 5.5
      assert(registry[index] == main)
      registry[index] = coroutine.create(print)
      print((select(2, pcall(pymalloc.host))))
      registry[index] = 1
      print((select(2, pcall(pymalloc.host))))
      registry[index] = main
      print(pymalloc.host():check())
    ]])
  end)
end)

describe("the end of a hosted Lua state", function()
  local ends = {
    ["the end of the script"] = { "", 0, "" },
    ["os.exit(true, true)"] = { "os.exit(true, true)", 0, "" },
    ["os.exit(false, true)"] = { "os.exit(false, true)", 1, "" },
    ["os.exit(false)"] = { "os.exit(false)", 1, "" },
    ["os.exit in a coroutine"] = { "coroutine.wrap(os.exit)(3, true)", 3, "" },
    ["an error"] = { "error('at last', 0)", 1, "lua5.4: at last" },
    ["an error that is a table"] = { "error {}", 1, "error object is a table value" },
  }
  for name, case in pairs(ends) do
    it("has the output and exit code of an unhosted one: " .. name, function()
      for _, options in ipairs { "", "-l pymalloc.hosted" } do
        local text, errors, code = run(work .. "work(500) " .. case[1], options)
        assert.equal("", text)
        assert.equal(case[2], code)
        assert.truthy(errors:find(case[3], 1, true))
      end
    end)
  end

  it("runs finalizers that allocate and inspect the heap", function()
    assert.equal("true true closing\n", output([[
      local heap = pymalloc.host()
      local buffer = heap:buffer("u8", 2000)
      setmetatable({}, { __gc = function()
        local list = {}
        for i = 1, 1000 do list[i] = { i } end
        local b = heap:buffer("i32", list[1])
        print(heap:check(), b[1] == 1, "closing")
      end })
      heap = setmetatable({ heap }, { __gc = function(self) self[1]:trim() end })[1]
    ]]):gsub("\t", " "))
  end)
end)

describe("a hosted Lua state without memory", function()
  it("raises Lua's error for memory, and can continue", function()
    assert.equal("false not enough memory true true\n", output([[
      local heap = pymalloc.host { max_bytes = 24 << 20 }
      local ok, why = pcall(function()
        local list = {}
        for i = 1, math.huge do list[i] = { i } end
      end)
      local after = {}
      for i = 1, 1000 do after[i] = { i } end
      print(ok, why, #after == 1000, heap:check())
    ]]):gsub("\t", " "))
  end)

  it("ends normally or with Lua's error under each bound from 0 to 3000 KiB", function()
    for kib = 0, 3000, 150 do
      local text, errors, code = run(work .. ([[
        local heap, why, kind = pymalloc.host { max_bytes = %d << 10 }
        if not heap then print(why, kind) return end
        print(pcall(work, 3000))
        print(heap:check())
      ]]):format(kib))
      if errors ~= "" then
        assert.matches("not enough memory", errors)
        assert.equal(1, code)
      else
        assert.equal(0, code)
        assert.truthy(text:find("not enough memory\ntrue\n", 1, true)
          or text == "true\ntrue\n" or text:find("no memory for a heap\tENOMEM", 1, true))
      end
    end
  end)

  it("is served by the raw allocator if no arena can be obtained", function()
    assert.equal("true 0 true\n", output(work .. [[
      local heap = pymalloc.host { max_arenas = 0 }
      work(1000)
      local stats = heap:stats()
      print(heap:check(), stats.arenas_highwater, stats.raw_blocks > 100)
    ]]):gsub("\t", " "))
  end)
end)

describe("a block allocated before hosting", function()
  it("shrinks in place if the heap has no memory left", function()
    local faults = require "pymalloc_faults"
    local state = faults.state()
    assert.is_true(state:shrink_hosted(([[
      package.path, package.cpath = %q, %q
      return assert(require("pymalloc").host { max_bytes = 4 << 20 })
    ]]):format(package.path, package.cpath)))
    state:close()
  end)
end)
