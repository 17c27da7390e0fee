-- bench/buffers/main.lua [ROUNDS]: the cost of operations on typed buffers, compared
-- with an empty C call and, if it is installed, with lua-carray.
-- bench/buffers/main.lua NAME N: does the case with that name N times, for callgrind.
--
-- Processor time, the best of several rounds in which the cases take turns, every other
-- round backwards: what a case costs depends on the memory that the one before it left.
-- The time of an empty loop is subtracted.

local pymalloc = require "pymalloc"
local empty = require "empty"
local markdown = dofile("bench/markdown.lua")
local has_carray, carray = pcall(require, "carray")

local ROUNDS, LOOPS = tonumber(arg[1]) or 60, 200000

local heap = pymalloc.heap()
local list, object = {}, empty.new()
for i = 1, 1000 do
  list[i] = i
end
local ints, floats = heap:buffer("i32", list), heap:buffer("f64", list)
local slice, bytes = ints:slice(1), heap:buffer("u8", 8000)
local other, null = heap:buffer("i32", list), assert(io.open("/dev/null", "w"))
local exact, hosting = heap, pymalloc.heap { profile = "3.11", cache_blocks = 1024 }

local function read(array)
  return function(n)
    for i = 1, n do
      local _ = array[i % 1000 + 1]
    end
  end
end

local function write(array)
  return function(n)
    for i = 1, n do
      array[i % 1000 + 1] = i
    end
  end
end

