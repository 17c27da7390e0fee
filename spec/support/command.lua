-- Runs commands as a person does, and the files that they need.

local M = {}

-- The command line from the source tree, and the Lua that runs scripts.
M.pymalloc = "script/pymalloc"
M.environment = ("LUA_PATH_5_4='%s' LUA_CPATH_5_4='%s'"):format(package.path, package.cpath)

-- For a command in which programs of the system end before the one that is
-- tested: with AddressSanitizer loaded into all of them, theirs leak too.
M.leaks_allowed = "export ASAN_OPTIONS=detect_leaks=0; "

-- Runs a shell command; returns its output, its standard error and its exit
-- code.
function M.run(command)
  local errors <close> = M.file("")
  local pipe = io.popen(("{ %s\n} 2>%s"):format(command, errors.path))
  local output = pipe:read("a")
  local _, _, code = pipe:close()
  return output, M.read(errors.path), code
end

function M.read(path)
  local file <close> = assert(io.open(path, "rb"))
  return file:read("a")
end

-- A temporary file with this text, whose name ends in `suffix`; it goes with
-- its variable.
function M.file(text, suffix)
  local base = os.tmpname()
  local path = base .. (suffix or "")
  local file <close> = assert(io.open(path, "wb"))
  file:write(text)
  return setmetatable({ path = path }, {
    __close = function()
      os.remove(base)
      os.remove(path)
    end,
  })
end

-- The lines of a file that xz has packed.
function M.unpacked_lines(path)
  local pipe = assert(io.popen("xz -dc -- '" .. path .. "'"))
  return pipe:lines()
end

return M
