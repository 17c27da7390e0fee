--- Hosts the Lua state that loads it: lua -l pymalloc.hosted script.lua
--
-- The module is the heap that the state lives on; one that pymalloc.host made
-- before stays what it is. The rest of pymalloc is loaded after, onto it.

local core = require "pymalloc.core"

local heap = core.hosting() or assert(core.host())
require "pymalloc"

return heap
