-- Lists who asked for the blocks that keep arenas from being released. The trace is of a
-- program that makes 400,000 objects and frees 99 of each hundred. A recorder would write it;
-- here it is written by hand: lines "w" define the frames of call stacks, and "@3" at the end
-- of a request names the frame that made it.
local pymalloc = require "pymalloc"

local lines = { [[
# pymalloc trace 1
w 1 0 app.py:40 <module>
w 2 1 app.py:12 load dict
w 3 1 app.py:21 keep tuple]] }
for id = 1, 400000 do
  table.insert(lines, ("a %d 56 @%d"):format(id, id % 100 == 0 and 3 or 2))
end
table.insert(lines, "m drop")
for id = 1, 400000 do
  if id % 100 ~= 0 then
    table.insert(lines, "f " .. id)
  end
end

local run <close> = assert(pymalloc.replay { text = table.concat(lines, "\n") .. "\n" })

local function print_pins()
  local count = run.heap:stats().arenas_current
  print(("after request %d, %d arenas are pinned by"):format(run.op, count))
  for _, pin in ipairs(run:pins()) do
    print(("  %-20s %6d blocks in %d arenas, in %d of them alone"):format(pin.where, pin.blocks,
      pin.arenas, pin.alone))
  end
end

run:continue { mark = "drop" }
print_pins()
run:seek(run.length)
print_pins()

local blocks, by_stack = run:pinned_by(0)
print(("arena 0: %d blocks, %d bytes, asked for by"):format(#blocks, by_stack[1].bytes))
print("  " .. table.concat(by_stack[1].where, "\n  "))
