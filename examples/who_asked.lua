-- Who asked for the blocks that keep arenas from being released?
--
-- The trace is of a program that makes 400,000 objects and then drops 99 of a
-- hundred. A recorder would write such a trace; here it is written by hand. Its
-- lines w define the frames of call stacks, and "@3" at the end of a request is
-- the frame that made it.

local pymalloc = require "pymalloc"

local OBJECTS = 400000

local lines = { [[
# pymalloc trace 1
w 1 0 app.py:40 <module>
w 2 1 app.py:12 load dict
w 3 1 app.py:21 keep tuple]] }

for id = 1, OBJECTS do
  table.insert(lines, ("a %d 56 @%d"):format(id, id % 100 == 0 and 3 or 2))
end
table.insert(lines, "m drop")
for id = 1, OBJECTS do
  if id % 100 ~= 0 then
    table.insert(lines, "f " .. id)
  end
end

local run <close> = assert(pymalloc.replay { text = table.concat(lines, "\n") .. "\n" })

local function describe()
  print(("after request %d, %d arenas are pinned by"):format(run.op,
    run.heap:stats().arenas_current))
  for _, pin in ipairs(run:pins()) do
    print(("  %-20s %6d blocks in %d arenas, in %d of them alone"):format(pin.where, pin.blocks,
      pin.arenas, pin.alone))
  end
end

run:continue { mark = "drop" }
describe()

run:seek(run.length)
describe()

local blocks, by_stack = run:pinned_by(0)
print(("arena 0: %d blocks, %d bytes, asked for by"):format(#blocks, by_stack[1].bytes))
for _, frame in ipairs(by_stack[1].where) do
  print("  " .. frame)
end
