-- The heaps that statements have made, in the order in which they were made. The last events of
-- each are kept. While a statement runs, a heap is looked at before it is closed.

local core = require "pymalloc.core"
local pymalloc = require "pymalloc"

local M = {}

local EVENTS = 64 -- events that a heap keeps

local Heaps = {}
Heaps.__index = Heaps

-- Is it a heap that is not closed?
local function is_open(heap)
  return pcall(heap.size_class, heap, 1)
end

--- Adds a heap; returns it.
function Heaps:add(heap)
  self.count = self.count + 1
  self.numbers[heap] = self.count
  self.newest = heap
  pcall(heap.keep_events, heap, EVENTS)
  return heap
end

-- A function of the library that makes a heap, or a value with one. It is called by pcall, so
-- that the place in its errors is that of the statement.
local function making(self, make, heap_of)
  return function(...)
    local results = table.pack(pcall(make, ...))
    if not results[1] then
      error(results[2], 2)
    end
    local heap = heap_of(results[2])
    if heap and not self.numbers[heap] then
      self:add(heap)
    end
    return table.unpack(results, 2, results.n)
  end
end

local function itself(heap)
  return heap
end

local function heap_of_run(run)
  return run and run.heap
end

-- The heap that a value is or has; nil for other values, and for a run that is closed.
local function heap_in(value)
  local kind = core.kind(value)
  local ok, heap = pcall(kind == "Run" and heap_of_run or itself, value)
  return (kind == "Heap" or kind == "Run") and ok and heap or nil
end

--- A table with all fields of the library, in which the heaps that are made are added here.
function Heaps:library()
  local library = {}
  for name, value in pairs(pymalloc) do
    library[name] = value
  end
  library.heap = making(self, pymalloc.heap, itself)
  library.host = making(self, pymalloc.host, itself)
  library.replay = making(self, pymalloc.replay, heap_of_run)
  return library
end

-- A function that closes a heap or a run, and looks at the heap before.
local function looking(self, look, close, heap_of)
  return function(closing, ...)
    local ok, heap = pcall(heap_of, closing)
    if ok and self.numbers[heap] and is_open(heap) then
      pcall(look, heap)
    end
    return close(closing, ...)
  end
end

--- Calls look(heap) with each heap that is closed while f(...) runs, before it is closed.
-- @return the results of f
function Heaps:watching(look, f, ...)
  local saved = {}
  for i, probe in ipairs(self.probes) do
    local metatable, methods = debug.getmetatable(probe.value), core.methods[probe.kind]
    saved[i] = { metatable = metatable, methods = methods, ending = metatable.__close,
      close = methods.close }
    metatable.__close = looking(self, look, metatable.__close, probe.heap_of)
    methods.close = looking(self, look, methods.close, probe.heap_of)
  end
  local results = table.pack(f(...))
  for _, one in ipairs(saved) do
    one.metatable.__close, one.methods.close = one.ending, one.close
  end
  return table.unpack(results, 1, results.n)
end

-- The heaps that are open, with their numbers, the newest first.
local function open_ones(self)
  local list = {}
  for heap, number in pairs(self.numbers) do
    if is_open(heap) then
      table.insert(list, { heap = heap, number = number })
    end
  end
  table.sort(list, function(a, b) return a.number > b.number end)
  return list
end

-- From a heap to the name of a global variable that has it, or a run of it.
local function names_in(environment)
  local found = {}
  for name, value in next, environment do
    local heap = type(name) == "string" and heap_in(value)
    if heap and (not found[heap] or name < found[heap]) then
      found[heap] = name
    end
  end
  return found
end

--- The name of a heap: that of a global variable or, if none has it, such as "heap 2".
function Heaps:name_of(heap, environment)
  return names_in(environment)[heap] or "heap " .. self.numbers[heap]
end

--- The heaps that are open, the newest first: each with heap, number and name.
function Heaps:list(environment)
  local names, list = names_in(environment), open_ones(self)
  for _, one in ipairs(list) do
    one.name = names[one.heap] or "heap " .. one.number
  end
  return list
end

--- A list without heaps.
function M.new()
  return setmetatable({ numbers = setmetatable({}, { __mode = "k" }), count = 0,
    probes = { { kind = "Heap", value = pymalloc.heap(), heap_of = itself },
      { kind = "Run", value = assert(pymalloc.replay { text = "" }), heap_of = heap_of_run } },
  }, Heaps)
end

return M
