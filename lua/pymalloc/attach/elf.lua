-- Reads segments, notes and addresses of symbols from ELF files of 64-bit little-endian machines.

local M = {}

local HEADER_BYTES, SECTION_BYTES, SEGMENT_BYTES, SYMBOL_BYTES = 64, 64, 56, 24
local SYMTAB, DYNSYM = 2, 11
local COUNT_MOST, ENTRY_MOST = 1 << 20, 1 << 10 -- of sections and segments, and bytes of one

M.CORE, M.LOAD, M.NOTE = 4, 1, 4

local Elf = {}
Elf.__index = Elf

-- The bytes at an offset. The offset comes from the file and may be wrong: then it may be behind
-- the end.
function M.read_at(file, offset, count)
  local size = file:seek("end")
  if not size or offset < 0 or count < 0 or count > size or offset > size - count then
    return nil
  end
  file:seek("set", offset)
  return count == 0 and "" or file:read(count)
end

local read_at = M.read_at

local function header_problem(header)
  if not header or header:sub(1, 4) ~= "\127ELF" then
    return "it is not an ELF file"
  elseif header:byte(5) ~= 2 then
    return "it is of a 32-bit machine, which is not supported"
  elseif header:byte(6) ~= 1 then
    return "it is of a big-endian machine, which is not supported"
  end
end

--- Reads the head of an ELF file; nil and a message if the file cannot be read here.
-- @param file an open file, which stays open as long as the result is used
function M.new(file)
  local header = read_at(file, 0, HEADER_BYTES)
  local problem = header_problem(header)
  if problem then
    return nil, problem
  end
  local kind, _, _, _, segments_at, sections_at = string.unpack("<I2I2I4I8I8I8", header, 17)
  local segment_bytes, segment_count, section_bytes, section_count =
    string.unpack("<I2I2I2I2", header, 55)
  local self = setmetatable({ file = file, kind = kind }, Elf)
  self.segment_table = { at = segments_at, bytes = segment_bytes, count = segment_count }
  self.section_table = { at = sections_at, bytes = section_bytes, count = section_count }
  return self
end

-- The entries of a table of the file, each read by `read`.
local function entries(self, place, least, read)
  local is_sound = place.bytes >= least and place.bytes <= ENTRY_MOST
    and place.count <= COUNT_MOST
  local bytes = is_sound and read_at(self.file, place.at, place.bytes * place.count)
  local list = {}
  for i = 1, bytes and place.count or 0 do
    list[i] = read(bytes, (i - 1) * place.bytes + 1)
  end
  return list
end

local function read_segment(bytes, at)
  local kind, flags, offset, address, _, file_bytes, memory_bytes =
    string.unpack("<I4I4I8I8I8I8I8", bytes, at)
  return { kind = kind, is_writable = flags & 2 ~= 0, offset = offset, address = address,
    file_bytes = file_bytes, memory_bytes = memory_bytes }
end

local function read_section(bytes, at)
  local kind, _, _, offset, size, link = string.unpack("<I4I8I8I8I8I4", bytes, at + 4)
  return { kind = kind, offset = offset, bytes = size, link = link }
end

--- The segments of the file. A core file of many mappings has their number in the first
-- section.
function Elf:segments()
  local place = self.segment_table
  if place.count == 0xffff then
    local first = read_at(self.file, self.section_table.at, SECTION_BYTES)
    place.count = first and string.unpack("<I4", first, 45) or 0
  end
  return entries(self, place, SEGMENT_BYTES, read_segment)
end

-- The name of a symbol without what link-time optimization adds: "arenas.lto_priv.0".
local function plain_name(names, offset)
  return names:match("^[%w_]*", offset + 1)
end

local function read_symbols(self, section, names_section, wanted, found)
  local symbols = read_at(self.file, section.offset, section.bytes)
  local names = read_at(self.file, names_section.offset, names_section.bytes)
  for at = 1, symbols and names and #symbols - SYMBOL_BYTES + 1 or 0, SYMBOL_BYTES do
    local name_offset, info, _, index, value = string.unpack("<I4BBI2I8", symbols, at)
    local name = index ~= 0 and info & 15 == 1 and plain_name(names, name_offset)
    if name and wanted[name] then
      found[name] = value
    end
  end
end

--- The addresses of data symbols, before the file is moved to where it is mapped.
-- @param wanted a set of names
function Elf:symbols(wanted)
  local sections, found = entries(self, self.section_table, SECTION_BYTES, read_section), {}
  for _, section in ipairs(sections) do
    local names = sections[section.link + 1]
    if (section.kind == SYMTAB or section.kind == DYNSYM) and names then
      read_symbols(self, section, names, wanted, found)
    end
  end
  return found
end

--- The lowest address of a segment that is loaded, rounded down to a page.
function Elf:base()
  for _, segment in ipairs(self:segments()) do
    if segment.kind == M.LOAD then
      return (segment.address - segment.offset) & ~0xfff
    end
  end
  return 0
end

--- Calls visit(type, description) for each note of the file.
function Elf:each_note(visit)
  for _, segment in ipairs(self:segments()) do
    local bytes = segment.kind == M.NOTE and read_at(self.file, segment.offset, segment.file_bytes)
    local at = 1
    while bytes and at + 11 < #bytes do
      local name_bytes, count, kind = string.unpack("<I4I4I4", bytes, at)
      local first = at + 12 + (name_bytes + 3) // 4 * 4
      visit(kind, bytes:sub(first, first + count - 1))
      at = first + (count + 3) // 4 * 4
    end
  end
end

return M
