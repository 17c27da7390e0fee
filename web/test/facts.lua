-- Texts that are the same wherever the library runs, and functions that misbehave. Tests run this
-- file natively, and in the WebAssembly module as pymalloc.play.

local runs = require "pymalloc.run"

local M = {}

local STOPS = 20

-- The events of the first requests.
local function add_events(lines, run, count)
  for _ = 1, math.min(count, run.length) do
    run:step()
    for _, event in ipairs(run:events()) do
      table.insert(lines, tostring(event))
    end
  end
end

--- The events of the first 3,000 requests, the hashes of the state at 20 moments, and the states at
-- the middle and at the end.
function M.replayed(path, profile)
  local run = assert(runs.replay(path, { profile = profile }))
  local lines = {}
  add_events(lines, run, 3000)
  for stop = 1, STOPS do
    run:seek(run.length * stop // STOPS)
    table.insert(lines, ("%d %s"):format(run.op, run.heap:hash()))
    if stop * 2 == STOPS or stop == STOPS then
      table.insert(lines, run.heap:dump())
    end
  end
  return table.concat(lines, "\n")
end

--- The events of a text of requests.
function M.typed(text)
  local run = assert(runs.replay({ text = text }))
  local lines = {}
  add_events(lines, run, run.length)
  return table.concat(lines, "\n")
end

function M.forever()
  while true do
    pcall(M.forever_inside) -- catches the error once; the next instruction raises it again
  end
end

function M.forever_inside()
  repeat until false
end

function M.forever_in_a_coroutine()
  return coroutine.wrap(M.forever_inside)()
end

function M.fill_tables()
  local all = {}
  while true do
    table.insert(all, ("x"):rep(1e6) .. #all)
  end
end

function M.fill_heaps()
  local core = require "pymalloc.core"
  local all = {}
  while true do
    table.insert(all, (assert(core.heap():malloc(1e7))))
  end
end

function M.nest(depth)
  if depth == 0 then
    return "deep"
  end
  return select(2, pcall(string.gsub, "x", "x", function() return M.nest(depth - 1) end))
end

function M.nest_parser()
  return load(("("):rep(100000)) and "loaded" or nil, select(2, load(("("):rep(100000)))
end

function M.recurse()
  return 1 + M.recurse()
end

function M.print(text)
  print(text)
end

function M.files()
  local results = {}
  local function note(...)
    for _, result in ipairs { ... } do
      table.insert(results, tostring(result))
    end
  end
  note(io.open("no/such/file"))
  note(io.open("no/such/file", "w"))
  local name = os.tmpname()
  local file <close> = assert(io.open(name, "w+"))
  note(file:seek("end"), file:write("0123456789") == file, file:seek("set", 3), file:read(4))
  note(file:seek("set", 12), file:write("!") == file, file:seek("set"), file:read("a"))
  local more <close> = assert(io.open(name, "a"))
  note(more:write("more") == more, more:close(), #assert(io.open(name)):read("a"))
  note(os.rename(name, name .. "2"), select(2, io.open(name)):match(": (.*)"))
  note(os.remove(name .. "2"), select(2, os.remove(name .. "2")):match(": (.*)"))
  note(pcall(io.lines, "no/such/file"))
  local temporary <close> = io.tmpfile()
  note(temporary:write("x") == temporary, temporary:seek("cur"))
  return results
end

return M
