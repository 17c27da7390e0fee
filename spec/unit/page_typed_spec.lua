-- Tests lua/pymalloc/page/typed.lua: requests that are typed.

local page = require "pymalloc.page"
local pymalloc = require "pymalloc"

local HEAD = "# pymalloc trace 1\n"

local function sorted_lines(text)
  local lines = {}
  for line in text:gmatch("[^\n]+") do
    table.insert(lines, line)
  end
  table.sort(lines)
  return lines
end

describe("requests that are typed on an empty heap", function()
  local session

  before_each(function()
    session = page.openText("").session
  end)

  after_each(function()
    page.close(session)
  end)

  it("are run one by one", function()
    assert.same(0, page.moment(session).requests)
    local moment = page.append(session, "a 1 24")
    assert.same({ 1, 1, 1 }, { moment.op, moment.requests, moment.typed })
    assert.same("0:0:48", moment.request.address)
    moment = page.append(session, "r 1 40")
    assert.same({ 24, 40 }, { moment.request.old_bytes, moment.request.bytes })
    moment = page.append(session, "f 1")
    assert.same({ "f", 40 }, { moment.request.letter, moment.request.bytes })
    assert.same(HEAD .. "a 1 24\nr 1 40\nf 1\n", page.text(session))
  end)

  it("are undone one by one", function()
    page.append(session, "a 1 24")
    local hash = page.hash(session)
    page.append(session, "a 2 48")
    assert.same(1, page.undo(session).op)
    assert.same(hash, page.hash(session))
    assert.same(0, page.undo(session).op)
    assert.error_matches(function()
      page.undo(session)
    end, "^there is no request to undo$")
  end)

  it("are refused with a sentence where they are wrong", function()
    page.append(session, "a 1 24")
    for line, message in pairs {
      ["a 1 8"] = "^id 1 is live already$",
      ["a 2"] = "^expected 'a ID SIZE', found 'a 2'$",
      ["hello"] = "^expected a line that begins with",
      [""] = "this one is empty$", ["<script>"] = "^expected a line", ["a 2 8\na 3 8"] = "one line",
    } do
      local ok, problem = pcall(page.append, session, line)
      assert.is_false(ok)
      assert.matches(message, problem)
      assert.same(1, page.moment(session).requests)
    end
    assert.error_matches(function()
      page.append(session, 7)
    end, "^a request must be a line of text, got 7$")
  end)

  it("have ids and sizes up to 2^64 - 1", function()
    local id = "18446744073709551615"
    local moment = page.append(session, "a " .. id .. " 24")
    assert.same(id, moment.request.id)
    assert.is_true(page.block(session, id).live)
    assert.same("0:0:48", page.search(session, "id " .. id).life.address)
    assert.same(id, page.whatIf(session, id).id)
    moment = page.append(session, "a 2 " .. id)
    assert.same({ "refused", id }, { moment.events[2].kind, moment.request.bytes })
    assert.same(HEAD .. "a " .. id .. " 24\na 2 " .. id .. "\n", page.text(session))
  end)
end)

describe("requests that are typed on a trace", function()
  local session

  before_each(function()
    session = page.open("@startup").session
    page.seek(session, 1000)
  end)

  after_each(function()
    page.close(session)
  end)

  it("follow the present moment, and the trace is back when they are undone", function()
    local hash = page.hash(session)
    local moment = page.append(session, "a 999999 24")
    assert.same({ 1001, 1001, 1 }, { moment.op, moment.requests, moment.typed })
    page.append(session, "f 999999")
    page.undo(session)
    moment = page.undo(session)
    assert.same({ 1000, 43354, 0, hash }, { moment.op, moment.requests, moment.typed,
      page.hash(session) })
    assert.same(43354, page.seek(session, 43354).op)
  end)

  it("may begin earlier, after a step back", function()
    page.append(session, "a 999999 24")
    page.step(session, -10)
    local moment = page.append(session, "a 999998 24")
    assert.same({ 992, 1 }, { moment.op, moment.typed })
    moment = page.undo(session)
    assert.same({ 991, 43354 }, { moment.op, moment.requests })
  end)

  it("leave the trace as it is when they are refused", function()
    assert.is_false((pcall(page.append, session, "a 999999")))
    local moment = page.moment(session)
    assert.same({ 1000, 43354, 0 }, { moment.op, moment.requests, moment.typed })
  end)

  it("are kept when the page changes the geometry", function()
    page.append(session, "a 999999 24")
    page.append(session, "a 999998 48")
    page.step(session, -1)
    local other = page.reopen(session, { geometry = { profile = "3.11" } }).session
    local moment = page.moment(other)
    assert.same({ 1001, 1002, 2 }, { moment.op, moment.requests, moment.typed })
    assert.same(page.text(session), page.text(other))
    page.close(other)
  end)
end)

describe("the text of a session", function()
  it("is a trace with equal placements, with its sites, marks and allowances", function()
    local source = HEAD .. "w 1 0 app.py:3 main\nw 2 1 app.py:9 load\nm begin\na 1 24 @2\nx 0\n"
      .. "o 4096\na 2 600\nr 1 48 @1\nm end\n"
    local session = page.openText(source).session
    local text = page.text(session)
    assert.same(sorted_lines(source), sorted_lines(text))
    local again = page.openText(text).session
    assert.same(page.digest(session), page.digest(again))
    assert.same(text, page.text(again))
    page.close(session)
    page.close(again)
  end)

  it("has the digest of a built-in trace", function()
    local session = page.open("@startup").session
    local run <close> = assert(pymalloc.replay({ text = page.text(session) }))
    assert.same(page.digest(session), run:digest())
    page.close(session)
  end)
end)
