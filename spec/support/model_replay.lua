-- Runs a trace on the model, and writes the output that `pymalloc replay` must have.

local model = require "pymalloc.lesson.model"
local model_text = require "pymalloc.lesson.model.text"
local pymalloc = require "pymalloc"

local M = {}

local LETTERS = { malloc = "a", calloc = "c", realloc = "r", free = "f" }

local requests = {
  malloc = function(heap, _, size)
    return heap:malloc(size)
  end,
  calloc = function(heap, _, size, count)
    return heap:calloc(count, size)
  end,
  realloc = function(heap, block, size)
    return heap:realloc(block, size)
  end,
  free = function(heap, block)
    heap:free(block)
  end,
}

local function run_request(run, operation, id, ...)
  local block = requests[operation](run.heap, run.live[id], ...)
  local is_free = operation == "free"
  run.opno = run.opno + 1
  if is_free or block then
    run.live[id] = block
  end
  if run.placements then
    local location = is_free and "-" or model.location(block)
    run.write(("%d %s %d %s\n"):format(run.opno, LETTERS[operation], id, location))
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

local function run_operation(run, operation, id, size, count)
  if operation == "allow" then
    run.heap:allow_arenas(count)
  elseif operation == "offset" then
    run.heap:offset_arenas(count)
  elseif operation == "dump" then
    dump(run)
  elseif operation == "report" then
    report(run)
  elseif requests[operation] then
    run_request(run, operation, id, size, count)
    if run.dump_every and run.opno % run.dump_every == 0 then
      dump(run)
    end
  end
end

-- Runs the valid trace at `path` on a new model of the geometry, and returns the
-- model. Options: write, a function that gets the output in pieces, and
-- placements, dump_every, dump and stats as on the command line.
function M.run(path, geometry, options)
  local run = { heap = model.new(geometry), live = {}, opno = 0 }
  setmetatable(run, { __index = options })
  for operation, id, size, count in pymalloc.trace.each(path) do
    run_operation(run, operation, id, size, count)
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
