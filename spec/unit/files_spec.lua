-- Files and folders of the user: pymalloc.core.files.

local files = require("pymalloc.core").files

describe("core.files", function()
  local top

  before_each(function()
    top = os.tmpname()
    os.remove(top)
  end)

  after_each(function()
    os.execute("rm -rf " .. top)
  end)

  it("makes a folder and those above it, also where they exist", function()
    for _ = 1, 2 do
      assert.is_true(files.make_folder(top .. "/a//b/c/"))
    end
    assert.is_true(files.make_folder(top .. "/a/d"))
    assert.is_true(files.exists(top .. "/a/b/c"))
    assert.is_false(files.exists(top .. "/a/c"))
    assert.is_true(files.make_folder("/"))
  end)

  it("says which folder cannot be made, and why", function()
    local ok, reason, code = files.make_folder("/dev/null/a/b")
    assert.is_nil(ok)
    assert.equal("/dev/null: Not a directory", reason)
    assert.equal("number", type(code))
    assert.equal("/dev/null: Not a directory", select(2, files.make_folder "/dev/null"))
    assert.matches("No such file", select(2, files.make_folder ""))
    assert.matches("too long", select(2, files.make_folder(("x"):rep(10000))))
  end)
end)
