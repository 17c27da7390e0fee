-- An empty folder for a spec, and the command pymalloc run in it.

local command = require "spec.support.command"
local lfs = require "lfs"

local M = {}

local root = lfs.currentdir()

--- The command pymalloc, for a shell in any folder.
M.command = root .. "/script/pymalloc"

--- Makes an empty folder, whose path is then M.path.
function M.make()
  M.path = os.tmpname()
  os.remove(M.path)
  lfs.mkdir(M.path)
end

--- Removes the folder.
function M.remove()
  command.run("rm -rf " .. M.path)
end

function M.put(name, text)
  local file <close> = assert(io.open(M.path .. "/" .. name, "wb"))
  file:write(text)
  return M.path .. "/" .. name
end

function M.get(name)
  return command.read(M.path .. "/" .. name)
end

-- The names in the folder, in order.
function M.names()
  local list = {}
  for name in lfs.dir(M.path) do
    if name ~= "." and name ~= ".." then
      table.insert(list, name)
    end
  end
  table.sort(list)
  return table.concat(list, " ")
end

-- Runs a line of the shell in the folder, where $P is the command. Returns its output, its standard
-- error and its exit code.
function M.run(line)
  return command.run(("cd %s; P=%s; %s"):format(M.path, M.command, line))
end

return M
