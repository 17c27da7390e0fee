-- Tests lua/pymalloc/cli/html.lua: the command pymalloc html.

local command = require "spec.support.command"
local json = require "pymalloc.json"
local page_copy = require "spec.support.page_copy"
local pymalloc = require "pymalloc"
local scratch = require "spec.support.scratch"

describe("pymalloc html", function()
  setup(function()
    scratch.make()
    page_copy.make()
  end)

  teardown(scratch.remove)

  -- Runs the command of the copy in the folder. Output, standard error, exit code.
  local function html(arguments)
    return command.run(("cd %s; %s html %s"):format(scratch.path, page_copy.command, arguments))
  end

  local function options_of(name)
    return json.read(scratch.get(name):match('pymalloc%-options">(.-)</script>'))
  end

  it("writes a page with the name of the trace, and says its size", function()
    local output, errors, code = html "@startup"
    assert.same({ "", 0 }, { output, code })
    local bytes = errors:match("^pymalloc: startup%.html with 43,354 requests of @startup, "
      .. "([%d,]+) bytes\n$")
    assert.same(#scratch.get "startup.html", tonumber((bytes:gsub(",", ""))))
    assert.same({ name = "@startup" }, options_of "startup.html")
    assert.matches("<title>@startup: pymalloc</title>", scratch.get "startup.html")
  end)

  it("passes its options on to the page", function()
    local _, _, code = html("@startup -o page.html --profile 3.11 --pool-bytes 4K --release never "
      .. "--at peak --from 100 --compare 3.9,pool=8K --title 'A & B' --interpreter 0")
    assert.same(0, code)
    local run <close> = assert(pymalloc.replay("@startup", { profile = "3.11", pool_bytes = 4096,
      release = "never" }))
    assert.same({ name = "@startup", from = 100, op = run:most("held"), interpreter = 0,
      geometry = { profile = "3.11", pool_bytes = 4096, release = "never" },
      compare = { profile = "3.9", pool_bytes = 8192 } }, options_of "page.html")
    assert.matches("<title>A &amp; B</title>", scratch.get "page.html")
  end)

  it("leaves out the requests behind --to", function()
    local _, errors = html "@startup -o short.html --to 1000"
    assert.matches("with 1,000 requests of @startup", errors)
  end)

  it("writes to standard output", function()
    local output, errors, code = html "@startup -o -"
    assert.same({ 0, "<!doctype html>" }, { code, output:sub(1, 15) })
    assert.matches("^pymalloc: a page with ", errors)
  end)

  it("reads the log of another tool, and says what it left out", function()
    scratch.put("some.log", "= Start\n@ a:[0x1] + 0x5000 0x18\n@ a:[0x1] - 0x6000\n= End\n")
    local _, errors, code = html "some.log"
    assert.same(0, code)
    assert.matches("1 free of unknown blocks left out", errors)
    assert.matches("some%.log%.html with 1 request of some%.log", errors)
  end)

  it("says what is wrong, and leaves an older page as it is", function()
    scratch.put("older.html", "older")
    for message, arguments in pairs {
      ["^pymalloc: nothing%.trace: No such file"] = "nothing.trace -o older.html",
      ["^pymalloc: from must be a request from 0 to 43,354, got 99,999"] =
        "@startup -o older.html --from 99999",
      ["^pymalloc: option '%-%-at' takes a number, end, peak"] = "@startup -o older.html --at here",
      ["^pymalloc: option '%-%-compare': pool_bytes is 4000"] =
        "@startup -o older.html --compare 3.11,pool=4000",
      ["^pymalloc: option '%-%-compare' takes a profile"] = "@startup --compare ,",
      ["^pymalloc: option '%-%-compare' takes no name"] = "@startup --compare 3.6,name=x",
      ["^pymalloc: .*/none/x%.html"] = "@startup -o " .. scratch.path .. "/none/x.html",
    } do
      local output, errors, code = html(arguments)
      assert.same("", output)
      assert.matches(message, errors)
      assert.is_true(code == 1 or code == 2)
      assert.same("older", scratch.get "older.html")
    end
  end)

  it("says which command builds the page", function()
    command.run("mv " .. scratch.path .. "/lua/pymalloc/page/page.html " .. scratch.path)
    local _, errors, code = html "@startup -o none.html"
    command.run("mv " .. scratch.path .. "/page.html " .. scratch.path .. "/lua/pymalloc/page")
    assert.same({ "pymalloc: the page is not built: script/web builds it\n", 1 }, { errors, code })
  end)
end)
