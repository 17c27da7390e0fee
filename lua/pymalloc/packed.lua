--- Files that may be compressed: the end of the name tells with which tool.

local M = {}

local TOOLS = { gz = "gzip", xz = "xz", zst = "zstd" }

--- A word in quotes, which a shell takes as one argument, unchanged.
function M.quote(word)
  return "'" .. word:gsub("'", "'\\''") .. "'"
end

local function tool_of(path)
  return TOOLS[path:match("%.(%w+)$") or ""]
end

-- A path as messages name it.
local function shown(path, stream)
  return path == "-" and "standard " .. stream or path
end

local function open_to_read(path)
  if path == "-" then
    return io.stdin
  end
  local file, problem = io.open(path, "rb")
  local tool = file and tool_of(path)
  if not tool then
    return file, problem
  end
  file:close()
  return io.popen(("%s -dc < %s"):format(tool, M.quote(path)), "r"), tool
end

--- The bytes of a file; .gz, .xz and .zst are unpacked, "-" is standard input.
-- @return the bytes; or nil and why not
function M.read(path)
  local file, tool = open_to_read(path)
  if not file then
    return nil, tool
  end
  local text, failure = file:read("a")
  local is_whole = file == io.stdin or file:close()
  if not text then
    return nil, ("%s cannot be read: %s"):format(shown(path, "input"), failure)
  elseif not is_whole then
    return nil, ("%s cannot be unpacked: %s fails"):format(path, tool)
  end
  return text
end

local function open_to_write(path)
  if path == "-" then
    return io.stdout
  end
  local file, problem = io.open(path, "wb")
  local tool = file and tool_of(path)
  if not tool then
    return file, problem
  end
  file:close()
  return io.popen(("%s -c > %s"):format(tool, M.quote(path)), "w")
end

--- Writes bytes to a file; .gz, .xz and .zst are packed, "-" is standard output.
-- @return true; or nil and why not
function M.write(path, text)
  local file, problem = open_to_write(path)
  if not file then
    return nil, problem
  end
  local ok, failure = file:write(text)
  if ok then
    ok, failure = file:flush()
  end
  local is_whole = file == io.stdout or file:close()
  if not ok or not is_whole then
    return nil, ("%s cannot be written: %s"):format(shown(path, "output"),
      failure or "the tool that packs it fails")
  end
  return true
end

--- Packs a file that was written unpacked, if its name ends in .gz, .xz or .zst.
-- @return true; or nil and why not
function M.pack(path)
  local tool = tool_of(path)
  if not tool then
    return true
  end
  local plain, packed = M.quote(path), M.quote(path .. ".part")
  if os.execute(("%s -c < %s > %s && mv %s %s"):format(tool, plain, packed, packed, plain)) then
    return true
  end
  os.remove(path .. ".part")
  return nil, ("%s cannot be packed: %s fails"):format(path, tool)
end

return M
