-- Snapshots of PyTorch's CUDA memory (torch.cuda.memory._dump_snapshot): a pickle of plain
-- values, whose device_traces list the allocations and frees of each device, with the Python
-- stack of each. The requests are those to PyTorch's caching allocator, of the first device
-- that has any; those of others are counted.

local pickle = require "pymalloc.import.pickle"

local M = {}

local BYTES_MOST = 1 << 32

-- Is it a pickle of a protocol from 2 on, with the name of one of the snapshot's parts?
function M.fits_bytes(head)
  return head:find("^\x80[\2-\5]") ~= nil
    and (head:find("device_traces", 1, true) or head:find("segments", 1, true)) ~= nil
end

local function read_all(input)
  local pieces, bytes = {}, 0
  for piece in function() return input:piece() end do
    table.insert(pieces, piece)
    bytes = bytes + #piece
    if bytes > BYTES_MOST then
      return nil, ("the file is longer than %d bytes"):format(BYTES_MOST)
    end
  end
  return not input.problem and table.concat(pieces) or nil, input.problem
end

-- "train.py:12 forward"
local function frame_text(frame)
  return ("%s:%s %s"):format(tostring(frame.filename):match("[^/]*$"), tostring(frame.line),
    tostring(frame.name))
end

-- The site of a stack, whose innermost frame is the first.
local function site_of(sink, known, frames)
  local site = 0
  for i = #(frames or {}), 1, -1 do
    local text = frame_text(frames[i])
    local below = known[site] or {}
    known[site] = below
    below[text] = below[text] or sink.core:site(site, text)
    site = below[text]
  end
  return site
end

local function is_event(event)
  return type(event) == "table" and math.type(event.addr) == "integer" and event.addr ~= 0
end

-- A trace may have free_completed, or only free_requested.
local function free_action(trace)
  for _, event in ipairs(trace) do
    if is_event(event) and event.action == "free_completed" then
      return "free_completed"
    end
  end
  return "free_requested"
end

local function read_trace(sink, trace)
  local known, free = {}, free_action(trace)
  for _, event in ipairs(trace) do
    if is_event(event) and event.action == "alloc" and math.type(event.size) == "integer" then
      sink.core:at(site_of(sink, known, event.frames))
      sink:malloc(event.addr, event.size)
    elseif is_event(event) and event.action == free then
      sink:free(event.addr)
    end
  end
end

function M.read(sink, input)
  local text, problem = read_all(input)
  local snapshot
  if text then
    snapshot, problem = pickle.read(text)
  end
  if problem then
    return problem
  elseif type(snapshot) ~= "table" or type(snapshot.device_traces) ~= "table" then
    return "the snapshot has no device_traces: record with _record_memory_history first"
  end
  local is_read = false
  for _, trace in ipairs(snapshot.device_traces) do
    if type(trace) == "table" and #trace > 0 then
      if is_read then
        sink.devices = sink.devices + #trace
      else
        read_trace(sink, trace)
        is_read = true
      end
    end
  end
end

return M
