-- Importers pass requests, in which blocks have addresses, to a sink, which makes the lines
-- of a trace of them. Each block gets an id and keeps it when it moves.
--
-- A sink also has the counts that become the notes on the trace, and whatever fields an
-- importer adds.

local core = require "pymalloc.core"

local M = {}
M.__index = M

M.FRAMES_MOST = 1 << 20 -- on all stacks: FRAMES_MAX of bindings/lua/sink_frames.h

local NOTHING = { ["(nil)"] = true, ["nil"] = true, ["NULL"] = true, ["<null>"] = true }

local function in_lines(texts)
  return texts and table.concat(texts, "\n") .. "\n" or ""
end

-- cut: calls of which only a part is in the text; nested: calls that another call of the
-- allocator made; beyond: operations after the declared number; devices: events of other devices
-- than the first; unclear: threads that may be of the program or of a child, by the text.
-- misnamed: calls to which the tool may have given a wrong name.
-- `format` has the fields templates and words, as pymalloc.import says, or neither. `write` is
-- called with the pieces of the trace, and returns false if the output fails.
function M.new(format, write)
  local self = setmetatable({
    write = write, core = core.trace.sink(in_lines(format and format.templates)),
    cut = 0, nested = 0, beyond = 0, others = 0, devices = 0, unclear = 0,
    misnamed = 0,
  }, M)
  local words = format and format.words
  if words then
    self.core:words(in_lines(words), words.ends_at_bracket, words.has_processes)
  end
  return self
end

-- Is the address missing or 0? Then the request was refused, or frees nothing.
function M.is_null(address)
  return address == nil or address == 0 or NOTHING[address] or tonumber(address) == 0
end

-- A number of at most 64 bits from its digits, decimal or hexadecimal with 0x. From 2^63 on
-- it is negative in Lua. Anything else raises an error.
function M.number(digits)
  if math.type(digits) == "integer" then
    return digits
  end
  local hex = digits:match("^0[xX]0*(%x*)$")
  if hex then
    assert(#hex <= 16)
    return math.tointeger(tonumber("0x0" .. hex))
  end
  local decimal = digits:match("^0*(%d*)$")
  assert(decimal and #digits > 0)
  local number = math.tointeger(tonumber(decimal == "" and "0" or decimal))
  if not number or math.type(number) ~= "integer" then
    local high, last = decimal:match("^(%d+)(%d)$")
    high = math.tointeger(tonumber(high))
    assert(high and math.type(high) == "integer")
    number = high * 10 + math.tointeger(tonumber(last))
    assert(high <= 0x1999999999999999 and (high < 0x1999999999999999 or tonumber(last) <= 5))
  end
  return number
end

local number = M.number

-- An address, also in hexadecimal without 0x.
function M.address(digits)
  if math.type(digits) == "integer" then
    return digits
  end
  return number(digits:find("^0[xX]") and digits or "0x" .. digits)
end

function M:malloc(address, size)
  if not M.is_null(address) then
    self.core:put("malloc", number(address), number(size))
  end
end

function M:calloc(address, count, size)
  if not M.is_null(address) then
    self.core:put("calloc", number(address), number(size), number(count))
  end
end

function M:free(address)
  if not M.is_null(address) then
    self.core:put("free", number(address))
  end
end

-- A block whose allocation is not in the text is taken for a new one. A result of
-- 0 means a free if the size is 0, else that the request was refused.
function M:realloc(old, address, size)
  size = number(size)
  if M.is_null(old) then
    return self:malloc(address, size)
  elseif M.is_null(address) then
    return size == 0 and self:free(old) or nil
  end
  self.core:put("realloc", number(address), size, 0, number(old))
end

-- Names the frames of the stack that have no site yet, from a table of texts by number.
function M:name_frames(texts)
  for frame in function() return self.core:unnamed() end do
    self.core:name(texts[frame] or ("frame %d"):format(frame))
  end
end

-- Takes a request of another process, which is left out.
function M:other()
  self.others = self.others + 1
end

-- Passes on the lines of the trace so far. Returns false if the output fails.
function M:flush()
  return self.write(self.core:text()) ~= false
end

-- The notes on the trace.
function M:notes()
  local requests, unknown_frees, reused, others, nested = self.core:counts()
  return { requests = requests, unknown_frees = unknown_frees, reused = reused,
    others = self.others + others, cut = self.cut, nested = self.nested + nested,
    beyond = self.beyond, devices = self.devices, unclear = self.unclear,
    misnamed = self.misnamed, unsited = 0 }
end

return M
