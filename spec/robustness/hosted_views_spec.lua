local command = require "spec.support.command"

describe("the views of a heap that Lua itself lives on", function()
  for name, options in pairs {
    ["of a host"] = "",
    ["exact"] = 'profile = "3.6", cache_bytes = 0, cache_blocks = 0',
    ["small"] = 'profile = "classroom", cache_bytes = 0, cache_blocks = 0, retain_bytes = 0',
    ["debug"] = 'profile = "3.8", debug = true',
    ["checked"] = "checked = true",
  } do
    it("are not confused by what looking allocates: a heap that is " .. name, function()
      local output, errors, code = command.run(command.environment ..
        " lua5.4 spec/support/live_views.lua '" .. options .. "'")
      assert.equal("", errors)
      assert.equal("fine\n", output)
      assert.equal(0, code)
    end)
  end
end)
