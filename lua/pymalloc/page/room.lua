-- The memory of the page: requests are counted before they are read, where the file says how many
-- there are.

local check = require "pymalloc.check"
local text = require "pymalloc.text"

local M = {}

local MAGIC = "\x89ptrace\n"
local HEAD_BYTES = 8 + 4 + 4 -- up to the note
local COLUMNS = { 8, 12 } -- in each version of the format
local MOST_BLOCKS = 1 << 20
local BYTES_MOST = (1 << 31) - 1 -- of a block, as far as a file in the page can reach

-- An address has four bytes in WebAssembly, whose memory ends at 1 GiB (bindings/web).
local MEMORY_BYTES = string.packsize("T") == 4 and 1 << 30 or nil

--- Bytes of a request in memory, with its id; one with a call stack takes four more.
M.REQUEST_BYTES = 24

--- The part of the memory that requests may take; the rest is for the heaps and their checkpoints.
M.SHARE = 0.6

-- Skips a block of a packed trace. Returns its number of requests; nil at the end, and if the file
-- is damaged, which reading it reports.
local function skip_block(file, columns)
  local head_bytes = 4 * (5 + 2 * columns)
  local head = file:read(head_bytes)
  if not head or #head < head_bytes then
    return nil
  end
  local requests, others = string.unpack("<I4I4", head, 9)
  local bytes = 0
  for column = 0, columns - 1 do
    bytes = bytes + string.unpack("<I4", head, 21 + 8 * column)
  end
  if (requests == 0 and others == 0) or bytes > BYTES_MOST then
    return nil
  end
  return file:seek("cur", bytes) and requests
end

--- The number of requests of a packed trace, of all interpreters; nil for another file.
function M.count(path)
  local file <close> = io.open(path, "rb")
  local head = file and file:read(HEAD_BYTES)
  if not head or head:sub(1, #MAGIC) ~= MAGIC or #head < HEAD_BYTES then
    return nil
  end
  local version, note_bytes = string.unpack("<I4I4", head, #MAGIC + 1)
  local columns = COLUMNS[version]
  if not columns or note_bytes > BYTES_MOST then
    return nil
  end
  file:seek("cur", note_bytes + 4)
  local count = 0
  for _ = 1, MOST_BLOCKS do
    local requests = skip_block(file, columns)
    if not requests then
      break
    end
    count = count + requests
  end
  return count
end

--- Raises an error with the number of requests that can be opened.
function M.refuse(name, count, most)
  check.refuse("page", "%s has %s requests, and the page has memory for about %s: open a part of "
    .. "it, with `to` at most %s ('pymalloc html --to %d' writes a page of that part). Requests "
    .. "before `from` take memory too, as they are run", name, count, text.group(most),
    text.group(most), most)
end

--- Raises an error if the requests of a file up to `most` do not fit.
-- @tparam[opt] integer memory bytes, in place of those of the page
function M.check(path, name, most, memory)
  memory = memory or MEMORY_BYTES
  local count = memory and M.count(path)
  if not count then
    return
  end
  local room = math.floor(memory * M.SHARE) // M.REQUEST_BYTES
  if math.min(count, most) > room then
    M.refuse(name, text.group(count), room)
  end
end

return M
