-- Runs shell commands, and makes the files that they need.

local M = {}

-- The command pymalloc of the source tree, and the environment in which lua5.4
-- finds the modules of this process.
M.pymalloc = "script/pymalloc"
local version = _VERSION:match("%d.*"):gsub("%.", "_")
M.environment = ("LUA_PATH_%s='%s' LUA_CPATH_%s='%s'"):format(version, package.path, version,
  package.cpath)

-- Goes before commands in which programs of the system run too: AddressSanitizer
-- is loaded into all of them, and would report leaks of those programs.
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

-- Makes a temporary file with this text, whose name ends in `suffix`. The file is
-- removed when its variable is closed.
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

-- Iterates over the lines of a file that xz has compressed.
function M.unpacked_lines(path)
  local pipe = assert(io.popen("xz -dc -- '" .. path .. "'"))
  return pipe:lines()
end

return M
