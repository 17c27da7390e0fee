-- For scripts that use the built module. A script runs it with dofile, which
-- returns the path of the root. Then `require` finds the modules of this tree and
-- those in build/, or in the folder that PYMALLOC_BUILD names.

local root = (arg[0]:match("^(.*)/script/") or arg[0]:match("^script/") and "." or "..") .. "/"
local build = root .. (os.getenv("PYMALLOC_BUILD") or "build")

package.path = ("%slua/?.lua;%slua/?/init.lua;%s?.lua;"):format(root, root, root) .. package.path
package.cpath = build .. "/?.so;" .. package.cpath

if not package.searchpath("pymalloc.core", package.cpath) then
  print(build .. "/pymalloc/core.so is missing: run script/build first")
  os.exit(1)
end

return root
