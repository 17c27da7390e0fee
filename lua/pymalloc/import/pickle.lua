-- Reads pickles of plain Python values, of protocols 2 to 5: None, booleans, numbers, strings,
-- bytes, lists, tuples and dicts. Nothing is executed: an object of a class is an error.
-- Lists and tuples become arrays, dicts become tables, None becomes nil.

local M = {}

local MARK, NONE = {}, {}

local Reader = {}
Reader.__index = Reader

local function fail(self, why)
  error({ pickle = ("%s at byte %d"):format(why, self.at) }, 0)
end

function Reader:number(format)
  local size = string.packsize(format)
  if self.at + size - 1 > #self.text then
    fail(self, "the pickle is cut off")
  end
  local value = string.unpack(format, self.text, self.at)
  self.at = self.at + size
  return value
end

function Reader:bytes(count)
  if count < 0 or count > #self.text - self.at + 1 then
    fail(self, "the pickle is cut off")
  end
  local value = self.text:sub(self.at, self.at + count - 1)
  self.at = self.at + count
  return value
end

function Reader:push(value)
  self.stack[#self.stack + 1] = value == nil and NONE or value
end

function Reader:pop()
  local top = #self.stack
  local value = self.stack[top]
  if value == nil or value == MARK then
    fail(self, "the pickle pops what is not there")
  end
  self.stack[top] = nil
  return value
end

-- The values above the last mark.
function Reader:marked()
  local first = #self.stack
  while first > 0 and self.stack[first] ~= MARK do
    first = first - 1
  end
  if first == 0 then
    fail(self, "the pickle has no mark")
  end
  local values = table.move(self.stack, first + 1, #self.stack, 1, {})
  for i = #self.stack, first, -1 do
    self.stack[i] = nil
  end
  return values
end

function Reader:container()
  local value = self.stack[#self.stack]
  if type(value) ~= "table" or value == MARK or value == NONE then
    fail(self, "the pickle adds to a value that is not a list or dict")
  end
  return value
end

local function plain(value)
  if value == NONE then
    return nil
  end
  return value
end

function Reader:append(values)
  local list = self:container()
  for _, value in ipairs(values) do
    list[#list + 1] = value == NONE and false or value
  end
end

function Reader:set(pairs_of)
  local dict = self:container()
  for i = 1, #pairs_of - 1, 2 do
    local key = plain(pairs_of[i])
    if key == nil or key ~= key then
      fail(self, "the pickle has a key that is None or NaN")
    end
    dict[key] = plain(pairs_of[i + 1])
  end
end

function Reader:memoize(index)
  self.memo[index] = self.stack[#self.stack]
end

function Reader:get(index)
  if self.memo[index] == nil then
    fail(self, "the pickle refers to what is not there")
  end
  self:push(self.memo[index])
end

-- A little-endian integer of any length; one of more than 64 bits is cut.
local function long(bytes)
  local value = 0
  for i = math.min(#bytes, 8), 1, -1 do
    value = value << 8 | bytes:byte(i)
  end
  local last = bytes:byte(-1)
  if #bytes < 8 and last and last >= 128 then
    value = value - (1 << 8 * #bytes)
  end
  return value
end

local function tuple(count)
  return function(self)
    local values = {}
    for i = count, 1, -1 do
      values[i] = self:pop()
    end
    self:push(values)
  end
end

-- The operation of each byte of a pickle.
local operations = {
  ["\x80"] = function(self) self:number "B" end, -- protocol
  ["\x95"] = function(self) self:number "<I8" end, -- frame
  ["("] = function(self) self.stack[#self.stack + 1] = MARK end,
  ["0"] = function(self) self:pop() end,
  ["1"] = function(self) self:marked() end,
  ["N"] = function(self) self:push(nil) end,
  ["\x88"] = function(self) self:push(true) end,
  ["\x89"] = function(self) self:push(false) end,
  ["J"] = function(self) self:push(self:number "<i4") end,
  ["K"] = function(self) self:push(self:number "B") end,
  ["M"] = function(self) self:push(self:number "<I2") end,
  ["\x8a"] = function(self) self:push(long(self:bytes(self:number "B"))) end,
  ["\x8b"] = function(self) self:push(long(self:bytes(self:number "<i4"))) end,
  ["G"] = function(self) self:push(self:number ">d") end,
  ["X"] = function(self) self:push(self:bytes(self:number "<I4")) end,
  ["\x8c"] = function(self) self:push(self:bytes(self:number "B")) end,
  ["\x8d"] = function(self) self:push(self:bytes(self:number "<i8")) end,
  ["B"] = function(self) self:push(self:bytes(self:number "<I4")) end,
  ["C"] = function(self) self:push(self:bytes(self:number "B")) end,
  ["\x8e"] = function(self) self:push(self:bytes(self:number "<i8")) end,
  ["U"] = function(self) self:push(self:bytes(self:number "B")) end,
  ["T"] = function(self) self:push(self:bytes(self:number "<i4")) end,
  ["]"] = function(self) self:push({}) end,
  [")"] = function(self) self:push({}) end,
  ["}"] = function(self) self:push({}) end,
  ["l"] = function(self) self:push(self:marked()) end,
  ["t"] = function(self) self:push(self:marked()) end,
  ["\x85"] = tuple(1),
  ["\x86"] = tuple(2),
  ["\x87"] = tuple(3),
  ["d"] = function(self)
    local values = self:marked()
    self:push({})
    self:set(values)
  end,
  ["a"] = function(self)
    local value = self:pop()
    self:append({ value })
  end,
  ["e"] = function(self)
    local values = self:marked()
    self:append(values)
  end,
  ["s"] = function(self)
    local value = self:pop()
    local key = self:pop()
    self:set({ key, value })
  end,
  ["u"] = function(self)
    local values = self:marked()
    self:set(values)
  end,
  ["\x94"] = function(self)
    self:memoize(self.memo_count)
    self.memo_count = self.memo_count + 1
  end,
  ["q"] = function(self) self:memoize(self:number "B") end,
  ["r"] = function(self) self:memoize(self:number "<I4") end,
  ["h"] = function(self) self:get(self:number "B") end,
  ["j"] = function(self) self:get(self:number "<I4") end,
}

local classes = { c = true, ["\x93"] = true, R = true, i = true, o = true, ["\x81"] = true,
  ["\x92"] = true, b = true, P = true, Q = true, ["\x82"] = true, ["\x83"] = true, ["\x84"] = true }

local function run(self)
  while true do
    local byte = self:bytes(1)
    if byte == "." then
      return plain(self:pop())
    elseif classes[byte] then
      fail(self, "the pickle has an object of a class, which is not read")
    elseif not operations[byte] then
      fail(self, ("the pickle has the unknown operation 0x%02x"):format(byte:byte()))
    end
    operations[byte](self)
  end
end

--- The value of a pickle; or nil and a message.
function M.read(text)
  local self = setmetatable({ text = text, at = 1, stack = {}, memo = {}, memo_count = 0 }, Reader)
  local ok, value = pcall(run, self)
  if ok then
    return value
  elseif type(value) == "table" and value.pickle then
    return nil, value.pickle
  end
  error(value, 0)
end

return M
