-- Tests lua/pymalloc/page/saved.lua: a file that the page saves is equal to the one that the
-- library writes.

local page = require "pymalloc.page"
local pymalloc = require "pymalloc"

local TRACE = "a 1 24\na 2 600\nr 1 100\na 3 40\n"

describe("a moment of the page that is saved", function()
  local session, run

  before_each(function()
    session = page.openText(TRACE).session
    run = pymalloc.replay(pymalloc.trace.parse(TRACE))
    page.seek(session, 3)
    run:seek(3)
  end)

  after_each(function()
    page.close(session)
    run:close()
  end)

  it("is the picture of the run at that request", function()
    local svg = page.svg(session)
    assert.equal(pymalloc.view.svg(run), svg)
    assert.matches("^<svg ", svg)
  end)

  it("is the snapshot of the heap, which the library loads", function()
    local text = page.snapshot(session)
    assert.equal(run.heap:snapshot():json(), text)
    assert.is_true(pymalloc.snapshot.parse(text):check())
  end)

  it("is the dump of the heap", function()
    assert.equal(run.heap:dump(), page.dump(session))
  end)

  it("differs from that of another request", function()
    local before = page.snapshot(session)
    page.seek(session, 4)
    assert.not_equal(before, page.snapshot(session))
  end)
end)
