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
  local verb = frees[name] and "free" or "malloc"
  table.insert(M.templates,
    ("%s|ALLOCATION address=%%a size=%%s allocator=%s"):format(verb, name))
  table.insert(M.templates, ("%s|ALLOCATION_WITH_NATIVE address=%%a size=%%s allocator=%s %%*")
    :format(verb, name))
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

-- frames: the text of each frame; sites: the site of each frame called by another site;
-- stacks: of each thread, the frames, outermost first, and the sites of those that are named;
-- has_site: the sink knows the site of the stack, so that it can read lines of mallocs.
local function state_of(sink)
  sink.state = sink.state
    or { frames = {}, sites = {}, stacks = {}, stack = { named = {} }, has_site = true }
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
  local sites = state.sites[parent]
  if not sites then
    sites = {}
    state.sites[parent] = sites
  end
  local site = sites[id]
  if not site then
    site = sink.core:site(parent, state.frames[id] or "frame " .. id)
    sites[id] = site
  end
  return site
end

-- After a change of the stack, the site of the next allocation has to be found.
local function stack_changed(state, sink)
  if state.has_site then
    state.has_site = false
    sink.core:at(nil)
  end
end

local function push(state, sink, id)
  local stack = state.stack
  stack[#stack + 1] = id
  stack_changed(state, sink)
end

local function pop(state, sink, count)
  local stack, named = state.stack, state.stack.named
  for i = #stack, math.max(#stack - tonumber(count) + 1, 1), -1 do
    stack[i], named[i] = nil, nil
  end
  stack_changed(state, sink)
end

function readers.FRAME_PUSH(state, text, sink)
  push(state, sink, text:match("^frame_id=(%d+)"))
end

function readers.FRAME_POP(state, text, sink)
  pop(state, sink, text:match("^count=(%d+)"))
end

function readers.CONTEXT_SWITCH(state, text, sink)
  local thread = text:match("^tid=(%d+)")
  state.stacks[thread] = state.stacks[thread] or { named = {} }
  state.stack = state.stacks[thread]
  stack_changed(state, sink)
end

-- The site of the innermost frame. A frame is named when it is first needed, because its
-- definition may follow its push.
local function current_site(state, sink)
  local stack, named = state.stack, state.stack.named
  local known = #stack
  while known > 0 and not named[known] do
    known = known - 1
  end
  local site = known > 0 and named[known] or 0
  for i = known + 1, #stack do
    site = site_of(state, sink, site, stack[i])
    named[i] = site
  end
  return site
end

-- Tells the sink the site of the stack.
local function find_site(state, sink)
  if not state.has_site then
    state.has_site = true
    sink.core:at(current_site(state, sink))
  end
end

function readers.ALLOCATION(state, text, sink)
  local address, size, allocator = text:match("address=(0x%x+) size=(%d+) allocator=(%S+)")
  if others[allocator] then
    return
  elseif frees[allocator] then
    sink:free(address)
    return
  end
  find_site(state, sink)
  sink:malloc(assert(address), size)
end
readers.ALLOCATION_WITH_NATIVE = readers.ALLOCATION

-- Reads the changes of the stack that stand at a position of the text. Returns the position
-- behind them, their number, and whether templates match the next line only now.
function M.frames(sink, text, at)
  local state, count = state_of(sink), 0
  while true do
    local _, last, number = text:find("^FRAME_PUSH frame_id=(%d+)\n", at)
    if last then
      push(state, sink, number)
    else
      _, last, number = text:find("^FRAME_POP count=(%d+)\n", at)
      if not last then
        break
      end
      pop(state, sink, number)
    end
    at, count = last + 1, count + 1
  end
  local allocator = count == 0 and not state.has_site
    and text:match("^ALLOCATION[%u_]* address=0x%x+ size=%d+ allocator=([%a_]+)[^\n]*\n", at)
  if not allocator or frees[allocator] or others[allocator] then
    return at, count, false
  end
  find_site(state, sink)
  return at, count, true
end

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
