-- How long the conversion of a log takes, relative to the replay of the trace that it gives.
--
-- script/bench --import runs it. For each format it writes a log of the same requests, those of a
-- generated workload, then converts the log and replays the result, both from file to file, in
-- turns. The times are processor times of one process for each format, as of a command, the least
-- of all rounds. "lua5.4 bench/import.lua FORMAT" prints the rows of one format. The logs of
-- memray, heaptrack and pytorch have call stacks. A format whose tool also writes other lines has
-- a second row, "FORMAT, other lines": three of them follow the lines of each request. Rows
-- "ltrace, N % split" are of a program with four threads, of whose calls so many are in two lines;
-- in "heaptrack, new stacks" and "heaptrack, new kinds" each block has a call stack of its own.

package.path = "lua/?.lua;lua/?/init.lua;?.lua;" .. package.path
package.cpath = "build-release/?.so;" .. package.cpath
local command = require "spec.support.command"
local import = require "pymalloc.import"
local markdown = dofile("bench/markdown.lua")
local pymalloc = require "pymalloc"
local pytorch_log = dofile("bench/pytorch_log.lua")

local REQUESTS, ROUNDS, FRAMES, DEPTH = 200000, 3, 300, 10

-- For each format: head and tail, the text before the first request and after the last one
-- (optional); malloc and free, which return the line of a request of a block with this address,
-- size and number; others (optional), three lines that the tool writes and that are no requests.
local formats = {
  valgrind = {
    malloc = function(at, size) return ("--42-- malloc(%d) = 0x%X\n"):format(size, at) end,
    free = function(at) return ("--42-- free(0x%X)\n"):format(at) end,
    others = "==42== Conditional jump or move depends on uninitialised value(s)\n"
      .. "==42==    at 0x4848899: malloc (in /usr/libexec/valgrind/vgpreload_memcheck.so)\n"
      .. "==42==    by 0x1091A3: main (main.c:12)\n",
  },
  ltrace = {
    malloc = function(at, size) return ("malloc(%d) = 0x%x\n"):format(size, at) end,
    free = function(at) return ("free(0x%x) = <void>\n"):format(at) end,
    others = "strlen(\"a list of free blocks\")                      = 21\n"
      .. "strcmp(\"alpha\", \"malloc\")                        = -12\n"
      .. "memcpy(0x7ffd939ae928, \"\\001\\002\\003\", 3)          = 0x7ffd939ae928\n",
  },
  mtrace = {
    head = "= Start\n",
    malloc = function(at, size) return ("@ ./app:[0x401212] + 0x%x 0x%x\n"):format(at, size) end,
    free = function(at) return ("@ ./app:[0x401320] - 0x%x\n"):format(at) end,
  },
  android = {
    malloc = function(at, size) return ("100: malloc 0x%x %d\n"):format(at, size) end,
    free = function(at) return ("100: free 0x%x\n"):format(at) end,
  },
  utrace = {
    malloc = function(at, size)
      return ("  1234 app      USER  0x%x = malloc(%d)\n"):format(at, size)
    end,
    free = function(at) return ("  1234 app      USER  free(0x%x)\n"):format(at) end,
    others = "  1234 app      CALL  madvise(0x801a00000,0x1000,MADV_FREE)\n"
      .. "  1234 app      RET   madvise 0\n  1234 app      NAMI  \"/etc/malloc.conf\"\n",
  },
  memleak = {
    malloc = function(at, size)
      return (("(b'app', 5193, 10, b'd...1', 20299.25, b'alloc entered, size = %d')\n"
        .. "(b'app', 5193, 10, b'd...1', 20299.25, b'alloc exited, size = %d, result = %x')\n")
        :format(size, size, at))
    end,
    free = function(at, size)
      return ("(b'app', 5193, 10, b'd...1', 20299.25, b'free entered, address = %x, size = %d')\n")
        :format(at, size)
    end,
    others = "[11:16:33] Top 2 stacks with outstanding allocations:\n"
      .. "\t80 bytes in 5 allocations from stack\n\t\tmain+0x6d [allocs]\n",
  },
  pwndbg = {
    malloc = function(at, size)
      return ("[*] malloc(%d) -> 0x%x, 0x20 bytes real size\n"):format(size, at)
    end,
    free = function(at) return ("[*] free(0x%x)\n"):format(at) end,
    others = "Breakpoint 2, 0x00007ffff7e5c0e0 in malloc () from /lib/libc.so.6\n"
      .. "Continuing.\n[Switching to Thread 0x7ffff7d8a740 (LWP 4711)]\n",
  },
  uftrace = {
    head = "# DURATION     TID     FUNCTION\n",
    malloc = function(at, size)
      return ("   0.123 us [  1234] |   malloc(%d) = 0x%x;\n"):format(size, at)
    end,
    free = function(at) return ("   0.098 us [  1234] |   free(0x%x);\n"):format(at) end,
    others = "            [  1234] | parse() {\n   0.531 us [  1234] |   strlen(\"free\") = 4;\n"
      .. "   1.250 us [  1234] | } /* parse */\n",
  },
  wee_alloc = {
    malloc = function(_, size) return ("Alloc(%d),\n"):format(size) end,
    free = function(_, _, number) return ("Free(%d),\n"):format(number) end,
  },
  malloclab = {
    head = ("1\n%d\n%d\n1\n"):format(REQUESTS, REQUESTS),
    malloc = function(_, size, number) return ("a %d %d\n"):format(number, size) end,
    free = function(_, _, number) return ("f %d\n"):format(number) end,
  },
}

