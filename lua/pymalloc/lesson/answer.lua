-- Runs the Lua text of an answer in a sandbox: the names that it sets are not those of this
-- program, and it is stopped if it does not end. Besides the names of every sandbox, an answer
-- has print, and require for this library.

local core = require "pymalloc.core"
local library = require "pymalloc.lesson.library" -- loaded here, where no limits are
local sandbox = require "pymalloc.sandbox"

local M = {}

-- Raised by os.exit: an answer does not end the lesson.
local function no_exit()
  error("os.exit cannot be used in an answer: return a value", 2)
end

local function requirer()
  local own = library.new()
  return function(name)
    if name ~= "pymalloc" then
      error(("an answer can require 'pymalloc' only, got '%s'"):format(tostring(name)), 2)
    end
    return own
  end
end

local function new_box(write)
  return sandbox.new { names = { print = write or print, require = requirer(),
    os = { exit = no_exit } } }
end

-- A function that calls one of an answer with limits, and raises what is wrong. In a call that
-- has limits already, these hold.
local function limited(box, f)
  return function(...)
    local results = table.pack(box:call(f, ...))
    if not results[1] then
      error(results[2], 0)
    end
    return table.unpack(results, 2, results.n)
  end
end

-- The value that a Lua text returns; nil and the reason if it does not compile, raises an
-- error or returns nothing. `name` is that of the chunk, as for load; `write` replaces print.
function M.run(text, name, write)
  assert(not core.is_limited(), "an answer is run where no limits are")
  local box = new_box(write)
  local value, reason = box:run(text, name)
  if value == nil then
    return nil, reason
  elseif type(value) == "function" then
    return limited(box, value)
  end
  local ok, copied = pcall(sandbox.plain, value)
  if not ok then
    return nil, copied
  end
  return copied
end

return M
