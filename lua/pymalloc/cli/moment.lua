-- The option --at: a request of a run, given by number, by a name or by a mark.

local text = require "pymalloc.text"

require "pymalloc.pins"

local M = {}

local MARKS_NAMED = 8 -- in the message for a mark that is not there

--- The named moments, with their help.
M.help = "N (after request N), end, peak (most bytes live), unused (most bytes of arenas not "
  .. "live), or the text of a mark of the trace."

local named = {
  ["end"] = function(run) return run.length end,
  peak = function(run) return run:most("live") end,
  unused = function(run) return run:most("unused") end,
}

local function no_mark(marks, wanted)
  local names = {}
  for i = 1, math.min(#marks, MARKS_NAMED) do
    names[i] = "'" .. text.printable(marks[i].text) .. "'"
  end
  local list = #marks == 0 and "the trace has no marks"
    or "the marks are " .. table.concat(names, ", ") .. (#marks > MARKS_NAMED and ", ..." or "")
  return nil, ("option '--at' takes a number, end, peak, unused or a mark, got '%s'; %s"):format(
    wanted, list)
end

local function of_mark(run, wanted)
  local marks = run:marks()
  for _, mark in ipairs(marks) do
    if mark.text == wanted then
      return mark.op
    end
  end
  return no_mark(marks, wanted)
end

local function of_number(run, wanted)
  local op = math.tointeger(tonumber(wanted))
  if not op or op > run.length then
    return nil, ("option '--at': the trace has %s, got '%s'"):format(
      text.count(text.group(run.length), "request"), wanted)
  end
  return op
end

--- The request that the argument of --at names; or nil and a message.
function M.find(run, wanted)
  if wanted:find("^%d+$") then
    return of_number(run, wanted)
  elseif named[wanted] then
    return named[wanted](run)
  end
  return of_mark(run, wanted)
end

return M
