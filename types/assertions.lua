---@meta pymalloc.assertions

-- Types for editors. Made by script/reference; never run.

---@class luassert
local luassert = {}

---Asserts that a function requests no more than a limit from Lua's allocator.
---@param limit integer|table a number of requests, or a table with the fields requests and bytes, of which either may be left out; a resize counts with all of its new size
---@param f function
---@param message? string printed before the failure
---@return table # what was requested: requests, bytes, blocks and resizes
function luassert.allocates_at_most(limit, f, message) end

---Asserts that a function requests nothing from Lua's allocator.
---@param f function
---@param message? string printed before the failure
function luassert.allocates_nothing(f, message) end

---Asserts that all memory which a function obtains from Lua's allocator is free again
---after it has returned and its garbage was collected. The function runs in a new
---coroutine.
---@param f function
---@param message? string printed before the failure
function luassert.frees_all(f, message) end

---Asserts that all invariants of a heap hold. A failure names the broken invariant.
---@param heap pymalloc.Heap
---@param message? string printed before the failure
function luassert.heap_is_valid(heap, message) end

---Asserts that a heap has a number of live blocks after a full garbage collection;
---without a count, that it has at least one. assert.no_live_blocks(heap) asserts that it
---has none.
---@param count? integer
---@param heap pymalloc.Heap
---@param message? string printed before the failure
function luassert.live_blocks(count, heap, message) end

return luassert
