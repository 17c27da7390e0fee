-- The format of "memray parse FILE.bin": a line for each record of the file.
--
--     ALLOCATION address=0x5600 size=24 allocator=malloc native_frame_id=0
--     ALLOCATION address=0x5600 size=0 allocator=free native_frame_id=0
--     FRAME_ID frame_id=1 function_name=main filename=app.py lineno=12 is_entry_frame=1
--     FRAME_PUSH frame_id=1     FRAME_POP count=1     CONTEXT_SWITCH tid=1234
--
-- From version 13 of the file on, a frame has the number of its code, and the log does not say at
-- which line of the code it is:
--
--     CODE_OBJECT code_id=1 function_name=main filename=app.py firstlineno=10 linetable_size=9
--     FRAME_PUSH code_object_id=1 instruction_offset=24 is_entry_frame=1
--
-- A realloc is a free and an allocation. mmap and munmap are left out. The templates read nearly
-- all lines: bindings/lua/sink_frames.h has the stacks. Lines of new frames are read here, and
-- allocations for which a frame has to be named.

local sinks = require "pymalloc.import.sink"

local M = {
  templates = { "push|FRAME_PUSH frame_id=%i", "pop|FRAME_POP count=%i",
    "thread|CONTEXT_SWITCH tid=%i", "push|FRAME_PUSH code_object_id=%i %*" },
}

local THREADS_MOST, FRAME_ID_MOST = 1 << 16, (1 << 32) - 1 -- as bindings/lua/sink_frames.h has

local verbs = { free = "free", pymalloc_free = "free", mmap = "skip", munmap = "skip" }

-- The form of today's memray first.
for _, form in ipairs { "ALLOCATION address=%%a size=%%s allocator=%s native_frame_id=%%i",
  "ALLOCATION address=%%a size=%%s allocator=%s",
  "ALLOCATION_WITH_NATIVE address=%%a size=%%s allocator=%s %%*" } do
  for _, name in ipairs { "pymalloc_malloc", "pymalloc_free", "malloc", "free", "pymalloc_realloc",
    "realloc", "pymalloc_calloc", "calloc", "posix_memalign", "aligned_alloc", "mmap",
    "munmap" } do
    table.insert(M.templates, (verbs[name] or "stack_malloc") .. "|" .. form:format(name))
  end
end

table.insert(M.templates, "skip|NATIVE_FRAME_ID %*")
table.insert(M.templates, "skip|MEMORY_RECORD %*")

function M.fits(lines)
  for i = 1, math.min(#lines, 1000) do
    if lines[i]:find("^HEADER magic=memray")
      or lines[i]:find("^ALLOCATION[%u_]* .*address=0x%x+ size=") then
      return true
    end
  end
  return false
end

-- The texts of frames, by their numbers.
local function texts_of(sink)
  sink.texts = sink.texts or {}
  return sink.texts
end

local readers = {}

local function define(sink, id, name, file, line)
  texts_of(sink)[sinks.number(id)] = ("%s:%s %s"):format(file:match("[^/]*$"), line, name)
  return true
end

function readers.FRAME_ID(sink, text)
  return define(sink, text:match(
    "^frame_id=(%d+) function_name=(.-) filename=(.-) lineno=(%-?%d+)"))
end

function readers.CODE_OBJECT(sink, text)
  return define(sink, text:match(
    "^code_id=(%d+) function_name=(.-) filename=(.-) firstlineno=(%-?%d+)"))
end

function readers.FRAME_PUSH(sink, text)
  local id = sinks.number(text:match("^frame_id=(%d+)") or text:match("^code_object_id=(%d+)"))
  if sink.core:put("push", id) then
    return true
  elseif math.ult(FRAME_ID_MOST, id) then
    return false, ("a frame_id is at most %d"):format(FRAME_ID_MOST)
  end
  return nil, ("the call stacks have more than %d frames"):format(sinks.FRAMES_MOST)
end

function readers.FRAME_POP(sink, text)
  return sink.core:put("pop", sinks.number(text:match("^count=(%d+)")))
end

function readers.CONTEXT_SWITCH(sink, text)
  local thread = sinks.number(text:match("^tid=(%d+)"))
  if sink.core:put("thread", thread) then
    return true
  elseif thread == -1 then -- 2^64 - 1
    return false, "a tid is at most 18446744073709551614"
  end
  return nil, ("more than %d threads have frames"):format(THREADS_MOST)
end

function readers.ALLOCATION(sink, text)
  local address, size, allocator = text:match("address=(0x%x+) size=(%d+) allocator=(%S+)")
  local verb = verbs[allocator] or "stack_malloc"
  if verb == "skip" then
    return true
  elseif verb == "free" then
    sink:free(address)
    return true
  end
  address, size = sinks.number(address), sinks.number(size)
  if address ~= 0 then
    sink:name_frames(texts_of(sink))
    sink.core:put("stack_malloc", address, size)
  end
  return true
end
readers.ALLOCATION_WITH_NATIVE = readers.ALLOCATION

function M.line(sink, line)
  local word, text = line:match("^([%u_]+)%s*(.*)$")
  if word == "AGGREGATED_ALLOCATION" then
    return nil, "the file has only sums: run memray without --aggregate"
  elseif readers[word] then
    return readers[word](sink, text)
  end
  return word ~= nil
end

return M
