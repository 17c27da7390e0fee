-- Runs the scripts that check the source tree on small trees in a temporary
-- folder.
local lfs = require "lfs"

local M = {}

local function write(path, text)
  local file = assert(io.open(path, "w"))
  file:write(text)
  file:close()
end

local function remove(path)
  if lfs.attributes(path, "mode") == "directory" then
    for name in lfs.dir(path) do
      if name ~= "." and name ~= ".." then
        remove(path .. "/" .. name)
      end
    end
  end
  os.remove(path)
end

-- Runs a script on a tree of these files (path -> text). Returns whether it
-- succeeded, and its output without the name of the folder. Calls prepare(root)
-- first, if it is given.
function M.try(script, files, prepare)
  local root = os.tmpname()
  os.remove(root)
  assert(lfs.mkdir(root))
  for path, text in pairs(files) do
    local folder = root
    for part in path:gmatch("([^/]+)/") do
      folder = folder .. "/" .. part
      lfs.mkdir(folder)
    end
    write(root .. "/" .. path, text)
  end
  if prepare then
    prepare(root)
  end
  local run = io.popen("lua5.4 script/" .. script .. " " .. root .. " 2>&1")
  local output = run:read("a")
  local ok = run:close()
  remove(root)
  return ok == true, (output:gsub(root .. "/", ""))
end

return M
