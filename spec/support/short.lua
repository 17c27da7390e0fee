-- What holds of heaps whose memory is below a ledger (spec/support/ledger.c), and lacks some.

local assert = require "luassert"

local M = {}

-- A heap of SMALL has arenas of 1 KiB, of which a few hundred requests fill more than sixteen.
M.SMALL = { profile = "classroom", retain_bytes = 2048, page_bytes = 4096 }

function M.assert_no_leak(ledger)
  local accounts = ledger:accounts()
  assert.equal(0, accounts.raw_count)
  assert.equal(0, accounts.raw_bytes)
  assert.equal(0, accounts.reserve_count)
  assert.equal(0, accounts.commit_bytes)
end

function M.assert_refused(buffer, message, code)
  assert.is_nil(buffer)
  assert.matches("memory", message)
  assert.equal("ENOMEM", code)
end

return M