-- name; a function that does it n times; a divisor for n; the loop to subtract
local cases = {
  { "an empty C call", function(n) local f = empty.call for _ = 1, n do f() end end },
  { "__index in C that gives 0", function(n) for i = 1, n do local _ = object[i] end end },
  { "t[i] of a table", read(list), 1, "modulo" },
  { "b[i] of i32", read(ints), 1, "modulo" },
  { "b[i] of f64", read(floats), 1, "modulo" },
  { "s[i] of a slice", read(slice), 1, "modulo" },
  { "b[i] = v of i32", write(ints), 1, "modulo" },
  { "b[i] = v of f64", write(floats), 1, "modulo" },
  { "#b", function(n) for _ = 1, n do local _ = #ints end end },
  { "for i, v in b:iter()", function(n)
    for _ = 1, n // 1000 do for _, _ in ints:iter() do end end
  end, 1, "nothing" },
  { "heap:buffer('u8', 64), dropped", function(n)
    for _ = 1, n do local _ = exact:buffer("u8", 64) end
    collectgarbage()
  end, 10 },
  { "the same of a cached heap", function(n)
    for _ = 1, n do local _ = hosting:buffer("u8", 64) end
    collectgarbage()
  end, 10 },
  { "heap:buffers('u8', 64, 1000), each", function(n)
    for _ = 1, n // 1000 do local _ = exact:buffers("u8", 64, 1000) end
    collectgarbage()
  end, 10 },
  { "heap:buffer('f64', table of 1000), each", function(n)
    for _ = 1, n // 1000 do exact:buffer("f64", list):free() end
  end, 1, "nothing" },
  { "b:totable(), each element", function(n)
    for _ = 1, n // 1000 do local _ = floats:totable() end
  end, 1, "nothing" },
  { "b:fill(v), each element", function(n)
    for _ = 1, n // 1000 do ints:fill(7) end
  end, 1, "nothing" },
  { "b:pack(8, '<i4d', i, 0.5)", function(n)
    for i = 1, n do bytes:pack(8, "<i4d", i, 0.5) end
  end },
  { "b:copy(string.pack('<i4d', i, 0.5), 9)", function(n)
    for i = 1, n do bytes:copy(string.pack("<i4d", i, 0.5), 9) end
  end },
  { "b:unpack(8, '<i4d')", function(n)
    for _ = 1, n do local _ = bytes:unpack(8, "<i4d") end
  end },
  { "string.unpack('<i4d', b:string(9, 20))", function(n)
    for _ = 1, n do local _ = string.unpack("<i4d", bytes:string(9, 20)) end
  end },
  { "b:readbits(13, 21)", function(n) for _ = 1, n do local _ = bytes:readbits(13, 21) end end },
  { "b:view('f64'), dropped", function(n)
    for _ = 1, n do local _ = bytes:view("f64") end
    collectgarbage()
  end, 10 },
  { "b:find(v), each element", function(n)
    for _ = 1, n // 1000 do local _ = ints:find(-1) end
  end, 1, "nothing" },
  { "b:compare(other), each element", function(n)
    for _ = 1, n // 1000 do local _ = other:compare(other) end
  end, 1, "nothing" },
  { "b:copy(of another type), each element", function(n)
    for _ = 1, n // 1000 do floats:copy(other) end
  end, 1, "nothing" },
  { "b:byteswap(), each element", function(n)
    for _ = 1, n // 1000 do floats:byteswap() end
  end, 1, "nothing" },
  { "b:write(file) of f64, each element", function(n)
    for _ = 1, n // 1000 do floats:write(null) end
  end, 1, "nothing" },
  { "file:write(b:string()), each element", function(n)
    for _ = 1, n // 1000 do null:write(floats:string()) end
  end, 1, "nothing" },
  { "a userdata of 64 bytes, dropped", function(n)
    for _ = 1, n do local _ = empty.new() end
    collectgarbage()
  end, 10 },
  { "the same with a user value and an empty finalizer, 1000 in a call, each", function(n)
    for _ = 1, n // 1000 do local _ = empty.finalized(1000) end
    collectgarbage()
  end, 10 },
  { "a table {1, 2}, dropped", function(n)
    for i = 1, n do local _ = { i, 2 } end
    collectgarbage()
  end, 10 },
}

if has_carray then
  local array = carray.new("int", 1000)
  table.insert(cases, { "a:get(i) of lua-carray", function(n)
    for i = 1, n do local _ = array:get(i % 1000 + 1) end
  end, 1, "modulo" })
  table.insert(cases, { "a:set(i, v) of lua-carray", function(n)
    for i = 1, n do array:set(i % 1000 + 1, i) end
  end, 1, "modulo" })
  table.insert(cases, { "carray.new('unsigned char', 64), dropped", function(n)
    for _ = 1, n do local _ = carray.new("unsigned char", 64) end
    collectgarbage()
  end, 10 })
end

local function run_case(name, n)
  for _, case in ipairs(cases) do
    if case[1] == name then
      case[2](n)
    end
  end
end

local loops = {
  plain = function(n) for i = 1, n do local _ = i end end,
  modulo = function(n) for i = 1, n do local _ = i % 1000 + 1 end end,
  nothing = function() end,
}

local function seconds(run, n)
  collectgarbage()
  local begin = os.clock()
  run(n)
  return os.clock() - begin
end

local best = {}
local function note(name, time)
  best[name] = math.min(best[name] or math.huge, time)
end

local function run_rounds()
  for round = 1, ROUNDS do
    for name, loop in pairs(loops) do
      note(name, seconds(loop, LOOPS) / LOOPS)
    end
    for i = 1, #cases do
      local case = cases[round % 2 == 1 and i or #cases + 1 - i]
      local n = LOOPS // (case[3] or 1)
      note(case[1], seconds(case[2], n) / n)
    end
  end
end

local function print_table()
  local call = best[cases[1][1]] - best.plain
  markdown.header { "operation", "ns", "empty C calls" }
  for _, case in ipairs(cases) do
    local time = best[case[1]] - best[case[4] or "plain"]
    markdown.row { case[1], ("%.1f"):format(time * 1e9), ("%.2f"):format(time / call) }
  end
end

if arg[2] then
  run_case(arg[1], tonumber(arg[2]))
else
  run_rounds()
  print_table()
end
