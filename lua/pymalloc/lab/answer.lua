-- Answers: designs in files of others, which run in a sandbox.
--
--     -- small.lua
--     return { profile = "3.11", pool_bytes = 4096, arena_bytes = 131072 }

local core = require "pymalloc.core"
local designs = require "pymalloc.experiment.designs"
local fnv = require "pymalloc.fnv"
local sandbox = require "pymalloc.sandbox"

local M = {}

-- The design that a table describes, of the simulator. Other kinds of designs are not answers:
-- an oracle is not an allocator, and a real one is a library of the system.
local function design_of(given)
  return designs.read { lab = given }
end

-- The FNV-1a hash of a text, as 16 hexadecimal digits.
local function hash_of(text)
  return ("%016x"):format(fnv(text))
end

-- Copies the table that a text returned; anything else is refused.
local function returned_table(value)
  if type(value) ~= "table" then
    error("it must return a table, but it returns " .. core.describe(value), 0)
  end
  return sandbox.plain(value)
end

-- The text of a file, or as much as shows that it is too long.
local function read_file(path)
  local file, problem = io.open(path, "rb")
  if not file then
    return nil, problem
  end
  local text, reason = file:read(sandbox.TEXT_BYTES + 1)
  file:close()
  if reason then
    return nil, ("%s: %s"):format(path, reason)
  end
  return text or ""
end

-- A message on an answer, which begins with its name.
local function told(name, problem)
  problem = tostring(problem)
  if problem:sub(1, #name + 1) == name .. ":" then
    return problem
  end
  return name .. ": " .. problem:gsub("^[^\n]-%.lua:%d+: ", ""):gsub("^pymalloc: ", "")
end

--- Reads an answer from a text.
-- @param name used in messages
-- @return a table with the fields design (checked), hash, and box: the sandbox in which its
-- functions are called; or nil and a message
function M.parse(text, name)
  local box = sandbox.new()
  local value, problem = box:run(text, "@" .. name)
  if value == nil then
    return nil, told(name, problem)
  end
  local ok, design = box:call(function()
    return design_of(returned_table(value))
  end)
  if not ok then
    return nil, told(name, design)
  end
  return { design = design, hash = hash_of(text), box = box, name = name }
end

--- Reads an answer from a file.
function M.read(path)
  local text, problem = read_file(path)
  if not text then
    return nil, problem
  end
  return M.parse(text, path)
end

--- An answer from a table of this program, whose functions are called without limits.
function M.of_table(given)
  return { design = design_of(given), name = "the answer" }
end

return M
