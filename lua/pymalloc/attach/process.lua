-- The memory of a running process, read through /proc/PID/mem. The process is not stopped,
-- and nothing is written to it.

local maps = require "pymalloc.attach.maps"

local M = {}

local Process = {}
Process.__index = Process

local ENOENT, EPERM, EACCES = 2, 1, 13
local BYTES_MOST = 1 << 30 -- of one reading: a larger number was read wrongly

local function read_file(path)
  local file <close>, _, code = io.open(path, "rb")
  if not file then
    return nil, code
  end
  return file:read("a") or ""
end

local function fields_of(status)
  local fields = {}
  for name, value in (status or ""):gmatch("(%w+):%s*([^\n]*)") do
    fields[name] = value
  end
  return fields
end

-- The bytes at an address; nil if one of them is not mapped.
function Process:read(address, count)
  if count == 0 then
    return ""
  elseif count < 0 or count > BYTES_MOST then
    return nil
  end
  local bytes = self.memory:seek("set", address) and self.memory:read(count)
  return bytes and #bytes == count and bytes or nil
end

-- Opens a file that is mapped, by its path in the file system of the process. A file that
-- was replaced since it was mapped cannot be opened, except for the program itself.
function Process:open(path)
  local live = path:gsub(" %(deleted%)$", "")
  local root = ("/proc/%d/"):format(self.pid)
  if live == path then
    return io.open(root .. "root" .. path, "rb") or io.open(path, "rb")
  end
  return path == self.program and io.open(root .. "exe", "rb") or nil
end

--- Why a reading failed, if the process has ended since it was opened; otherwise nil.
function Process:end_note()
  local state = fields_of(read_file(("/proc/%d/status"):format(self.pid))).State
  if not state or state:find("^[ZX]") then
    return ("process %d ended while it was read"):format(self.pid)
  end
end

function Process:close()
  self.memory:close()
end

-- Why the memory of a process may not be read.
local function refusal(pid, status)
  local owner = (status.Uid or ""):match("%d+")
  local own = fields_of(read_file("/proc/self/status")).Uid or ""
  if owner ~= own:match("%d+") then
    return ("process %d belongs to another user (user id %s): permission is denied; run this "
      .. "command as that user or as root"):format(pid, owner or "unknown")
  end
  local scope = (read_file("/proc/sys/kernel/yama/ptrace_scope") or ""):match("%d")
  if scope and scope ~= "0" then
    return ("process %d may not be read: permission is denied by the setting "
      .. "/proc/sys/kernel/yama/ptrace_scope, which is %s; as root, write 0 to it, or run this "
      .. "command as root"):format(pid, scope)
  end
  return ("process %d may not be read: permission is denied; it may have changed its user, or "
    .. "be in a container; run this command as root with the capability SYS_PTRACE"):format(pid)
end

local function why_not(pid, status, code)
  if code == ENOENT or not status.State then
    return ("there is no process %d"):format(pid)
  elseif code == EACCES or code == EPERM then
    return refusal(pid, status)
  end
  return ("process %d cannot be read: error %s"):format(pid, tostring(code))
end

--- The memory of a process; nil and a message if it cannot be read.
function M.open(pid)
  local root = ("/proc/%d/"):format(pid)
  if not io.open("/proc/self/maps") then
    return nil, "processes cannot be read here: there is no /proc/PID/maps as on Linux"
  end
  local status = fields_of(read_file(root .. "status"))
  local content, code = read_file(root .. "maps")
  if not content then
    return nil, why_not(pid, status, code)
  elseif content == "" then
    return nil, status.State and status.State:find("^Z")
      and ("process %d has ended and only waits for its parent: it has no memory"):format(pid)
      or ("process %d has no memory of its own: it is a thread of the kernel, or is ending")
        :format(pid)
  end
  local memory, _, refused = io.open(root .. "mem", "rb")
  if not memory then
    return nil, why_not(pid, status, refused)
  end
  memory:setvbuf("no")
  local self = setmetatable({ pid = pid, memory = memory, maps = maps.parse(content) }, Process)
  self.name = status.Name
  self.program = M.program(self.maps)
  self.environment = read_file(root .. "environ") or ""
  return self
end

--- The path of the program: the first file that is mapped.
function M.program(list)
  for _, map in ipairs(list) do
    if map.path:sub(1, 1) == "/" then
      return map.path
    end
  end
end

return M
