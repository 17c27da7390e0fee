-- Options such as --at: a request of a run, given by number, by a name or by a mark.

local text = require "pymalloc.text"

require "pymalloc.pins"

local M = {}

local FAILED, BAD_USAGE = 1, 2
local MARKS_NAMED = 8 -- in the message for a mark that is not there

--- The named moments, with their help.
M.help = "N (after request N); end; peak (the most bytes of arenas are held, and of such moments "
  .. "the one with the most live bytes); live (the most bytes are live); unused (the most bytes of "
  .. "arenas are in no live block, at or after the peak); or the text of a mark of the trace."

local named = {
  ["end"] = function(run) return run.length end,
  peak = function(run) return run:most("held") end,
  live = function(run) return run:most("live") end,
  unused = function(run) return run:most("unused") end,
}

local function no_mark(option, marks, wanted)
  local names = {}
  for i = 1, math.min(#marks, MARKS_NAMED) do
    names[i] = "'" .. text.printable(marks[i].text) .. "'"
  end
  local list = #marks == 0 and "the trace has no marks"
    or "the marks are " .. table.concat(names, ", ") .. (#marks > MARKS_NAMED and ", ..." or "")
  return nil, ("option '%s' takes a number, end, peak, live, unused or a mark, got '%s'; %s")
    :format(option, wanted, list)
end

local function of_mark(option, run, wanted)
  local marks = run:marks()
  for _, mark in ipairs(marks) do
    if mark.text == wanted then
      return mark.op
    end
  end
  return no_mark(option, marks, wanted)
end

local function of_number(option, run, wanted)
  local op = math.tointeger(tonumber(wanted))
  if not op or op > run.length then
    return nil, ("option '%s': the trace has %s, got '%s'"):format(option,
      text.count(text.group(run.length), "request"), wanted)
  end
  return op
end

--- The request that the argument of an option names, by default that of --at; or nil and a
-- message.
function M.find(run, wanted, option)
  option = option or "--at"
  if wanted:find("^%d+$") then
    return of_number(option, run, wanted)
  elseif named[wanted] then
    return named[wanted](run)
  end
  return of_mark(option, run, wanted)
end

--- Moves a run to the moment that the argument names. Returns its request; or nil, a message
-- and the exit code.
function M.seek(run, wanted, option)
  local op, problem = M.find(run, wanted, option)
  if not op then
    return nil, problem, BAD_USAGE
  end
  local ok, message = run:seek(op)
  if not ok then
    return nil, message, FAILED
  end
  return op
end

return M
