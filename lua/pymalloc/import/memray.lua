-- The format of "memray parse FILE.bin": a line for each record of the file.
--
--     ALLOCATION address=0x5600 size=24 allocator=malloc native_frame_id=0
--     ALLOCATION address=0x5600 size=0 allocator=free native_frame_id=0
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
  for _, rest in ipairs { " native_frame_id=%i", "" } do
    table.insert(M.templates, ("%s|ALLOCATION address=%%a size=%%s allocator=%s%s")
      :format(verb, name, rest))
  end
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

-- Removes the innermost frames of a stack.
local function shorten(stack, named, count)
  for i = #stack, math.max(#stack - tonumber(count) + 1, 1), -1 do
    stack[i], named[i] = nil, nil
  end
end

local function pop(state, sink, count)
  shorten(state.stack, state.stack.named, count)
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

-- The same, or nil if a part of the stack has no site yet.
local function known_site(state)
  local stack, named, sites = state.stack, state.stack.named, state.sites
  local known = #stack
  while known > 0 and not named[known] do
    known = known - 1
  end
  local site = known > 0 and named[known] or 0
  for i = known + 1, #stack do
    site = sites[site] and sites[site][stack[i]]
    if not site then
      return nil
    end
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

local LETTER_F, LETTER_U = ("FU"):byte(1, 2) -- of FRAME_PUSH, which has U where FRAME_POP has O

-- Reads the changes of the stack that stand at a position of the text. Returns the position
-- behind them, and their number.
local function read_changes(state, text, at)
  local stack, count = state.stack, 0
  local named = stack.named
  while text:byte(at) == LETTER_F do
    local is_push = text:byte(at + 7) == LETTER_U
    local _, last, number = text:find(is_push and "^FRAME_PUSH frame_id=(%d+)\n"
      or "^FRAME_POP count=(%d+)\n", at)
    if not last then
      break
    elseif is_push then
      stack[#stack + 1] = number
    else
      shorten(stack, named, number)
    end
    at, count = last + 1, count + 1
  end
  return at, count
end

-- Reads the changes of the stack, and finds its site if the next line needs it. Returns the
-- position behind the changes, their number, and whether templates match the next line only now.
function M.frames(sink, text, from)
  local state = state_of(sink)
  local at, count = read_changes(state, text, from)
  local site = count > 0 and known_site(state)
  if site then
    state.has_site = true
    sink.core:at(site)
    return at, count, true
  elseif count > 0 then
    stack_changed(state, sink)
  end
  local allocator = not state.has_site
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
