-- Calls every function of the binding that a script can reach, in random order
-- and with random arguments: objects of all kinds, results of earlier calls,
-- numbers at limits, and functions that make such calls themselves. Every heap
-- to which scripts cannot write passes its check after that.
--
-- PYMALLOC_SEED selects other calls, PYMALLOC_CALLS their number.

local pymalloc = require "pymalloc"
local core = require "pymalloc.core"
local requests = require "spec.support.requests"

local SEED = tonumber(os.getenv("PYMALLOC_SEED") or 1)
local CALLS = tonumber(os.getenv("PYMALLOC_CALLS") or 4000)
local KEPT = 80 -- the largest number of objects that are kept as arguments

-- The functions and tables of functions that are not called: they write or remove files, read
-- standard input, take Lua's memory, run commands, end the process, or replace the
-- dispatcher of all listeners.
local SPARED = { new_log = true, convert_log = true, log_about = true, save = true, load = true,
  replay_file = true, host = true, hosting = true, dispatch = true, experiment = true,
  make_folder = true, output = true, process = true }

local NUMBERS = { -1, 0, 1, 2, 3, 8, 17, 100, 512, 513, 4096, 5000, 1 << 40, 1 << 62,
  math.maxinteger, math.mininteger, 1.5, 2.0, 0 / 0, 1 / 0, -1 / 0, 2 ^ 53, 2 ^ 63 }

local STRINGS = { "", "u8", "i32", "f64", "3.6", "3.11", "classroom", "kind", "pool_full",
  "block_push", "nfreepools", "ref_count", "arena", "pool", "heap", "bytes of a string",
  "u8\0", "a 1 8\nf 1\n", "a 1 8\na 1 8\n" }

local OPTIONS = {
  {}, { profile = "classroom" }, { profile = "3.11", cache_blocks = 5 }, { debug = true },
  { checked = true, profile = "classroom" }, { debug = "3.8", cache_blocks = 3, quarantine = 0 },
  { profile = "classroom", max_arenas = 1 }, { retain_bytes = 0, count_hops = true },
}

local TRACE = ("a 1 8\na 2 64\nr 1 300\nf 2\nf 1\n"):rep(200)

local function sorted_names(holder)
  local names = {}
  for name in pairs(holder) do
    if type(name) == "string" and not SPARED[name] then
      table.insert(names, name)
    end
  end
  table.sort(names)
  return names
end

-- Returns every function of the library and of its metatables, once, in an order
-- that is the same each time.
local function reachable()
  local list, seen = {}, {}
  local function visit(holder)
    seen[holder] = true
    for _, name in ipairs(sorted_names(holder)) do
      local value = holder[name]
      if type(value) == "function" and not seen[value] then
        seen[value] = true
        table.insert(list, value)
      elseif type(value) == "table" and not seen[value] then
        visit(value)
      end
    end
  end
  visit(core)
  visit(pymalloc)
  local heap = pymalloc.heap()
  local b = heap:malloc(8)
  local run = assert(pymalloc.replay((pymalloc.trace.parse(TRACE))))
  for _, object in ipairs { heap, b, heap:arena(0), b:pool(), run, heap:on(print),
    heap:snapshot(), heap.geometry } do
    visit(debug.getmetatable(object))
  end
  assert(#list > 90, #list)
  return list
end

describe("a series of random calls", function()
  local functions = reachable()
  local random = requests.random(SEED)
  local kept, plain, depth = {}, {}, 0
  local adversary

  local function new_heap()
    local options = {}
    for name, value in pairs(OPTIONS[random(1, #OPTIONS)]) do
      options[name] = value
    end
    options.max_bytes = 1 << 26
    local heap = assert(pymalloc.heap(options))
    if not options.debug and not options.checked then
      plain[heap] = true
    end
    return heap
  end

  -- Makes a random call itself, and ignores the reason for which it is called.
  local function callback(...)
    if depth < 3 then
      depth = depth + 1
      adversary()
      depth = depth - 1
    end
    return (select(random(1, 3), ...)), error
  end

  local makers = {
    new_heap,
    function()
      return assert(pymalloc.replay((pymalloc.trace.parse(TRACE))))
    end,
    function()
      return setmetatable({ 1, 2, 3 }, { __len = callback, __index = callback, __call = callback,
        __gc = callback, __name = "pymalloc.Heap", __close = callback })
    end,
    function()
      return coroutine.wrap(function(...)
        callback(...)
        coroutine.yield(callback(...))
      end)
    end,
    function()
      return callback
    end,
    function()
      return { 1, 2, "x", 1.5 }
    end,
    function()
      return { profile = "classroom", kind = "pool_full", max_arenas = 3 }
    end,
  }

  local function keep(value)
    if type(value) == "userdata" or type(value) == "table" or type(value) == "function" then
      kept[#kept < KEPT and #kept + 1 or random(1, KEPT)] = value
    end
  end

  local function argument()
    local choice = random(1, 10)
    if choice <= 6 and #kept > 0 then
      return kept[random(1, #kept)]
    elseif choice <= 8 then
      return NUMBERS[random(1, #NUMBERS)]
    elseif choice == 9 then
      return STRINGS[random(1, #STRINGS)]
    end
    return nil
  end

  local function count_arguments()
    return random(1, 5)
  end

  local function keep_results(_, ...)
    for i = 1, math.min(select("#", ...), 3) do
      keep((select(i, ...)))
    end
  end

  -- Makes one random call, in half of the cases of a method of its first argument.
  function adversary()
    local target, f = argument(), functions[random(1, #functions)]
    if random(1, 2) == 1 and type(target) == "userdata" then
      local metatable = debug.getmetatable(target)
      local methods = metatable and core.methods[(metatable.__name or ""):match("%.(%a+)$")]
      local names = {}
      for name in pairs(methods or {}) do
        table.insert(names, name)
      end
      table.sort(names)
      f = #names > 0 and methods[names[random(1, #names)]] or f
    end
    local given = {}
    for i = 1, count_arguments() do
      given[i] = argument()
    end
    keep_results(pcall(f, target, table.unpack(given, 1, 5)))
  end

  it("breaks no invariant of a heap", function()
    local closed = 0
    for call = 1, CALLS do
      if call % 20 == 1 then
        keep(makers[random(1, #makers)]())
      end
      adversary()
      if call % 50 == 0 then
        for heap in pairs(plain) do
          local is_fine, text = pcall(heap.check, heap)
          assert(is_fine or text:match("the heap is closed$"), text)
          closed = closed + (is_fine and 0 or 1)
          plain[heap] = is_fine or nil
        end
      end
      if call % 500 == 0 then
        kept = table.move(kept, #kept // 2, #kept, 1, {})
        collectgarbage()
      end
    end
    -- While a state is closed, Lua does not finalize objects that finalizers make,
    -- so callbacks make no calls from here on.
    depth = math.huge
    assert.is_true(closed > 0)
  end)
end)
