--- Hosts the Lua state that loads it: lua -l pymalloc.hosted script.lua
--
-- The module is the heap that the state lives on; one that pymalloc.host made
-- before stays what it is.

local pymalloc = require "pymalloc"

return pymalloc.hosting() or assert(pymalloc.host())