-- A heaptrack file that is not interpreted: the stacks come before the requests.
local heaptrack = { "v 10500 3\nx 5 ./app\n" }
for i = 1, FRAMES do
  table.insert(heaptrack, ("t %x %x\n"):format(0x401000 + i * 16, i // 2))
end
formats.heaptrack = {
  head = table.concat(heaptrack),
  malloc = function(at, size, number)
    return ("+ %x %x %x\n"):format(size, number % FRAMES + 1, at)
  end,
  free = function(at) return ("- %x\n"):format(at) end,
  others = "c 12d\nR 3f0\nc 137\n",
}

-- For each block a line of its own stack; in an interpreted file also one of its kind.
local new_stacks = {
  head = "v 10500 3\nx 5 ./app\n",
  malloc = function(at, size, number)
    return ("t %x %x\n+ %x %x %x\n"):format(0x401000 + number, number // 2, size, number + 1, at)
  end,
  free = formats.heaptrack.free,
}
local new_kinds = {
  head = "v 10500 3\nx 5 ./app\ns 4 main\ni 401000 0 1\n",
  malloc = function(_, size, number)
    return ("t 1 %x\na %x %x\n+ %x\n"):format(number // 2, size, number + 1, number)
  end,
  free = function(_, _, number) return ("- %x\n"):format(number) end,
}

-- In a table dump of memray, the lines of frames come between the requests.
local memray = { "HEADER magic=memray version=9 native_traces=false\n" }
for i = 0, FRAMES - 1 do
  table.insert(memray, ("FRAME_ID frame_id=%d function_name=f%d filename=/app/mod%d.py lineno=%d "
    .. "is_entry_frame=0\n"):format(i, i, i % 40, i + 1))
end
table.insert(memray, "CONTEXT_SWITCH tid=1\n")
formats.memray = {
  head = table.concat(memray),
  malloc = function(at, size, number)
    return ("FRAME_PUSH frame_id=%d\nALLOCATION address=0x%x size=%d allocator=pymalloc_malloc "
      .. "native_frame_id=0\nFRAME_POP count=1\n"):format(number % FRAMES, at, size)
  end,
  free = function(at)
    return ("ALLOCATION address=0x%x size=0 allocator=pymalloc_free\n"):format(at)
  end,
  others = "MEMORY_RECORD time=1757101101880 memory=10240000\n"
    .. "NATIVE_FRAME_ID ip=0x7f2a4c1b2e40 index=12\nNATIVE_FRAME_ID ip=0x7f2a4c1b2f00 index=13\n",
}

-- A free has two events in a snapshot of PyTorch, of which each has a stack.
local pytorch = pytorch_log.new(FRAMES, DEPTH)
formats.pytorch = {
  head = pytorch:head(),
  malloc = function(at, size, number) return pytorch:event("alloc", at, size, number) end,
  free = function(at, size, number)
    return pytorch:event("free_requested", at, size, number + 1)
      .. pytorch:event("free_completed", at, size, number + 1)
  end,
  tail = pytorch_log.tail(),
}

-- The log of a program with four threads, in which a share of the calls is in two lines: the call
-- of another thread stands between them.
local function split_format(share)
  local calls, pending, pending_at = 0, nil, nil
  local function lines(at, whole, first, last)
    calls = calls + 1
    local thread, rest = 1000 + calls % 4, ""
    local is_split = math.floor(calls * share) > math.floor((calls - 1) * share)
    local before = pending_at == at and pending or ""
    if pending and pending_at ~= at then
      rest = pending
    end
    pending, pending_at = nil, nil
    if is_split then
      pending, pending_at = ("%d %s\n"):format(thread, last), at
    end
    return ("%s%d %s\n%s"):format(before, thread, is_split and first or whole, rest)
  end
  return {
    malloc = function(at, size)
      return lines(at, ("malloc(%d) = 0x%x"):format(size, at),
        ("malloc(%d <unfinished ...>"):format(size), ("<... malloc resumed> ) = 0x%x"):format(at))
    end,
    free = function(at)
      local call = ("free(0x%x"):format(at)
      return lines(at, call .. ") = <void>", call .. " <unfinished ...>",
        "<... free resumed> ) = <void>")
    end,
    rest = function() return pending or "" end,
  }
end

-- Calls take(TEXT) with the lines for each request of the workload.
local function each_line(format, take)
  local sizes, number = {}, 0
  for line in pymalloc.workload.python { requests = REQUESTS, seed = 1 }.text:gmatch("[^\n]+") do
    local letter, id, size = line:match("^(%l) (%d+) ?(%d*)$")
    id = tonumber(id)
    if letter == "a" then
      sizes[id] = { tonumber(size), number }
      take(format.malloc(id * 64, sizes[id][1], number))
      number = number + 1
    elseif letter == "f" then
      take(format.free(id * 64, sizes[id][1], sizes[id][2]))
    end
  end
end

local function write_log(format, path, others)
  local file <close> = assert(io.open(path, "wb"))
  file:write(format.head or "")
  each_line(format, function(line)
    file:write(line, others)
  end)
  file:write(format.rest and format.rest() or "", format.tail or "")
end

local function seconds(f, ...)
  local began = os.clock()
  assert(f(...))
  return os.clock() - began
end

local function convert_file(from, to, format)
  local file <close> = assert(io.open(to, "wb"))
  return import.stream(from, { format = format }, function(piece)
    return file:write(piece)
  end)
end

-- Returns the least times of the conversion and of the replay, and the requests.
local function measure(name, format, others)
  local log <close> = command.file("")
  local converted <close> = command.file("")
  write_log(format, log.path, others)
  local convert, replay = math.huge, math.huge
  for _ = 1, ROUNDS do
    convert = math.min(convert, seconds(convert_file, log.path, converted.path, name))
    replay = math.min(replay, seconds(pymalloc.trace.replay_file, converted.path))
  end
  return convert, replay, assert(pymalloc.trace.replay_file(converted.path)).requests
end

local function tell(row, convert, replay, requests)
  markdown.row { row, tostring(requests), ("%.0f"):format(convert / requests * 1e9),
    ("%.0f"):format(replay / requests * 1e9), ("%.1f"):format(convert / replay) }
end

local names = {}
for name in pairs(formats) do
  table.insert(names, name)
end
table.sort(names)

-- Prints all rows of one format.
local function tell_format(name)
  tell(name, measure(name, formats[name], ""))
  if formats[name].others then
    tell(name .. ", other lines", measure(name, formats[name], formats[name].others))
  end
  if name == "heaptrack" then
    tell("heaptrack, new stacks", measure(name, new_stacks, ""))
    tell("heaptrack, new kinds", measure(name, new_kinds, ""))
  end
  for _, percent in ipairs(name == "ltrace" and { 5, 20, 50 } or {}) do
    tell(("ltrace, %d %% split"):format(percent), measure(name, split_format(percent / 100), ""))
  end
end

if #arg == 0 then
  markdown.header { "format", "requests", "conversion, ns a request", "replay, ns a request",
    "ratio" }
end
for _, name in ipairs(#arg == 0 and names or {}) do
  assert(os.execute("lua5.4 bench/import.lua " .. name))
end
for _, name in ipairs(arg) do
  tell_format(name)
end
