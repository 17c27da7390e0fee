--- Output files.
--
-- A regular file is written under a temporary name in the same folder, and gets its final
-- name when it is complete: until then an older file of that name is unchanged. The new file
-- has the permissions of the older one. Where the name is a symbolic link, the file behind it
-- is replaced and the link stays. An older file in a folder where no file can be made is not
-- replaced: that is an error. Other hard links to an older file keep the older text.
--
-- A device, a pipe, and an open file such as /dev/stdout are written as they are, and never
-- removed. A named pipe is opened at once, as by > in the shell: that waits for its reader, who
-- gets the end of its input also if the command fails. "-" is standard output. If the name ends
-- in .gz, .xz or .zst, the file is packed. A trace is written as text; where the name ends in
-- .ptrace, also with .gz, .xz or .zst behind it, the file is a packed trace.

local core = require "pymalloc.core"
local packed = require "pymalloc.packed"

local files, process, trace = core.output, core.process, core.trace

local M = {}

--- The message on a path that is "".
M.EMPTY = "the name of the output is empty (allowed: a path, or - for standard output)"

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
    local path, reason = files.beside(self.target,
      not self.is_internal and note_of(self.path, self.exists) or nil)
    return path, reason and (self.exists
      and "%s cannot be replaced: no file can be made in its folder: %s"
      or "%s: %s"):format(self.path, reason)
  elseif #self.steps > 0 then
    return files.scratch()
  end
end

-- The steps that make the output of the text: "trace" makes a packed trace, others are tools.
local function steps_of(path, options)
  local steps, tool = {}, packed.tool(path)
  local is_named = (tool and path:gsub("%.%w+$", "") or path):find("%.ptrace$")
  if options.form == "packed" or options.form == "trace" and is_named then
    steps[1] = "trace"
  end
  steps[#steps + 1] = tool
  return steps
end

--- Begins an output.
-- @tparam string path
-- @tparam[opt] table options form: "trace" for a trace as text, which is packed if the name says
-- so; "packed" for one that is packed whatever the name; progress: a function that is called
-- while the output is packed, with the number of requests done, or a text; is_internal: true for
-- a file that no message should name
-- @treturn Output with the methods write, handle and finish; the end of a variable marked
-- <close> removes what is not finished; or nil and a message, and then nothing is left
function M.open(path, options)
  options = options or {}
  local target, kind, exists
  if path == "" then
    return nil, M.EMPTY
  elseif path == "-" then
    target, kind = path, 1
  else
    target, kind, exists = files.resolve(path)
  end
  if not target then
    return nil, kind
  end
  local self = setmetatable({ path = path, name = path == "-" and "standard output" or path,
    target = target, kind = kind, exists = exists, steps = steps_of(path, options),
    is_internal = options.is_internal, progress = options.progress or function() end }, Output)
  local problem
  if kind == "device" then
    self.device, problem = io.open(target, "wb")
  end
  if not problem then
    self.temporary, problem = make_temporary(self)
  end
  if problem then
    self:__close()
    return nil, problem
  end
  return self
end

local function open_handle(self)
  if self.temporary then
    return io.open(self.temporary, "wb")
  elseif self.device then
    return self.device
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

--- The file handle to write to; nil if it cannot be opened. A file is opened at the first call.
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
local function run_tool(self, tool, from, to)
  self.progress(("packing %s with %s"):format(self.name, tool))
  local how, code, signal = process.execute(("exec %s %s -c < %s > %s"):format(tool,
    packed.QUICK[tool], packed.quote(from), packed.quote(to)))
  if signal then
    process.end_by(signal)
  elseif how == "exit" and code == 127 then
    return ("the program '%s', which packs it, is not installed"):format(tool)
  elseif how ~= "exit" or code ~= 0 then
    return tool .. " fails"
  end
end

-- The comments at the beginning of a trace, except the one that names the format.
local function comments_of(path)
  local note = {}
  for line in io.lines(path) do
    if line:sub(1, 1) ~= "#" then
      break
    elseif line ~= trace.HEAD then
      table.insert(note, line .. "\n")
    end
  end
  return table.concat(note)
end

-- Packs a trace into an open file. Returns the reason if that fails.
local function pack_trace(self, from, handle)
  local packer, problem = trace.packer(from, handle, comments_of(from))
  if not packer then
    return problem
  end
  local done, is_all
  repeat
    done, is_all = packer:run()
    if not done then
      return is_all
    end
    self.progress(done)
  until is_all
end

-- Runs a step, from a file into the output itself, or into a new temporary file.
local function run_step(self, step, from, is_direct)
  local to, problem = self.target, nil
  if not is_direct then
    local make = self.kind == "file" and files.beside or files.scratch
    to, problem = make(self.target)
  end
  if not to then
    return problem
  end
  self.temporary = not is_direct and to or nil
  if step ~= "trace" then
    return run_tool(self, step, from, to)
  end
  local handle = self:handle()
  problem = handle and pack_trace(self, from, handle)
  close_handle(self)
  return problem
end

-- Packs the temporary file, step by step.
local function pack(self)
  for i, step in ipairs(self.steps) do
    local from = self.temporary
    local problem = run_step(self, step, from, i == #self.steps and self.kind ~= "file")
    files.remove(from)
    if not check(self, not problem, problem) or self.failure then
      return
    end
  end
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
  if not self.failure then
    pack(self)
  end
  if self.kind == "file" and not self.failure then
    if check(self, files.rename(self.temporary, self.target)) then
      self.temporary = nil
    end
  end
  if not self.failure then
    return true
  end
  return nil, ("%s cannot be written: %s%s"):format(self.name, self.failure, self:kept()),
    self.kind == 1 and self.code == process.BROKEN_PIPE
end

-- Closes what is open, and removes the temporary file of an output that is not finished.
function Output:__close()
  if self.opened and self.opened ~= standard[self.kind] then
    self.opened:close()
  end
  if io.type(self.device) == "file" then
    self.device:close()
  end
  if self.temporary then
    files.remove(self.temporary)
  end
end

--- Writes a text as a whole output.
-- @treturn boolean true; or as finish
function M.write(path, text, options)
  local out <close>, problem = M.open(path, options)
  if not out then
    return nil, problem
  end
  out:write(text)
  return out:finish()
end

return M
