-- Runs a program with the recorder's library preloaded.

local core = require "pymalloc.core"
local packed = require "pymalloc.packed"
local preloaded = require "pymalloc.preloaded"

local M = {}

local SIGNAL_BASE = 128

local function quoted(words)
  local list = {}
  for i, word in ipairs(words) do
    list[i] = packed.quote(word)
  end
  return table.concat(list, " ")
end

-- The variables of the environment that the recorder reads.
local function environment(plan, library, log)
  local others = os.getenv("LD_PRELOAD") or ""
  local words = { "PYMALLOC_RECORD=" .. packed.quote(preloaded.absolute(log)),
    "LD_PRELOAD=" .. packed.quote(library .. (others ~= "" and ":" .. others or "")) }
  if plan.depth then
    table.insert(words, "PYMALLOC_RECORD_DEPTH=" .. plan.depth)
  end
  if plan.each then
    table.insert(words, "PYMALLOC_RECORD_EACH=1")
  end
  return table.concat(words, " ")
end

--- Runs the words of a plan with the library of that path preloaded and the path of a log. The plan
-- may have unset, an environment variable that is not passed on; depth, the number of frames of
-- call stacks; and each, to record every process. Returns the exit code, and whether the program
-- was ended by a signal that this process got too, such as Ctrl-C.
function M.run(plan, library, log)
  local line = ("%s%s exec %s"):format(plan.unset and "unset " .. plan.unset .. "; " or "",
    environment(plan, library, log), quoted(plan.words))
  io.stdout:flush()
  local how, code, signal = core.process.execute(line)
  return how == "signal" and SIGNAL_BASE + code or code, how == "signal" and signal ~= nil
end

return M
