-- A copy of the modules with a small template of the page beside them, as in an installed rock:
-- the one that script/web builds is not needed.

local command = require "spec.support.command"
local lfs = require "lfs"
local scratch = require "spec.support.scratch"

local M = {}

local TEMPLATE = [[
<!doctype html><html><head><title>pymalloc</title></head><body>
<script type="application/json" id="pymalloc-options">{}</script>
<script type="application/octet-stream" id="pymalloc-trace"></script>
</body></html>
]]

-- A search path without parts that depend on the folder.
local function absolute(path)
  return (path:gsub("[^;]+", function(part)
    return part:find("^/") and part or lfs.currentdir() .. "/" .. part
  end))
end

-- Runs the command of the copy, in the folder of the copy; for a shell.
M.command = ("LUA_PATH_5_4=\"lua/?.lua;lua/?/init.lua;;\" LUA_CPATH_5_4=\"%s\" "
  .. "lua5.4 lua/bin/pymalloc"):format(absolute(package.cpath))

-- Makes the copy in the folder scratch.path.
function M.make()
  command.run("cp -rL lua " .. scratch.path .. "/lua")
  scratch.put("lua/pymalloc/page/page.html", TEMPLATE)
end

return M
