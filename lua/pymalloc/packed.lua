--- Files that may be compressed: the end of the name tells with which tool.

local core = require "pymalloc.core"

local M = {}

local TOOLS = { gz = "gzip", xz = "xz", zst = "zstd" }

-- The options with which each tool packs. They are quick: a trace of 4.6 million requests (43 MB
-- of text) took 1.7, 6.5 and 1.0 s with them, where xz without options took 136 s and made two
-- thirds of the bytes.
M.QUICK = { gzip = "-1", xz = "-0 -T0", zstd = "-q" }

--- A word in quotes, which a shell takes as one argument, unchanged.
function M.quote(word)
  return "'" .. word:gsub("'", "'\\''") .. "'"
end

--- The tool that packs and unpacks a file of this name; nil for a file that is not packed.
function M.tool(path)
  return TOOLS[path:match("%.(%w+)$") or ""]
end

--- Raises an error unless the path is a string without zero bytes. The error gets the place at
-- which the function `what` was called.
function M.check_path(path, what)
  if type(path) ~= "string" or path:find("\0", 1, true) then
    error(("pymalloc: %s: path must be a string without zero bytes, got %s"):format(what,
      core.describe(path)), 3)
  end
end

--- Opens a file to read its bytes; .gz, .xz and .zst are unpacked, "-" is standard input.
-- @return a file handle, and the tool that unpacks; or nil and why not
function M.open(path)
  if path == "-" then
    return io.stdin
  end
  local file, problem = io.open(path, "rb")
  local tool = file and M.tool(path)
  if not tool then
    return file, problem
  end
  file:close()
  -- io.popen raises an error where there are no processes, as in a web page.
  local ok, pipe = pcall(io.popen, ("%s -dc < %s"):format(tool, M.quote(path)), "r")
  if not ok then
    return nil, ("%s: it needs the program '%s' to be read, and this platform cannot start "
      .. "programs: unpack it before"):format(path, tool)
  end
  return pipe, tool
end

return M
