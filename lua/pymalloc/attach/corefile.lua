-- The memory of a process that has ended, read from its core file. A mapping that the core
-- file leaves out, because it was not written to, is read from the file that it maps.

local elf = require "pymalloc.attach.elf"
local maps = require "pymalloc.attach.maps"

local M = {}

local Core = {}
Core.__index = Core

local NT_PRPSINFO, NT_FILE = 3, 0x46494c45
local COMMAND_AT, COMMAND_BYTES, PID_AT = 40, 16, 24 -- in the note on the process

local read_at = elf.read_at

-- Reads from the file of a mapping; nil if it cannot be opened.
local function read_mapped(self, address, count)
  local map = maps.find(self.files, address)
  if not map or address + count > map.last then
    return nil
  end
  local file <close> = io.open(map.path, "rb")
  return file and read_at(file, map.offset + address - map.first, count)
end

function Core:read(address, count)
  local segment = maps.find(self.segments, address)
  if not segment then
    return nil
  end
  local at = address - segment.first
  if count <= segment.file_bytes and at <= segment.file_bytes - count then
    return read_at(self.file, segment.offset + at, count)
  end
  return read_mapped(self, address, count)
end

function Core.open(_, path)
  return io.open(path, "rb")
end

-- A core file does not change while it is read.
function Core.end_note()
  return nil
end

function Core:close()
  self.file:close()
end

-- The mappings of files: a count, the size of a page, then for each mapping its first
-- address, its end and its place in the file in pages; then the paths.
local function read_files(note)
  local count, page_bytes = string.unpack("<I8I8", note)
  local files, path_at = {}, 17 + 24 * count
  for i = 1, count do
    local first, last, page = string.unpack("<I8I8I8", note, 17 + 24 * (i - 1))
    local path
    path, path_at = string.unpack("z", note, path_at)
    files[i] = { first = first, last = last, offset = page * page_bytes, path = path }
  end
  return files
end

-- The mappings as a process has them: the segments, with the paths of their files.
local function mappings(self)
  local list = {}
  for i, segment in ipairs(self.segments) do
    local file = maps.find(self.files, segment.first)
    list[i] = { first = segment.first, last = segment.last, is_writable = segment.is_writable,
      path = file and file.path or "", offset = file and file.offset or 0 }
  end
  return list
end

local function load_segments(parsed)
  local list = {}
  for _, segment in ipairs(parsed:segments()) do
    if segment.kind == elf.LOAD and segment.memory_bytes > 0 then
      table.insert(list, { first = segment.address, last = segment.address + segment.memory_bytes,
        offset = segment.offset, file_bytes = segment.file_bytes,
        is_writable = segment.is_writable })
    end
  end
  table.sort(list, function(a, b) return a.first < b.first end)
  return list
end

local function read_notes(self, parsed)
  local ok = pcall(parsed.each_note, parsed, function(kind, note)
    if kind == NT_FILE then
      self.files = read_files(note)
    elseif kind == NT_PRPSINFO and #note >= COMMAND_AT + COMMAND_BYTES then
      self.pid = string.unpack("<I4", note, PID_AT + 1)
      self.name = note:sub(COMMAND_AT + 1, COMMAND_AT + COMMAND_BYTES):match("^[^\0]*")
    end
  end)
  return ok
end

--- The memory in a core file; nil and a message if the file is not a core file.
function M.open(path)
  local file, problem = io.open(path, "rb")
  if not file then
    return nil, problem
  end
  local parsed, why = elf.new(file)
  if parsed and parsed.kind ~= elf.CORE then
    parsed, why = nil, "it is an ELF file, but not a core file"
  end
  if not parsed then
    file:close()
    return nil, why
  end
  local self = setmetatable({ core = path, file = file, files = {}, environment = "" }, Core)
  self.segments = load_segments(parsed)
  if not read_notes(self, parsed) then
    file:close()
    return nil, "its notes are damaged"
  end
  table.sort(self.files, function(a, b) return a.first < b.first end)
  self.maps = mappings(self)
  self.program = self.files[1] and self.files[1].path
  return self
end

return M
