-- Packed traces for specs.

local core = require "pymalloc.core"

local M = {}

-- The bytes of a text trace in the packed form, with a note.
function M.pack(text, note)
  local from, to = os.tmpname(), os.tmpname()
  local _ <close> = setmetatable({}, { __close = function()
    os.remove(from)
    os.remove(to)
  end })
  local file <close> = assert(io.open(from, "wb"))
  file:write(text)
  file:close()
  local out <close> = assert(io.open(to, "w+b"))
  local packer = assert(core.trace.packer(from, out, note or ""))
  local is_all
  repeat
    local done
    done, is_all = packer:run()
    if not done then
      return nil, is_all
    end
  until is_all
  out:seek("set")
  return out:read("a")
end

-- The text of a trace of either form, without the head; or nil and a message.
function M.text(bytes)
  local texts = assert(core.trace.texts(bytes, true, "packed"))
  local pieces = {}
  while true do
    local piece, _, ending = texts:next()
    table.insert(pieces, piece)
    if ending then
      return ending == "end" and table.concat(pieces) or nil, ending, table.concat(pieces)
    end
  end
end

--- The CRC-32 of a string.
function M.crc32(bytes)
  local sum = 0xffffffff
  for i = 1, #bytes do
    sum = sum ~ bytes:byte(i)
    for _ = 1, 8 do
      sum = sum >> 1 ~ (sum & 1) * 0xedb88320
    end
  end
  return ~sum & 0xffffffff
end

-- The columns of a block of version 2, in the order of the file (csrc/trace/packed_format.h).
local COLUMNS = { "letters", "sizes", "sizes_high", "sizes_far", "moves", "moves_high", "moves_far",
  "counts", "ids", "strangers", "sites", "others" }

-- Numbers as LEB128.
function M.leb(...)
  local bytes = {}
  for _, number in ipairs { ... } do
    while number < 0 or number > 127 do
      table.insert(bytes, string.char(number & 127 | 128))
      number = number >> 7
    end
    table.insert(bytes, string.char(number))
  end
  return table.concat(bytes)
end

-- Two bits for each letter of "afcr", the first in the lowest bits.
local function letters_of(requests)
  local codes, bytes = { a = 0, f = 1, c = 2, r = 3 }, {}
  for i = 0, #requests - 1 do
    bytes[i // 4 + 1] = (bytes[i // 4 + 1] or 0) | codes[requests:sub(i + 1, i + 1)] << i % 4 * 2
  end
  return string.char(table.unpack(bytes))
end

-- A block { requests = "aafcr", count = of other operations, by_slot =, columns of their names }.
-- By default, sizes are 8, elements one, and moves 0, to the block of the request before.
local function block_of(number, block)
  local requests, head, body = block.requests or "", {}, {}
  local default = { letters = letters_of(requests), sizes = requests:gsub("f", ""):gsub(".", "\9"),
    moves = requests:gsub("[ac]", ""):gsub(".", "\1"), counts = requests:gsub("[^c]", ""):gsub(".",
      "\1") }
  for _, name in ipairs(COLUMNS) do
    local column = block[name] or default[name] or ""
    table.insert(head, ("<I4I4"):pack(#column, #column))
    table.insert(body, column)
  end
  local rest = ("<I4I4I4I4"):pack(number, #requests, block.count or 0, block.by_slot or 1)
    .. table.concat(head) .. table.concat(body)
  return ("<I4"):pack(M.crc32(rest)) .. rest
end

--- A packed trace of these blocks, with checksums that fit. No column is deflated.
function M.forge(blocks)
  local head = ("<I4I4"):pack(2, 0)
  local file = { core.trace.PACKED_MAGIC, head, ("<I4"):pack(M.crc32(head)) }
  for i, block in ipairs(blocks) do
    table.insert(file, block_of(i - 1, block))
  end
  table.insert(file, block_of(#blocks, {}))
  return table.concat(file)
end

-- The first nine are those that version 1 of the packed format has.
local OTHERS = { "d", "s", "k", "x 3", "x -1", "m load", "i 1", "i 0", "i 300",
  "o 4096", "o 0" }

-- For each kind of line, a function that adds such lines to a trace { lines, live, next_id, sites,
-- random }.
local adders = {}

local function add(trace, format, ...)
  table.insert(trace.lines, format:format(...))
end

local function site(trace)
  return trace.sites > 0 and trace.random(3) == 1 and (" @%d"):format(trace.random(trace.sites))
    or ""
end

local function begin_id(trace)
  table.insert(trace.live, trace.next_id)
  trace.next_id = trace.next_id + (trace.random(9) == 1 and trace.random(1000000) or 1)
end

function adders.malloc(trace)
  add(trace, "a %d %d%s", trace.next_id, trace.random(700), site(trace))
  begin_id(trace)
end

function adders.calloc(trace)
  add(trace, "c %d %d %d%s", trace.next_id, trace.random(9), trace.random(90), site(trace))
  begin_id(trace)
end

function adders.realloc(trace)
  add(trace, "r %d %d%s", trace.live[trace.random(#trace.live)], trace.random(1 << 40), site(trace))
end

function adders.free(trace)
  add(trace, "f %d", table.remove(trace.live, trace.random(#trace.live)))
end

function adders.site(trace)
  trace.sites = trace.sites + 1
  add(trace, "w %d %d file.py:%d f", trace.sites, trace.random(trace.sites) - 1, trace.sites)
end

-- Adds a free and a realloc of ids that are not live, and a malloc of one that is live already.
function adders.strange(trace)
  add(trace, "f %d", trace.next_id + trace.random(5))
  add(trace, "a %d 8", trace.live[trace.random(#trace.live)])
  add(trace, "r %d 8", trace.next_id)
  begin_id(trace)
end

function adders.other(trace)
  add(trace, OTHERS[trace.random(trace.others)])
end

local REQUESTS = { "malloc", "malloc", "malloc", "malloc", "malloc", "calloc", "realloc", "free",
  "free", "free", "free", "free" }
local ALL = table.move({ "site", "strange", "other", "other", "other" }, 1, 5, #REQUESTS + 1,
  table.move(REQUESTS, 1, #REQUESTS, 1, {}))

-- Returns a text trace of `count` additions, which are chosen by pseudo-random numbers: requests,
-- or with `every`, all operations of the format (of other operations, the first `others`).
function M.random(seed, count, every, others)
  local kinds, state = every and ALL or REQUESTS, seed
  local trace = { lines = {}, live = {}, next_id = 1, sites = 0, others = others or #OTHERS }
  function trace.random(most)
    state = state * 6364136223846793005 + 1442695040888963407
    return (state >> 33) % most + 1
  end
  for _ = 1, count do
    adders[#trace.live == 0 and "malloc" or kinds[trace.random(#kinds)]](trace)
  end
  return table.concat(trace.lines, "\n") .. "\n"
end

return M
