-- Snapshots of PyTorch's CUDA memory (torch.cuda.memory._dump_snapshot): a pickle of plain
-- values, whose device_traces list the allocations and frees of each device, with the Python
-- stack of each. The requests are those to PyTorch's caching allocator, of the first device
-- that has any; those of others are counted. bindings/lua/sink_snapshot.h reads them.

local sinks = require "pymalloc.import.sink"

local M = {}

local BYTES_MOST = 1 << 32

-- Is it a pickle of a protocol from 2 on, with the name of one of the snapshot's parts?
function M.fits_bytes(head)
  return head:find("^\x80[\2-\5]") ~= nil
    and (head:find("device_traces", 1, true) or head:find("segments", 1, true)) ~= nil
end

-- Passes the pickle to the sink, up to a wrong operation. Returns a message if the input cannot
-- be read.
local function read_all(sink, input)
  local bytes = 0
  for piece in function() return input:piece() end do
    bytes = bytes + #piece
    if bytes > BYTES_MOST then
      return ("the file is longer than %d bytes"):format(BYTES_MOST)
    end
    if not sink.core:add(piece) then
      return nil -- sink.core:snapshot() says why
    end
  end
  return input.problem
end

-- "train.py:12 forward"
local function frame_text(file, line, name)
  return ("%s:%s %s"):format(tostring(file):match("[^/]*$"), tostring(line), tostring(name))
end

-- Frames have the same number if they have the same text. Returns a message if reading ends.
local function read_events(sink)
  local texts, numbers = {}, {}
  for stop, file, line, name in function() return sink.core:events() end do
    if stop == "pause" and not sink:flush() then
      return
    elseif stop == "deep" then
      return ("a stack has more than %d frames"):format(sinks.FRAMES_MOST)
    elseif stop == "unnamed" then
      sink:name_frames(texts)
    elseif stop == "frame" then
      local frame = frame_text(file, line, name)
      if not numbers[frame] then
        table.insert(texts, frame)
        numbers[frame] = #texts
      end
      sink.core:frame(numbers[frame])
    end
  end
end

function M.read(sink, input)
  local problem = read_all(sink, input)
  if problem then
    return problem
  end
  local devices
  devices, problem = sink.core:snapshot()
  if problem then
    return problem
  end
  sink.devices = devices
  return read_events(sink)
end

return M
