-- Remarks on a log that was converted: the counts of lines and calls that were left out of the
-- trace, or are uncertain.

local text = require "pymalloc.text"

local M = {}

-- The field of the notes that counts something, a noun, and the rest of the sentence.
local counted = {
  { "skipped", "wrong line", "left out" },
  { "unsited", "request", "kept without a call stack, whose line is lost" },
  { "cut", "call", "left out, because one half of it is not in the input" },
  { "nested", "call", "left out, because another call of the allocator made it" },
  { "beyond", "operation", "after the declared number left out" },
  { "unknown_frees", "free", "of unknown blocks left out" },
  { "reused", "block", "taken for freed, because its address was allocated again" },
  { "others", "request", "of other processes left out" },
  { "devices", "event", "of other devices left out" },
  { "misnamed", "call", "of libc itself left out: ltrace gives them wrong names" },
  { "unclear", "thread", "may be a forked child: trace fork too to distinguish them" },
}

--- The messages on wrong lines, and a remark on each count of the notes that is not 0.
function M.list(notes)
  local remarks = table.move(notes.problems, 1, #notes.problems, 1, {})
  for _, remark in ipairs(counted) do
    local count = notes[remark[1]]
    if count > 0 then
      table.insert(remarks, ("%s %s"):format(text.count(count, remark[2]), remark[3]))
    end
  end
  return remarks
end

--- Writes them to standard error.
function M.say(notes)
  for _, remark in ipairs(M.list(notes)) do
    io.stderr:write("pymalloc: ", remark, "\n")
  end
end

return M
