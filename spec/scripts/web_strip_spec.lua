local strip = require("script.lib.web.strip").strip

-- The code without comments, after a check that it is the same code.
local function stripped(code)
  local result = strip(code)
  assert.equal(string.dump(assert(load(code, "=code"))), string.dump(assert(load(result, "=code"))))
  return result
end

describe("code in the library of the page", function()
  it("has no comments and no indentation, and its lines keep their numbers", function()
    assert.equal("\nlocal a = 1\n\nreturn function()\nreturn a\nend\n", stripped(
      "-- first\nlocal a = 1 -- one\n  -- two\nreturn function()\n\treturn a  \n  end\n\n\n"))
  end)

  it("keeps strings with the signs of comments in them", function()
    for _, code in ipairs { [[return "--", '-- "', "\"--", '\\' .. "--"]], "return [[ -- ]]\n",
      "return [==[\n  -- ]]\n  ]==]\n", "return 'a\\\n  -- b'\n", "return 'a\\z\n   \n  -- b'\n",
      'return "\\\\" -- "' } do
      local expected = { load(code)() }
      assert.same(expected, { load(stripped(code))() })
    end
  end)

  it("separates the tokens beside a long comment, which may have several lines", function()
    assert.equal("local a\n\n=1", stripped("local a--[[ x\n\n]]=1"))
    assert.equal("local a return a", stripped("local--[==[ ]] ]==]a return a"))
    assert.equal("return 1 ", stripped("return 1--[[ at the end ]]"))
  end)

  it("keeps operators that begin as comments and long brackets do", function()
    assert.equal("local t={[1]=2}\nreturn 3-t[t[1]-1] - -1", stripped(
      "local t={[1]=2}\nreturn 3-t[t[1]-1] - -1"))
  end)

  it("has no line for the shell", function()
    assert.equal("\nreturn 1", strip("#!/usr/bin/lua\nreturn 1"))
  end)

  it("refuses strings and brackets that do not end", function()
    assert.error_matches(function() strip("return 'a\n") end, "a string does not end")
    assert.error_matches(function() strip("--[[ a") end, "a long bracket does not end")
  end)
end)
