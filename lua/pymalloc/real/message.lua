-- Sentences on a process that did not replay the whole trace.

local text = require "pymalloc.text"

local M = {}

local signals = { [4] = "SIGILL", [5] = "SIGTRAP", [6] = "SIGABRT", [7] = "SIGBUS",
  [8] = "SIGFPE", [9] = "SIGKILL", [11] = "SIGSEGV", [15] = "SIGTERM", [24] = "SIGXCPU" }

-- Where the process was.
local function place(outcome)
  if not outcome.is_begun then
    return "before its first request"
  elseif outcome.done < outcome.requests then
    return ("at request %d of %d"):format(outcome.done, outcome.requests)
  end
  return "after its last request"
end

-- The first line that the process wrote, or the last one of a Python program, in brackets.
local function output_of(one, outcome)
  local line = outcome.output:match(one.python and "([^\n]*)\n*$" or "^[^\n]*")
  return line ~= "" and (" (it wrote: %s)"):format(text.printable(line)) or ""
end

-- The reason in a line of the dynamic linker, such as "invalid ELF header".
local function linker_reason(outcome)
  local reason = outcome.output:match("cannot be preloaded %(([^\n]*)%)")
  return reason and " (" .. reason .. ")" or ""
end

local function not_loaded(one, outcome)
  if one.is_path or not one.libraries then
    return outcome.problem .. linker_reason(outcome)
  end
  return ("no library of it is installed: looked for %s; Debian's package is %s"):format(
    table.concat(one.libraries, ", "), one.package)
end

local function reason(one, outcome, options)
  if outcome.ended == "timeout" then
    return ("the process did not end within %s, and was killed %s"):format(
      text.count(options.timeout, "second"), place(outcome))
  elseif outcome.ended == "signal" then
    local name = signals[outcome.code]
    return ("the process was ended by signal %d%s %s%s"):format(outcome.code,
      name and " (" .. name .. ")" or "", place(outcome), output_of(one, outcome))
  elseif outcome.problem ~= "" then
    return not_loaded(one, outcome)
  elseif one.python and outcome.code == 127 then
    return ("the command %s is not found"):format(one.python)
  end
  return ("the process ended with exit code %d %s%s"):format(outcome.code, place(outcome),
    output_of(one, outcome))
end

--- A sentence on why an outcome is not whole, which begins with the allocator's name.
function M.of(one, outcome, options)
  return one.name .. ": " .. reason(one, outcome, options)
end

return M
