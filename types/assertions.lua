---@meta pymalloc.assertions

-- Types for editors. Made by script/reference; never run.

---@class luassert
local luassert = {}

---A function asks Lua's allocator for no more than this while it runs.
---@param limit integer|table a number of requests, or { requests =, bytes = }, of which either may be left out; a resize counts with all of its new size
---@param f function
---@param message? string said in front
---@return table # what was asked for: { requests =, bytes =, blocks =, resizes = }
function luassert.allocates_at_most(limit, f, message) end

---A function asks Lua's allocator for nothing while it runs.
---@param f function
---@param message? string said in front
function luassert.allocates_nothing(f, message) end

---Whatever a function obtains from Lua's allocator is freed again, once it has
---returned and its garbage is collected. It runs in a coroutine of its own.
---@param f function
---@param message? string said in front
function luassert.frees_all(f, message) end

---Every invariant of a heap holds. Fails with the name of the broken one.
---@param heap pymalloc.Heap
---@param message? string said in front
function luassert.heap_is_valid(heap, message) end

---So many blocks of a heap are live, once what is garbage is collected; without
---a count, at least one. So assert.no_live_blocks(heap) says what it reads like.
---@param count? integer
---@param heap pymalloc.Heap
---@param message? string said in front
function luassert.live_blocks(count, heap, message) end

return luassert
