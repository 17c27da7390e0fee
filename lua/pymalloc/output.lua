--- Output files.
--
-- A regular file is written under a temporary name in the same folder, and gets its final
-- name when it is complete: until then an older file of that name is unchanged. The new file
-- has the permissions of the older one. Where the name is a symbolic link, the file behind it
-- is replaced and the link stays. An older file in a folder where no file can be made is not
-- replaced: that is an error. Other hard links to an older file keep the older text.
--
-- A device, a pipe, and an open file such as /dev/stdout are written as they are, and never
-- removed. "-" is standard output. If the name ends in .gz, .xz or .zst, the file is packed.

local core = require "pymalloc.core"
local packed = require "pymalloc.packed"

local files, process = core.output, core.process

local M = {}

local Output = {}
Output.__index = Output

local standard = { io.stdout, io.stderr } -- by descriptor

-- The sentence on an output that was not written.
local function note_of(path, exists)
  path = path:gsub("%c", "?")
  return exists and path .. " is unchanged" or path .. " is not written"
end

-- Makes the temporary file that is written first. nil and a message if that fails; nil alone
-- if the output is written as it is.
local function make_temporary(self)
  if self.kind == "file" then
    local path, reason = files.beside(self.target, note_of(self.path, self.exists))
    return path, reason and (self.exists
      and "%s cannot be replaced: no file can be made in its folder: %s"
      or "%s: %s"):format(self.path, reason)
  elseif self.tool then
    return files.scratch()
  end
end

--- Begins an output.
-- @treturn Output with the methods write, handle and finish; the end of a variable marked
-- <close> removes what is not finished; or nil and a message
function M.open(path)
  if path == "-" then
    return setmetatable({ name = "standard output", kind = 1 }, Output)
  end
  local target, kind, exists = files.resolve(path)
  if not target then
    return nil, kind
  end
  local self = setmetatable({ path = path, name = path, target = target, kind = kind,
    exists = exists, tool = packed.tool(path) }, Output)
  local problem
  self.temporary, problem = make_temporary(self)
  if problem then
    return nil, problem
  end
  return self
end

local function open_handle(self)
  if self.temporary then
    return io.open(self.temporary, "wb")
  elseif math.type(self.kind) == "integer" then
    return standard[self.kind] or files.open_descriptor(self.kind)
  end
  return io.open(self.target, self.kind == "open" and "ab" or "wb")
end

-- Keeps the first failure; its arguments are results of a function of io.
local function check(self, ok, reason, code)
  if not ok and not self.failure then
    self.failure, self.code = reason, code
  end
  return ok
end

--- The file handle to write to; nil if it cannot be opened. It is opened at the first call,
-- which waits for the reader of a named pipe.
function Output:handle()
  if not self.opened and not self.failure then
    self.opened = check(self, open_handle(self))
  end
  return self.opened
end

--- Writes strings. A failure is reported by finish.
-- @treturn boolean whether all could be written
function Output:write(...)
  local handle = self:handle()
  return handle ~= nil and check(self, handle:write(...)) ~= nil
end

--- Makes finish report a failure of a write by other means.
function Output:fail(reason)
  check(self, nil, reason)
end

local function close_handle(self)
  local handle = self:handle()
  if handle == standard[self.kind] then
    return handle and check(self, handle:flush())
  elseif handle then
    check(self, handle:flush())
    check(self, handle:close())
  end
  self.opened = nil
end

-- Runs the tool that packs. Returns the reason if it fails.
local function run_tool(tool, from, to)
  local how, code, signal =
    process.execute(("exec %s -c < %s > %s"):format(tool, packed.quote(from), packed.quote(to)))
  if signal then
    process.end_by(signal)
  elseif how == "exit" and code == 127 then
    return ("the program '%s', which packs it, is not installed"):format(tool)
  elseif how ~= "exit" or code ~= 0 then
    return tool .. " fails"
  end
end

-- Packs the temporary file into another one, or into the output itself.
local function pack(self)
  local plain, to = self.temporary, self.target
  if self.kind == "file" then
    local problem
    to, problem = files.beside(self.target)
    if not check(self, to, problem) then
      return
    end
    self.temporary = to
  else
    self.temporary = nil
  end
  local problem = run_tool(self.tool, plain, to)
  files.remove(plain)
  check(self, not problem, problem)
end

--- The end of a message on an output that is not finished: "", or that the older file is
-- unchanged.
function Output:kept()
  return self.kind == "file" and self.exists and "; " .. note_of(self.path, true) or ""
end

--- Completes the output.
-- @treturn boolean true; or nil, a message, and true if the reader of standard output has
-- closed its pipe
function Output:finish()
  close_handle(self)
  if self.tool and not self.failure then
    pack(self)
  end
  if self.kind == "file" and not self.failure then
    if check(self, files.rename(self.temporary, self.target)) then
      self.temporary = nil
    end
  end
  if not self.failure then
    self.is_finished = true
    return true
  end
  return nil, ("%s cannot be written: %s%s"):format(self.name, self.failure, self:kept()),
    self.kind == 1 and self.code == process.BROKEN_PIPE
end

-- Removes the temporary file of an output that is not finished. The reader of a named pipe
-- gets the end of its input.
function Output:__close()
  if self.opened and self.opened ~= standard[self.kind] then
    self.opened:close()
  elseif self.kind == "device" and not self.is_finished then
    files.release(self.target)
  end
  if self.temporary then
    files.remove(self.temporary)
  end
end

--- Writes a text as a whole output.
-- @treturn boolean true; or as finish
function M.write(path, text)
  local out <close>, problem = M.open(path)
  if not out then
    return nil, problem
  end
  out:write(text)
  return out:finish()
end

return M
