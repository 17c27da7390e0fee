-- Finds a program as the shell does, and the reason why its requests cannot be recorded.

local elf = require "pymalloc.cli.record.elf"
local packed = require "pymalloc.packed"

local M = {}

local NOT_EXECUTABLE, NOT_FOUND = 126, 127 -- the exit codes of env, nice and the shells
local SCRIPTS_MAX = 4 -- a script's interpreter may be a script

-- Writes a letter for each fact about a file, and its path.
local PROBE = [[
set -f
file=$1
case $1 in
*/*) ;;
*)
  IFS=:
  for folder in $PATH; do
    file=${folder:-.}/$1
    [ -f "$file" ] && [ -x "$file" ] && break
    file=
  done
  ;;
esac
[ -e "$file" ] && printf e
[ -d "$file" ] && printf d
[ -x "$file" ] && printf x
[ -u "$file" ] && ! [ -O "$file" ] && printf s
[ -g "$file" ] && ! [ -G "$file" ] && printf s
printf ' %s' "$file"
]]

local function probe(name)
  local pipe <close> = assert(io.popen(("sh -c %s sh %s 2>/dev/null"):format(packed.quote(PROBE),
    packed.quote(name))))
  return pipe:read("a"):match("^(%l*) (.*)$")
end

local SANITIZERS = { asan = "address", hwasan = "hwaddress", lsan = "leak", msan = "memory",
  tsan = "thread" }

-- The sanitizer whose malloc a program has, or nil.
local function sanitizer_of(file)
  for name, option in pairs(SANITIZERS) do
    if file.names:find("\0__" .. name .. "_init\0", 1, true) then
      return option
    end
  end
end

local function obstacle_of_elf(file, own)
  if file.bits ~= own.bits then
    return ("it is a program of %d bits, and the recorder is one of %d"):format(file.bits, own.bits)
  elseif file.machine ~= own.machine then
    return "it is made for another kind of processor than the recorder"
  elseif not file.interpreter then
    return "it is statically linked"
  elseif file.interpreter:match("/ld%-musl[^/]*$") then
    return "it is linked with the C library musl, and the recorder with that of GNU"
  end
  local sanitizer = sanitizer_of(file)
  return sanitizer and ("it was built with -fsanitize=%s, and needs the malloc of that")
    :format(sanitizer)
end

-- The interpreter that the first line of a script names, or nil; false: it cannot be read.
local function interpreter_of(path)
  local script <close> = io.open(path, "rb")
  return script ~= nil and (script:read(256) or ""):match("^#!%s*([^%s%c]+)")
end

local obstacle_of

-- Follows a script to the program that interprets it.
local function obstacle_of_script(path, library, depth)
  local name = interpreter_of(path)
  if name == nil then
    return "it is neither an ELF program nor a script with a first line #!INTERPRETER"
  elseif name and depth < SCRIPTS_MAX then
    local facts, found = probe(name)
    local reason = obstacle_of(found, facts, library, depth + 1)
    return reason and ("its interpreter is %s: %s"):format(name, reason)
  end
end

function obstacle_of(path, facts, library, depth)
  if facts:find("s", 1, true) then
    return "it runs with the rights of another user or group: the system then ignores the recorder"
  end
  local file <close> = elf.open(path)
  if not file then
    return obstacle_of_script(path, library, depth)
  end
  local own <close> = assert(elf.open(library))
  return obstacle_of_elf(file, own)
end

--- The path of a program; or nil, a message and an exit code.
function M.find(name)
  if name == "" then
    return nil, "the name of the program is empty", NOT_FOUND
  end
  local facts, path = probe(name)
  if not facts:find("e", 1, true) then
    return nil, name:find("/", 1, true) and name .. ": there is no such file"
      or name .. ": there is no such program in the folders of PATH", NOT_FOUND
  elseif facts:find("d", 1, true) then
    return nil, name .. ": is a folder, not a program", NOT_EXECUTABLE
  elseif not facts:find("x", 1, true) then
    return nil, name .. ": is not executable", NOT_EXECUTABLE
  end
  return path
end

--- Why the recorder, the library of that path, cannot be loaded into a program; nil: it can be, as
-- far as is known.
function M.obstacle(path, library)
  return obstacle_of(path, (probe(path)), library, 1)
end

--- Does the program have a malloc of its own?
function M.has_own_malloc(path)
  local file <close> = elf.open(path)
  return file ~= nil and file.bits == 64 and file:has_function("malloc")
end

return M
