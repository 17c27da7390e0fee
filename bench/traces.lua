-- How long it takes to read a trace into memory, as text and in the packed form.
--
-- script/bench-traces runs it. The times are processor times of this process, the least of all
-- rounds; neither file is packed by another tool.

local command = require "spec.support.command"
local pymalloc = require "pymalloc"

local SECONDS = 4 -- for each trace

local function seconds(path)
  local began = os.clock()
  local loaded <close> = assert(pymalloc.trace.loaded(path))
  return os.clock() - began, #loaded
end

-- The least times to read two files, which are read in turns, and the number of requests.
local function both(one, other)
  local started, first, second = os.clock(), math.huge, math.huge
  local requests
  repeat
    local time, count = seconds(one)
    first, second, requests = math.min(first, time), math.min(second, (seconds(other))), count
  until os.clock() - started > SECONDS
  return first, second, requests
end

local function size_of(path)
  local file <close> = assert(io.open(path, "rb"))
  return file:seek("end")
end

local function measure(name)
  local trace = assert(pymalloc.trace.load(name))
  local text <close> = command.file("", ".trace")
  local packed <close> = command.file("", ".ptrace")
  assert(pymalloc.trace.save(trace, text.path))
  local began = os.clock()
  assert(pymalloc.trace.save(trace, packed.path))
  local packing = os.clock() - began
  local of_text, of_packed, requests = both(text.path, packed.path)
  print(("%s: %d requests; text %d bytes, packed %d bytes"):format(name, requests,
    size_of(text.path), size_of(packed.path)))
  print(("  reading text %.1f ns a request, packed %.1f ns: %.1f times as fast"):format(
    of_text / requests * 1e9, of_packed / requests * 1e9, of_text / of_packed))
  print(("  packing %.0f ns a request"):format(packing / requests * 1e9))
end

for _, name in ipairs(#arg > 0 and arg or { "@startup", "@json" }) do
  measure(name)
end
