-- Importers pass requests, in which blocks have addresses, to a sink, which
-- writes them as lines of a trace. Each block gets an id and keeps it when it
-- moves.

local M = {}
M.__index = M

local CHUNK_LINES = 4096

local NOTHING = { ["(nil)"] = true, ["nil"] = true, ["NULL"] = true }

-- requests: a count; unknown_frees: frees of blocks whose allocation is not in
-- the text; reused: blocks whose free is not in the text, as their address was
-- allocated again; others: requests of other processes, left out.
function M.new()
  return setmetatable({ chunks = {}, lines = {}, ids = {}, next_id = 1, requests = 0,
    unknown_frees = 0, reused = 0, others = 0 }, M)
end

-- Is the address missing or 0? Then the request was refused, or frees nothing.
function M.is_null(address)
  return address == nil or NOTHING[address] or tonumber(address) == 0
end

-- A size as decimal digits. Anything else raises an error.
function M.decimal(text)
  local size = math.tointeger(tonumber(text))
  assert(size and size >= 0)
  return ("%d"):format(size)
end

-- Adds a line of these fields.
function M:put(...)
  local lines = self.lines
  self.requests = self.requests + 1
  lines[#lines + 1] = table.concat({ ... }, " ")
  if #lines == CHUNK_LINES then
    table.insert(self.chunks, table.concat(lines, "\n"))
    self.lines = {}
  end
end

local function end_id(self, address)
  local id = self.ids[address]
  self.ids[address] = nil
  return id
end

-- Records that the block of an id is at an address. A block that was there must have been
-- freed before.
local function settle(self, address, id)
  local before = end_id(self, address)
  if before then
    self.reused = self.reused + 1
    self:put("f", before)
  end
  self.ids[address] = id
end

local function new_id(self)
  local id = self.next_id
  self.next_id = id + 1
  return id
end

function M:malloc(address, size)
  if not M.is_null(address) then
    local id = new_id(self)
    size = M.decimal(size)
    settle(self, address, id)
    self:put("a", id, size)
  end
end

function M:calloc(address, count, size)
  if not M.is_null(address) then
    local id = new_id(self)
    count, size = M.decimal(count), M.decimal(size)
    settle(self, address, id)
    self:put("c", id, count, size)
  end
end

function M:free(address)
  if M.is_null(address) then
    return
  end
  local id = end_id(self, address)
  if id then
    self:put("f", id)
  else
    self.unknown_frees = self.unknown_frees + 1
  end
end

-- A block whose allocation is not in the text is taken for a new one. A result of
-- 0 means a free if the size is 0, else that the request was refused.
function M:realloc(old, address, size)
  if M.is_null(old) then
    return self:malloc(address, size)
  elseif M.is_null(address) then
    return tonumber(size) == 0 and self:free(old) or nil
  end
  size = M.decimal(size)
  local id = end_id(self, old) or new_id(self)
  settle(self, address, id)
  self:put("r", id, size)
end

-- The text of all lines, each with its end.
function M:text()
  table.insert(self.chunks, table.concat(self.lines, "\n"))
  self.lines = {}
  return (table.concat(self.chunks, "\n"):gsub("[^\n]$", "%0\n"))
end

return M
