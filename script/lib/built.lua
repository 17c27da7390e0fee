-- For scripts that use the built module: `require` finds the modules of this
-- tree and of build/, or of the folder that PYMALLOC_BUILD names. A script that
-- does dofile(... "lib/built.lua") gets the root's path.

local root = (arg[0]:match("^(.*)/script/") or arg[0]:match("^script/") and "." or "..") .. "/"
local build = root .. (os.getenv("PYMALLOC_BUILD") or "build")

package.path = ("%slua/?.lua;%slua/?/init.lua;%s?.lua;"):format(root, root, root) .. package.path
package.cpath = build .. "/?.so;" .. package.cpath

if not package.searchpath("pymalloc.core", package.cpath) then
  print(build .. "/pymalloc/core.so is missing: run script/build first")
  os.exit(1)
end

return root
