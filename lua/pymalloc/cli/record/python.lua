-- The options of 'pymalloc record' for programs of Python.

local elf = require "pymalloc.cli.record.elf"
local numbers = require "pymalloc.cli.numbers"

local M = {}

local DEPTH, DEPTH_MAX = 16, 64 -- bindings/preload/python_sites.h, where.h

function M.define(command)
  command:flag("--python", "Run python3 with COMMAND (a script, -c or -m) and its arguments, and "
    .. "record the requests to its object and memory domains. COMMAND may begin with another "
    .. "CPython, such as python3.12.")
  command:option("--interpreter", "With --python: the CPython to run, 3.7 or later. "
    .. "Default: python3."):argname("PYTHON")
  command:flag("--where", "Record the call stack of each request: files and lines, as far as the "
    .. "program has them for addr2line. With --python, those of Python, for CPython 3.7 to 3.13.")
  command:option("--depth", ("With --where: the largest number of frames, 1 to %d, of a call "
    .. "stack. Default: %d. With --python, at least half as many are recorded of a deeper stack, "
    .. "and '...' in place of the others.")
    :format(DEPTH_MAX, DEPTH))
    :argname("N"):convert(numbers.count_reader("--depth", 1))
end

--- Is it the name of a CPython, such as /usr/bin/python3.12?
function M.is_interpreter(word)
  return word:match("[^/]*$"):match("^python[%d.]*[dt]?$") ~= nil
end

-- Is the first word, which is not the name of a CPython, a program and no script?
local function is_program(arguments)
  local word = arguments.program[1]
  if arguments.interpreter or M.is_interpreter(word) then
    return false
  end
  local file <close> = elf.open(word)
  return file ~= nil
end

--- A message if options do not go together.
function M.misuse(arguments)
  if arguments.interpreter and not arguments.python then
    return "--interpreter needs --python"
  elseif arguments.depth and not arguments.where then
    return "--depth needs --where"
  elseif arguments.depth and arguments.depth > DEPTH_MAX then
    return ("--depth must be 1 to %d, got %d"):format(DEPTH_MAX, arguments.depth)
  elseif arguments.python and is_program(arguments) then
    return ("--python runs python3 with %s, which is a program and no script: leave out --python, "
      .. "or name a CPython by --interpreter"):format(arguments.program[1])
  end
end

--- The words to run: a CPython, and its arguments.
function M.words(arguments)
  if not arguments.interpreter and M.is_interpreter(arguments.program[1]) then
    return arguments.program
  end
  return { arguments.interpreter or "python3", table.unpack(arguments.program) }
end

--- The number of frames to be recorded; nil for none.
function M.depth(arguments)
  return arguments.where and (arguments.depth or DEPTH) or nil
end

--- Why nothing was recorded. `what` is the CPython that the recorder found, or "".
function M.reason_for_nothing(what)
  local version, major, minor = what:match("^(CPython (%d+)%.(%d+)[^,]*)")
  if not version then
    return "--python needs a CPython whose functions other libraries can call, 3.7 or later"
  elseif version:match("t$") then
    return version .. " is free-threaded: mimalloc serves its objects, not pymalloc"
  elseif tonumber(major) < 3 or tonumber(major) == 3 and tonumber(minor) < 7 then
    return version .. " is too old: --python needs CPython 3.7 or later"
  end
  return version .. " replaced the recorder by another allocator, as -X dev does"
end

--- A sentence on what was recorded; nil for none.
function M.remark(arguments, what)
  local version = what:match("^(.*), without call stacks$")
  if version then
    return ("--where: the call stacks of %s are not known, and were not recorded"):format(version)
  elseif not arguments.python and M.is_interpreter(arguments.program[1]) then
    return "these are requests to malloc; --python records those of Python's objects"
  end
end

return M
