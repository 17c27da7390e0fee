-- Runs requests on a heap and on the model, and finds the first difference.

local pymalloc = require "pymalloc"
local model = require "pymalloc.lesson.model"
local model_text = require "pymalloc.lesson.model.text"
local requests = require "spec.support.requests"

local M = {}

local function heap_location(buffer)
  if not buffer then
    return "NULL"
  end
  local place = buffer:location()
  return place and ("%d:%d:%d"):format(place.arena, place.pool, place.offset) or "L"
end

-- {=== The content of a block: its id in the first and in the last byte

local function stamp(buffer, id)
  if buffer and #buffer > 0 then
    buffer[1] = id & 0xff
    buffer[#buffer] = id & 0xff
  end
end

local function check_stamp(buffer, id, at)
  if at >= 1 and at <= #buffer and buffer[at] ~= id & 0xff then
    error(("block %d was overwritten: %d at %d"):format(id, buffer[at], at))
  end
end

-- {=== Requests on the heap

local on_heap = {}

function on_heap.a(run, _, size)
  return (run.heap:malloc(size))
end

-- A product that overflows raises an error in Lua; in C the request is refused.
function on_heap.c(run, _, count, size)
  local ok, buffer = pcall(run.heap.calloc, run.heap, count, size)
  return ok and buffer or nil
end

-- Asserts that the bytes that fit in the new size were kept.
function on_heap.r(run, id, size)
  local old = run.buffers[id]
  if not old then
    return (run.heap:malloc(size))
  end
  local old_count = #old
  local buffer = run.heap:realloc(old, size)
  if buffer then
    check_stamp(buffer, id, math.min(old_count, 1))
    check_stamp(buffer, id, old_count)
  end
  return buffer
end

function on_heap.f(run, id)
  local buffer = run.buffers[id]
  if buffer then
    check_stamp(buffer, id, 1)
    check_stamp(buffer, id, #buffer)
    run.heap:free(buffer)
  end
end

-- {=== Requests on the model

local on_model = {
  a = function(run, _, size)
    return run.model:malloc(size)
  end,
  c = function(run, _, count, size)
    return run.model:calloc(count, size)
  end,
  r = function(run, id, size)
    return run.model:realloc(run.blocks[id], size)
  end,
  f = function(run, id)
    run.model:free(run.blocks[id])
  end,
}

local function same(what, got, expected)
  if got ~= expected then
    error(("%s: the heap has\n%s\nthe model has\n%s"):format(what, got, expected), 0)
  end
end

local function request(run, op, id, ...)
  local buffer = on_heap[op](run, id, ...)
  local block = on_model[op](run, id, ...)
  if op == "f" then
    run.buffers[id], run.blocks[id] = nil, nil
    return
  end
  same("location", heap_location(buffer), model.location(block))
  if buffer then
    run.buffers[id], run.blocks[id] = buffer, block
    stamp(buffer, id)
  end
end

local function allow_arenas(run, count)
  run.heap:allow_arenas(count >= 0 and count or nil)
  run.model:allow_arenas(count)
end

local function step(run, op, ...)
  if op == "x" then
    allow_arenas(run, ...)
  else
    request(run, op, ...)
  end
end

local function stop(run)
  same("dump", run.heap:dump(), model_text.dump(run.model))
end

local function run_all(run, list, rhythm)
  for i, one in ipairs(list) do
    run.at = i
    step(run, table.unpack(one))
    if i % rhythm.check == 0 then
      assert(run.heap:check())
    end
    if i % rhythm.dump == 0 or i == #list then
      stop(run)
    end
  end
end

-- Returns the command that replays a trace on a heap with these options.
local function command(options)
  local words = {}
  for name, value in pairs(options) do
    table.insert(words, ("--%s %s"):format(name:gsub("_", "-"), value))
  end
  table.sort(words)
  return "# pymalloc replay TRACE --placements --dump " .. table.concat(words, " ")
end

-- Fails at the first request for which a heap of these geometry options and the
-- model differ; the message has the trace up to it, and `title`, which names the
-- source of the requests. `rhythm` has the numbers of requests between two checks
-- of all invariants and between two dumps. Returns the model in its last state.
function M.assert_agree(title, options, list, rhythm)
  local run = {
    heap = pymalloc.heap(options),
    model = model.new(options),
    buffers = {},
    blocks = {},
    at = 0,
  }
  local ok, message = pcall(run_all, run, list, rhythm)
  if not ok then
    error(("%s, request %d\n%s\n%s\n%s"):format(title, run.at, message,
      command(options), requests.text(list, run.at)), 2)
  end
  run.heap:close()
  return run.model
end

return M
