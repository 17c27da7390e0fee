-- Walks through memory word by word.

local M = {}

local WORD, CHUNK_BYTES, WORDS_AT_ONCE = 8, 1 << 16, 64
local MANY = "<" .. ("I8"):rep(WORDS_AT_ONCE)

M.WORD = WORD

--- The words in a string of bytes, as an array.
function M.words(bytes)
  local words, at = {}, 1
  while at + WORD * WORDS_AT_ONCE - 1 <= #bytes do
    local many = { string.unpack(MANY, bytes, at) }
    table.move(many, 1, WORDS_AT_ONCE, #words + 1, words)
    at = at + WORD * WORDS_AT_ONCE
  end
  while at + WORD - 1 <= #bytes do
    words[#words + 1] = string.unpack("<I8", bytes, at)
    at = at + WORD
  end
  return words
end

--- The word at an address, or nil.
function M.word(memory, address)
  local bytes = memory:read(address, WORD)
  return bytes and string.unpack("<I8", bytes)
end

-- Calls visit(words, address) for the memory from `first` to `last`, in chunks.
local function each_chunk(memory, first, last, visit)
  for address = first, last - 1, CHUNK_BYTES do
    local bytes = memory:read(address, math.min(CHUNK_BYTES, last - address))
    local result = bytes and visit(M.words(bytes), address)
    if result ~= nil then
      return result
    end
  end
end

--- Calls visit(word, address) for each word of these ranges, until one call returns a value.
-- Returns that value.
function M.each(memory, ranges, visit)
  for _, range in ipairs(ranges) do
    local found = each_chunk(memory, range.first, range.last, function(words, address)
      for i = 1, #words do
        local result = visit(words[i], address + (i - 1) * WORD)
        if result ~= nil then
          return result
        end
      end
    end)
    if found ~= nil then
      return found
    end
  end
end

return M
