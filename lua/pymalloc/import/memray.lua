-- The format of "memray parse FILE.bin": a line for each record of the file.
--
--     ALLOCATION address=0x5600 size=24 allocator=malloc
--     ALLOCATION address=0x5600 size=0 allocator=free
--     FRAME_ID frame_id=1 function_name=main filename=app.py lineno=12 is_entry_frame=1
--     FRAME_PUSH frame_id=1     FRAME_POP count=1     CONTEXT_SWITCH tid=1234
--
-- A realloc is a free and an allocation. mmap and munmap are left out.

local M = { templates = {} }

local frees = { free = true, pymalloc_free = true }
local others = { mmap = true, munmap = true }

for _, name in ipairs { "malloc", "pymalloc_malloc", "realloc", "pymalloc_realloc", "calloc",
  "pymalloc_calloc", "free", "pymalloc_free" } do
  table.insert(M.templates, ("%s|ALLOCATION address=%%a size=%%s allocator=%s"):format(
    frees[name] and "free" or "malloc", name))
end

function M.fits(lines)
  for i = 1, math.min(#lines, 1000) do
    if lines[i]:find("^HEADER magic=memray")
      or lines[i]:find("^ALLOCATION[%u_]* .*address=0x%x+ size=") then
      return true
    end
  end
  return false
end

local function state_of(sink)
  sink.state = sink.state or { frames = {}, sites = {}, stacks = {}, stack = {} }
  return sink.state
end

local readers = {}

function readers.FRAME_ID(state, text)
  local id, name, file, line = text:match(
    "^frame_id=(%d+) function_name=(.-) filename=(.-) lineno=(%-?%d+)")
  state.frames[id] = ("%s:%s %s"):format(file:match("[^/]*$"), line, name)
end

-- The site of a frame called by another site.
local function site_of(state, sink, parent, id)
  local sites = state.sites[parent] or {}
  state.sites[parent] = sites
  sites[id] = sites[id] or sink.core:site(parent, state.frames[id] or "frame " .. id)
  return sites[id]
end

-- After a change of the stack, the site of the next allocation has to be found.
function readers.FRAME_PUSH(state, text, sink)
  table.insert(state.stack, { id = text:match("frame_id=(%d+)") })
  sink.core:at(nil)
end

function readers.FRAME_POP(state, text, sink)
  for _ = 1, tonumber(text:match("count=(%d+)")) do
    table.remove(state.stack)
  end
  sink.core:at(nil)
end

function readers.CONTEXT_SWITCH(state, text, sink)
  local thread = text:match("tid=(%d+)")
  state.stacks[thread] = state.stacks[thread] or {}
  state.stack = state.stacks[thread]
  sink.core:at(nil)
end

-- The site of the innermost frame. A frame is named when it is first needed, because its
-- definition may follow its push.
local function current_site(state, sink)
  local stack, known = state.stack, #state.stack
  while known > 0 and not stack[known].site do
    known = known - 1
  end
  local site = known > 0 and stack[known].site or 0
  for i = known + 1, #stack do
    site = site_of(state, sink, site, stack[i].id)
    stack[i].site = site
  end
  return site
end

function readers.ALLOCATION(state, text, sink)
  local address, size, allocator = text:match("address=(0x%x+) size=(%d+) allocator=(%S+)")
  if others[allocator] then
    return
  elseif frees[allocator] then
    sink:free(address)
    return
  end
  sink.core:at(current_site(state, sink))
  sink:malloc(assert(address), size)
end
readers.ALLOCATION_WITH_NATIVE = readers.ALLOCATION

function M.line(sink, line)
  local word, text = line:match("^([%u_]+) ?(.*)$")
  if word == "AGGREGATED_ALLOCATION" then
    return nil, "the file has only sums: run memray without --aggregate"
  elseif readers[word] then
    readers[word](state_of(sink), text, sink)
  end
  return word ~= nil
end

return M
