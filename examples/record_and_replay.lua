-- Records the requests of Lua to its allocator, and replays them on a heap of another
-- geometry, forwards and backwards.
local pymalloc = require "pymalloc"

local trace = pymalloc.trace.record(function()
  local words = {}
  for i = 1, 200 do
    words[i] = { "word", i }
  end
  return #words
end)
print("recorded", trace.requests .. " requests")

-- Traces are text files. Functions that read them unpack .gz, .xz and .zst files.
local path = os.tmpname()
assert(pymalloc.trace.save(trace, path))

local run = assert(pymalloc.replay(path, { profile = "classroom" }))
os.remove(path)
run:continue("arena_new")
print("first arena obtained", "by request " .. run.op)
run:seek(300)
run:continue("pool_full")
print("next pool full", "after request " .. run.op)
local full = run.heap:hash()

run:back(5)
print("5 requests back", run)
run:step(5)
print("5 forwards again", run.heap:hash() == full and "the same state" or "another state")

-- The events that a free of the current request's block would cause.
for _, event in ipairs(run:what_if_free(run:request().id)) do
  print("a free would cause the event", event.kind)
end
