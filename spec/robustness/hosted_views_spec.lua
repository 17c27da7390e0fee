local command = require "spec.support.command"

describe("the views of a heap that hosts the Lua state", function()
  for name, options in pairs {
    ["the default options"] = "",
    ["no cache"] = 'profile = "3.6", cache_bytes = 0, cache_blocks = 0',
    ["small arenas"] = 'profile = "classroom", cache_bytes = 0, cache_blocks = 0, retain_bytes = 0',
    ["debug hooks"] = 'profile = "3.8", debug = true',
    ["checks"] = "checked = true",
  } do
    it("stay right while reading them allocates, on a heap with " .. name, function()
      local output, errors, code = command.run(command.environment ..
        " lua5.4 spec/support/live_views.lua '" .. options .. "'")
      assert.equal("", errors)
      assert.equal("fine\n", output)
      assert.equal(0, code)
    end)
  end
end)
