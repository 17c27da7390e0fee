-- The traces of the other processes of a recorded program (--follow-fork), and the summary.

local output = require "pymalloc.output"
local text = require "pymalloc.text"

local M = {}

local COMMAND_MAX = 60 -- columns

--- The name of the trace of a process: its number is added to the name, before the ending of a
-- packed file or trace.
function M.name(path, pid)
  local stem = path
  for _, ending in ipairs { "%.gz$", "%.xz$", "%.zst$", "%.ptrace$" } do
    stem = stem:gsub(ending, "")
  end
  return ("%s.%d%s"):format(stem, pid, path:sub(#stem + 1))
end

-- Writes the trace of one log. Returns the number of requests, 0 if nothing is written; and the
-- number of frees of unknown blocks; or nil and a message.
local function write(log, path, head, texts)
  local out <close>, problem = output.open(path, { form = "trace" })
  if not out then
    return nil, problem
  end
  local requests, unknown = log:convert(out, head, texts)
  if not requests and unknown then
    return nil, unknown
  elseif requests == 0 then
    return 0, 0
  end
  local ok, failure = out:finish()
  if not ok then
    return nil, failure
  end
  return requests, unknown
end

local function row_of(about, path, requests, unknown)
  local command = text.printable(about.command)
  return { about.pid, requests, unknown, requests > 0 and path or "-",
    #command > COMMAND_MAX and command:sub(1, COMMAND_MAX - 3) .. "..." or command }
end

--- Writes the traces of all logs beside `log`. `head_of(about)` and `texts_of(log)` give what
-- begins a trace, and the texts of its frames. Returns a list of rows: process, requests, frees of
-- unknown blocks, trace and command; or nil and a message.
function M.write(log, path, head_of, texts_of)
  local rows = {}
  for _, other in ipairs(log:others()) do
    local about = other:about()
    if about and about.is_open then
      local name = M.name(path, about.pid)
      local requests, unknown = write(other, name, head_of(about), texts_of(other))
      if not requests then
        return nil, unknown
      end
      table.insert(rows, row_of(about, name, requests, unknown))
    end
  end
  return rows
end

--- The row of the first process, whose trace has the name `path`.
function M.first(about, path, requests, unknown)
  return row_of(about, path, requests or 0, unknown or 0)
end

--- The lines of a table of rows.
function M.summary(rows)
  local lines = { ("%9s %10s %9s  %-20s %s"):format("process", "requests", "left out", "trace",
    "command") }
  for _, row in ipairs(rows) do
    table.insert(lines, ("%9d %10d %9d  %-20s %s"):format(table.unpack(row)))
  end
  return table.concat(lines, "\n") .. "\n"
end

return M
