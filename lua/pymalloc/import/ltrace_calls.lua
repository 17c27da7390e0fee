-- The functions of an allocator, as ltrace writes their arguments and results.

local M = {}

-- The functions that make a process; it gets 0 as their result.
M.forks = { fork = true, __libc_fork = true, _Fork = true, daemon = true, forkpty = true }

-- The functions that make a thread.
M.threads = { pthread_create = true, thrd_create = true }

M.is_operator = { ["operator new"] = true, ["operator delete"] = true,
  ["operator new[]"] = true, ["operator delete[]"] = true }

local function allocate(sink, arguments, result)
  sink:malloc(result, arguments[1])
end

local function allocate_aligned(sink, arguments, result)
  sink:malloc(result, arguments[2])
end

local function free(sink, arguments)
  sink:free(arguments[1])
end

local readers = {
  malloc = allocate, valloc = allocate, pvalloc = allocate,
  memalign = allocate_aligned, aligned_alloc = allocate_aligned,
  free = free, cfree = free, free_sized = free, free_aligned_sized = free,
  calloc = function(sink, arguments, result)
    sink:calloc(result, arguments[1], arguments[2])
  end,
  realloc = function(sink, arguments, result)
    sink:realloc(arguments[1], result, arguments[2])
  end,
}

-- The size of a reallocarray, whose product did not overflow unless it has failed.
local function array_size(sink, arguments, result)
  if sink.is_null(result) and not (arguments[2] == "0" or arguments[3] == "0") then
    return "1"
  end
  return sink.number(arguments[2]) * sink.number(arguments[3])
end

function readers.reallocarray(sink, arguments, result)
  sink:realloc(arguments[1], result, array_size(sink, arguments, result))
end

-- The reader of a function; nil for one that is not of the allocator.
function M.reader_of(name)
  local reader = readers[name]
  if reader then
    return reader
  elseif name:find("^_Zn[wa]") or name:find("^operator new") then
    return allocate
  elseif name:find("^_Zd[la]Pv") or name:find("^operator delete") then
    return free
  end
end

-- Words, of which each line with the name of one of these functions has one:
-- bindings/lua/line_words.h.
function M.words()
  local words = { "operator", "<_Znw", "<_Zna", "<_ZdlPv", "<_ZdaPv" }
  for _, names in ipairs { readers, M.forks, M.threads } do
    for name in pairs(names) do
      table.insert(words, "<" .. name .. ">")
    end
  end
  return words
end

function M.is_free(name)
  return M.reader_of(name) == free
end

local function split(text)
  local arguments = {}
  for argument in text:gmatch("[^,%s()]+") do
    arguments[#arguments + 1] = argument
  end
  return arguments
end

-- A whole call.
function M.read(sink, name, text, result)
  M.reader_of(name)(sink, split(text), result)
  return true
end

local function is_realloc(name)
  return name == "realloc" or name == "reallocarray"
end

-- Begins a call { name, text = }. Returns whether its request was taken: then its end is not
-- needed.
function M.begin(sink, call)
  local name = call[1]
  if M.is_free(name) then
    return M.read(sink, name, call.text)
  elseif is_realloc(name) then
    call.old = split(call.text)[1]
    if call.old and not sink.is_null(call.old) then
      call.old = sink.number(call.old)
      call.id = sink.core:take(call.old)
    end
  end
  return false
end

-- A call of malloc, calloc, realloc or free, or of an operator, whose first line the core has read.
function M.begun(name, size, count, old, id)
  local call = { name, is_taken = M.is_free(name) }
  if name == "realloc" then
    call.old, call.id = old, id
  end
  call.text = name == "calloc" and ("0x%x, 0x%x"):format(count, size)
    or name == "realloc" and ("0x%x, 0x%x"):format(old, size) or ("0x%x"):format(size)
  return call
end

local function finish_realloc(sink, call, name, result)
  local arguments = split(call.text)
  local size = name == "realloc" and arguments[2] or array_size(sink, arguments, result)
  if not sink.is_null(result) then
    sink.core:moved(call.id, sink.number(result), sink.number(size))
  elseif tonumber(size) == 0 then
    sink.core:freed(call.id)
  else
    sink.core:moved(call.id, call.old)
  end
  return true
end

-- The end of such a call.
function M.finish(sink, name, call, result)
  if call.is_taken then
    return true
  elseif call.id then
    return finish_realloc(sink, call, name, result)
  end
  return M.read(sink, name, call.text, result)
end

return M
