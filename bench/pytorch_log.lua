-- A snapshot of PyTorch's CUDA memory, as Python's pickle writes it with protocol 4: a memo has
-- each string, list and dict, and what comes again is a reference to the memo.

local M = {}
M.__index = M

local BATCH = 1000 -- elements of a list in one step

-- A log whose stacks have `depth` frames, of `frames` different ones.
function M.new(frames, depth)
  return setmetatable({ frames = frames, depth = depth, memo = {}, memo_count = 0, events = 0 }, M)
end

-- Memoizes what was just written, under a key if it comes again.
function M:memoized(key)
  if key then
    self.memo[key] = self.memo_count
  end
  self.memo_count = self.memo_count + 1
  return "\x94"
end

-- What the memo has under a key; else what `write` writes.
function M:once(key, write)
  local number = self.memo[key]
  if not number then
    return write() .. self:memoized(key)
  end
  return number < 256 and "h" .. string.char(number) or ("<c1I4"):pack("j", number)
end

function M:text(text)
  return self:once(text, function() return ("<c1s1"):pack("\x8c", text) end)
end

local function integer(number)
  if number < 1 << 8 then
    return ("<c1I1"):pack("K", number)
  elseif number < 1 << 16 then
    return ("<c1I2"):pack("M", number)
  elseif number < 1 << 31 then
    return ("<c1i4"):pack("J", number)
  end
  return ("<c1I1i8"):pack("\x8a", 8, number)
end

-- The operations of a dict with these keys and values, which are written in this order.
function M:dict(fields)
  local parts = { "}" .. self:memoized() .. "(" }
  for i = 1, #fields, 2 do
    table.insert(parts, self:text(fields[i]))
    local value = fields[i + 1]
    table.insert(parts, type(value) == "function" and value() or type(value) == "string"
      and self:text(value) or integer(value))
  end
  return table.concat(parts) .. "u"
end

function M:frame(number)
  local defined = self.memo[-number]
  if defined then
    return defined < 256 and "h" .. string.char(defined) or ("<c1I4"):pack("j", defined)
  end
  self.memo[-number] = self.memo_count
  return self:dict { "name", "f" .. number, "filename", ("/app/mod%d.py"):format(number % 40),
    "line", number }
end

-- The list of the frames of a request.
function M:stack(number)
  local parts = { "]" .. self:memoized() .. "(" }
  for i = 1, self.depth do
    table.insert(parts, self:frame(number % self.frames // i + 1))
  end
  return table.concat(parts) .. "e"
end

function M:head()
  return "\x80\x04}" .. self:memoized() .. "(" .. self:text("device_traces") .. "]"
    .. self:memoized() .. "]" .. self:memoized() .. "("
end

function M:event(action, at, size, number)
  self.events = self.events + 1
  return self:dict { "action", action, "addr", 0x7f0000000000 + at, "size", size, "stream", 0,
    "time_us", 1700000000000000 + self.events, "frames", function() return self:stack(number) end }
    .. (self.events % BATCH == 0 and "e(" or "")
end

function M.tail()
  return "eau."
end

return M
