-- Tests lua/pymalloc/check.lua: what messages quote of what a script gave.

local page = require "pymalloc.page"
local pymalloc = require "pymalloc"

describe("a message", function()
  local long = ("x"):rep(100000)

  it("quotes the first 100 bytes of a long string", function()
    local ok, message = pcall(page.seek, long, 1)
    assert.same({ false, "session must be the number of an open session, got '" .. long:sub(1, 100)
      .. "...'" }, { ok, (message:gsub("^pymalloc: page: ", "")) })
  end)

  it("names an unknown option by its first 100 bytes", function()
    local _, message = pcall(pymalloc.view.svg, pymalloc.heap(), { [long] = 1 })
    assert.matches("unknown option " .. long:sub(1, 100) .. "... (allowed:", message, 1, true)
  end)
end)
