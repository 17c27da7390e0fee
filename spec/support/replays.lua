-- Replays of texts, for the specs of traces.

local assert = require "luassert"
local core = require "pymalloc.core"

local replay_text = core.trace.replay_text

local M = {}

-- Replays a text. Returns the output, the message if the replay fails, and the summary if not.
function M.output_of(text, options)
  local pieces = {}
  local all = { output = function(piece) table.insert(pieces, piece) end }
  for name, value in pairs(options) do
    all[name] = value
  end
  local summary, message = replay_text(text, all)
  return table.concat(pieces), message, summary
end

-- Asserts that the text is refused as a trace, with this message.
function M.refuses(message, text)
  local summary, got, kind = replay_text(text)
  assert.is_nil(summary)
  assert.equal(message, got)
  assert.equal("trace", kind)
end

-- Asserts that the text is a trace of that many requests.
function M.accepts(text, request_count)
  local summary, message = replay_text(text)
  assert.is_nil(message)
  assert.equal(request_count, summary.requests)
end

return M
