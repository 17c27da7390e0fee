-- Reads the parts of an ELF file that show how it is linked.

local M = {}
M.__index = M

local LOADED, DYNAMIC, INTERPRETER = 1, 2, 3 -- types of program headers
local SYMBOLS, DYNAMIC_SYMBOLS = 2, 11 -- types of sections
local NEEDED, STRINGS, STRINGS_BYTES = 1, 5, 10 -- tags of dynamic entries
local LITTLE_ENDIAN, BITS_64 = 1, 2
local TABLE_MAX = 1 << 30 -- bytes of a table; more is a damaged file

local function read_at(file, offset, bytes)
  if bytes < 0 or bytes > TABLE_MAX or offset < 0 or not file:seek("set", offset) then
    return ""
  end
  return file:read(bytes) or ""
end

-- Unpacks a table of `count` entries of `bytes` bytes each.
local function entries(data, format, bytes)
  local at = 1 - bytes
  return function()
    at = at + bytes
    if at + bytes - 1 <= #data then
      return string.unpack(format, data, at)
    end
  end
end

-- The bytes of the file that are loaded at an address.
function M:loaded_at(address, bytes)
  for _, part in ipairs(self.parts) do
    if part.type == LOADED and address >= part.address and address - part.address < part.bytes then
      return read_at(self.file, part.offset + address - part.address, bytes)
    end
  end
  return ""
end

--- The address that the file gives to the byte at an offset.
function M:address_of(offset)
  for _, part in ipairs(self.parts) do
    if part.type == LOADED and offset >= part.offset and offset - part.offset < part.bytes then
      return part.address + offset - part.offset
    end
  end
  return offset
end

local function read_parts(self, offset, count)
  local data = read_at(self.file, offset, count * 56)
  self.parts = {}
  for type, _, start, address, _, bytes in entries(data, self.order .. "I4I4i8i8i8i8i8i8", 56) do
    table.insert(self.parts, { type = type, offset = start, address = address, bytes = bytes })
  end
end

local function read_interpreter(self)
  for _, part in ipairs(self.parts) do
    if part.type == INTERPRETER then
      return read_at(self.file, part.offset, part.bytes):match("^[^\0]+")
    end
  end
end

-- Reads the names of the needed libraries, and all names of dynamic symbols.
local function read_dynamic(self)
  local values, needed = {}, {}
  for _, part in ipairs(self.parts) do
    if part.type == DYNAMIC then
      local data = read_at(self.file, part.offset, part.bytes)
      for tag, value in entries(data, self.order .. "i8i8", 16) do
        if tag == NEEDED then
          table.insert(needed, value)
        end
        values[tag] = values[tag] or value
      end
    end
  end
  self.names = "\0" .. self:loaded_at(values[STRINGS] or -1, values[STRINGS_BYTES] or 0)
  self.needed = {}
  for i, start in ipairs(needed) do
    self.needed[i] = self.names:match("^[^\0]*", start + 2)
  end
end

-- The offsets of a name in a table of names. A name may be the end of another one.
local function offsets_of(names, name)
  local offsets, at = {}, names:find(name .. "\0", 1, true)
  while at do
    offsets[at - 1] = true
    at = names:find(name .. "\0", at + 1, true)
  end
  return offsets
end

-- Does a table of symbols define a function of that name?
local function defines(self, section, names_section, name)
  local offsets = offsets_of(read_at(self.file, names_section.offset, names_section.bytes), name)
  if not next(offsets) then
    return false
  end
  local data = read_at(self.file, section.offset, section.bytes)
  for offset, _, place in entries(data, self.order .. "I4I2I2i8i8", 24) do
    if offsets[offset] and place ~= 0 then
      return true
    end
  end
  return false
end

-- The tables of symbols, with the sections of their names.
local function symbol_tables(self)
  local sections, tables = {}, {}
  local data = read_at(self.file, self.sections_at, self.section_count * 64)
  local format = self.order .. "I4I4i8i8i8i8I4I4i8i8"
  for _, type, _, _, offset, bytes, link in entries(data, format, 64) do
    table.insert(sections, { type = type, offset = offset, bytes = bytes, names = link + 1 })
  end
  for _, section in ipairs(sections) do
    if (section.type == SYMBOLS or section.type == DYNAMIC_SYMBOLS) and sections[section.names] then
      table.insert(tables, { section, sections[section.names] })
    end
  end
  return tables
end

--- Does the file define a function of that name, for itself or for others? Of a file whose symbols
-- were removed, only the functions for others are found.
function M:has_function(name)
  for _, pair in ipairs(symbol_tables(self)) do
    if defines(self, pair[1], pair[2], name) then
      return true
    end
  end
  return false
end

--- The places of all symbols that have a size: a list of pairs, first address and end, sorted.
function M:symbol_ranges()
  local list = {}
  for _, pair in ipairs(symbol_tables(self)) do
    local data = read_at(self.file, pair[1].offset, pair[1].bytes)
    for _, _, place, address, bytes in entries(data, self.order .. "I4I2I2i8i8", 24) do
      if place ~= 0 and bytes > 0 then
        table.insert(list, { address, address + bytes })
      end
    end
  end
  table.sort(list, function(one, other)
    return one[1] < other[1]
  end)
  return list
end

--- Reads a file. Returns nil if it is not an ELF file; else an object with the fields bits (32 or
-- 64), machine (its number), interpreter (the dynamic linker, nil for a static program), needed
-- (names of libraries) and names (of dynamic symbols, with zeros between); of a file of 32 bits
-- only the first two. For a variable marked <close>.
function M.open(path)
  local file = io.open(path, "rb")
  local head = file and file:read(64) or ""
  if head:sub(1, 4) ~= "\x7fELF" or #head < 64 then
    if file then
      file:close()
    end
    return nil
  end
  local self = setmetatable({ file = file }, M)
  self.order = head:byte(6) == LITTLE_ENDIAN and "<" or ">"
  self.bits = head:byte(5) == BITS_64 and 64 or 32
  self.machine = string.unpack(self.order .. "I2", head, 19)
  if self.bits == 64 then
    local parts_at, sections_at = string.unpack(self.order .. "i8i8", head, 33)
    local part_count = string.unpack(self.order .. "I2", head, 57)
    self.sections_at = sections_at
    self.section_count = string.unpack(self.order .. "I2", head, 61)
    read_parts(self, parts_at, part_count)
    self.interpreter = read_interpreter(self)
    read_dynamic(self)
  end
  return self
end

function M:__close()
  self.file:close()
end

return M
