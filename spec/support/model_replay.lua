-- Runs a trace on the model and writes what `pymalloc replay` has to print.

local model = require "pymalloc.lesson.model"
local model_text = require "pymalloc.lesson.model.text"

local M = {}

local function numbers(line)
  local list = {}
  for word in line:sub(2):gmatch("%S+") do
    table.insert(list, math.tointeger(word))
  end
  return table.unpack(list)
end

local requests = {
  a = function(heap, _, size)
    return heap:malloc(size)
  end,
  c = function(heap, _, count, size)
    return heap:calloc(count, size)
  end,
  r = function(heap, block, size)
    return heap:realloc(block, size)
  end,
  f = function(heap, block)
    heap:free(block)
  end,
}

local function run_request(run, op, id, ...)
  local block = requests[op](run.heap, run.live[id], ...)
  run.opno = run.opno + 1
  if op == "f" or block then
    run.live[id] = block
  end
  if run.placements then
    local location = op == "f" and "-" or model.location(block)
    run.write(("%d %s %d %s\n"):format(run.opno, op, id, location))
  end
end

local function section(run, title, text)
  run.write(("%s %d\n%sEND\n"):format(title, run.opno, text))
end

local function dump(run)
  section(run, "STATE", model_text.dump(run.heap))
end

local function report(run)
  section(run, "STATS", model_text.report(run.heap))
end

local function run_line(run, line)
  local op = line:sub(1, 1)
  if op == "x" then
    run.heap:allow_arenas((numbers(line)))
  elseif op == "d" then
    dump(run)
  elseif op == "s" then
    report(run)
  elseif requests[op] then
    run_request(run, op, numbers(line))
    if run.dump_every and run.opno % run.dump_every == 0 then
      dump(run)
    end
  end
end

-- Runs a valid trace (an iterator of lines) on a new model of the geometry,
-- which it returns. Options: write (a function of text, called many times),
-- placements, dump_every, dump, stats, as on the command line.
function M.run(lines, geometry, options)
  local run = { heap = model.new(geometry), live = {}, opno = 0 }
  setmetatable(run, { __index = options })
  for line in lines do
    run_line(run, line)
  end
  if options.dump then
    dump(run)
  end
  if options.stats then
    report(run)
  end
  return run.heap
end

return M
