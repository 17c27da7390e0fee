-- Tests lua/pymalloc/page/document.lua and template.lua: the HTML file of a trace.

local base64 = require "pymalloc.base64"
local document = require "pymalloc.page.document"
local json = require "pymalloc.json"
local pymalloc = require "pymalloc"
local scratch = require "spec.support.scratch"

local TEMPLATE = [[
<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<title>pymalloc</title>
</head><body>
<script type="application/json" id="pymalloc-options">{}</script>
<script type="application/octet-stream" id="pymalloc-trace"></script>
<script>run()</script>
</body></html>
]]

-- {=== Reading HTML

-- The end of a script's text that begins at `at`, as the tokenizer of HTML finds it: "<!--" and
-- a "<script" behind it hide one "</script>".
local function script_end(text, at)
  local is_comment, is_hidden = false, false
  while true do
    local from = text:find("[<-]", at)
    local rest = text:sub(from or #text + 1, (from or 0) + 8):lower()
    if not from then
      return #text + 1
    elseif rest:find("^<!%-%-") then
      is_comment = true
    elseif rest:find("^%-%->") then
      is_comment, is_hidden = false, false
    elseif rest:find("^<script[ \t\r\n/>]") and is_comment then
      is_hidden = true
    elseif rest:find("^</script") and is_hidden then
      is_hidden = false
    elseif rest:find("^</script") then
      return from
    end
    at = from + 1
  end
end

-- The tags of a page in order, and the texts of its title and its scripts.
local function read_html(text)
  local tags, texts, at = {}, {}, 1
  while true do
    local from, to = text:find("<[^>]*>", at)
    if not from then
      return tags, texts
    end
    local tag = text:sub(from, to)
    table.insert(tags, tag)
    at = to + 1
    if tag:find("^<title") or tag:find("^<script") then
      local last = tag:find("^<title") and text:lower():find("</title", at, true)
        or script_end(text, at)
      texts[tag:match('id="([^"]*)"') or tag:match("^<(%a+)")] = text:sub(at, last - 1)
      at = last
    end
  end
end

local function entities_read(text)
  return (text:gsub("&lt;", "<"):gsub("&gt;", ">"):gsub("&quot;", '"'):gsub("&#39;", "'")
    :gsub("&amp;", "&"))
end

local SIGNS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"

local function base64_read(text)
  local bytes, bits, count = {}, 0, 0
  for sign in text:gmatch("[^=]") do
    bits, count = (bits << 6 | SIGNS:find(sign, 1, true) - 1) & 0xffff, count + 6
    if count >= 8 then
      count = count - 8
      table.insert(bytes, string.char(bits >> count & 255))
    end
  end
  return table.concat(bytes)
end

-- The bytes of a deflated text, by gzip, which misses only the checksum behind them.
local function inflated(bytes)
  if bytes:find(pymalloc.trace.PACKED_MAGIC, 1, true) == 1 then
    return bytes
  end
  scratch.put("deflated.gz", "\x1f\x8b\8\0\0\0\0\0\0\3" .. bytes)
  return (scratch.run "gzip -dc deflated.gz")
end

-- {=== Specs

local function read_file(path)
  local file <close> = assert(io.open(path, "rb"))
  return file:read("a")
end

describe("the page of a trace", function()
  local template, page

  setup(function()
    scratch.make()
    template, page = scratch.put("template.html", TEMPLATE), scratch.path .. "/page.html"
  end)

  teardown(scratch.remove)

  local function written(source, options)
    options = options or {}
    options.template = template
    local facts = assert(document.write(source, page, options))
    local text = read_file(page)
    assert.same(#text, facts.bytes)
    local tags, texts = read_html(text)
    assert.same((read_html(TEMPLATE)), tags)
    return texts, facts
  end

  -- A run of the trace in the page.
  local function run_of(texts, options)
    local packed = scratch.put("packed.ptrace", inflated(base64_read(
      texts["pymalloc-trace"])))
    return assert(pymalloc.replay(packed, options))
  end

  it("contains the trace, packed", function()
    local texts, facts = written("@startup")
    local run <close> = run_of(texts)
    local same <close> = assert(pymalloc.replay("@startup"))
    assert.same({ same:digest(), 43354 }, { run:digest(), facts.requests })
    assert.same({ "@startup: pymalloc", "run()" }, { texts.title, texts.script })
    assert.same({ name = "@startup" }, json.read(texts["pymalloc-options"]))
  end)

  it("contains marks and call stacks", function()
    local texts = written { text = "w 1 0 app.py:3 main\nw 2 1 app.py:9 load\nm begin\n"
      .. "a 1 24 @2\na 2 9\nm end\n" }
    local run <close> = run_of(texts)
    assert.same({ { op = 0, text = "begin" }, { op = 2, text = "end" } }, run:marks())
    assert.same({ "app.py:9 load", "app.py:3 main" }, run:request(1).where)
  end)

  it("contains the requests up to `to` of an interpreter", function()
    local source = { text = "a 1 8\ni 1\na 1 16\na 2 16\ni 0\na 2 8\ni 1\nf 1\na 3 16" }
    local texts, facts = written(source, { interpreter = 1, to = 2 })
    local run <close> = run_of(texts, { interpreter = 1 })
    assert.same({ 2, 2, 2 }, { facts.requests, run.length, run.left_out })
    local _, whole = written(source, { interpreter = 1, to = 99 })
    assert.same(4, whole.requests)
  end)

  it("has the options of the page as JSON", function()
    local texts = written("@startup", { geometry = { profile = "3.11" }, from = 10, at = 500,
      compare = { profile = "3.9", pool_bytes = 8192 } })
    assert.same({ geometry = { profile = "3.11" }, from = 10, op = 500, name = "@startup",
      compare = { profile = "3.9", pool_bytes = 8192 } }, json.read(texts["pymalloc-options"]))
  end)

  it("closes no element, whatever the names are", function()
    for _, name in ipairs { "</title><script>alert(1)</script>", "</script>", "<!--",
      "<!--<script>",
      "-->", "\226\128\168\226\128\169", "a\0b", "\255\254 x", "&lt;", "\"'><img src=x onerror=y>",
      "]]>", "</SCRIPT >", "%1 %0 {}", "{{STYLE}}" } do
      local texts = written({ text = "a 1 8\n", name = name }, { title = name, name = name })
      local shown = name:gsub("%z", "?"):gsub("[\255\254]", "?")
      assert.same(shown, entities_read(texts.title))
      assert.same(shown, json.read(texts["pymalloc-options"]).name)
      assert.is_nil(texts["pymalloc-options"]:find("[<>&\226]"))
    end
  end)

  it("closes no element, whatever marks and frames are", function()
    local texts = written { text = "w 1 0 </script><script>alert(1)</script>\n"
      .. "m --></script><img src=x onerror=alert(1)>\na 1 8 @1\n" }
    local run <close> = run_of(texts)
    assert.same("</script><script>alert(1)</script>", run:request(1).where[1])
    assert.is_nil(texts["pymalloc-trace"]:find("[^%w+/=]"))
  end)

  it("is not written if a moment is not in the trace", function()
    for message, options in pairs {
      ["^from must be a request from 0 to 2, got 3$"] = { from = 3 },
      ["^at must be a request from 1 to 2, got 0$"] = { from = 1, at = 0 },
      ["^interpreter 4 has no request$"] = { interpreter = 4 },
    } do
      options.template = template
      local none = scratch.path .. "/none.html"
      local facts, problem = document.write({ text = "a 1 8\na 2 8\n" }, none, options)
      assert.is_nil(facts)
      assert.matches(message, problem)
      assert.is_nil(io.open(none))
    end
  end)

  it("is not written if the trace is wrong, and an older page stays", function()
    scratch.put("page.html", "older")
    local packed = scratch.path .. "/cut.ptrace"
    assert(pymalloc.trace.save({ text = ("a 1 8\nf 1\n"):rep(5000) }, packed))
    scratch.put("cut.ptrace", read_file(packed):sub(1, -40))
    for _, source in ipairs { { text = "a 1\n" }, packed, scratch.path .. "/nothing.trace" } do
      local facts, problem = document.write(source, page, { template = template })
      assert.is_nil(facts)
      assert.is_string(problem)
    end
    assert.same("older", read_file(page))
  end)

  it("needs the page that script/web builds", function()
    local nothing = scratch.path .. "/nothing"
    local facts, problem = document.write("@startup", page, { template = nothing })
    assert.is_nil(facts)
    assert.same("the page is not built: script/web builds it", problem)
    local other = scratch.put("other", "<html></html>")
    facts, problem = document.write("@startup", page, { template = other })
    assert.is_nil(facts)
    assert.matches("not of this version", problem)
  end)

  it("is written of a run, which has its own heap and moment", function()
    local run <close> = assert(pymalloc.replay("@startup", { profile = "3.9" }))
    run:seek(77)
    local texts = written(run, { at = run.op })
    local same <close> = run_of(texts, { profile = "3.9" })
    assert.same(run:digest(), same:digest())
  end)
end)

describe("base64", function()
  it("is read back for each length and each byte", function()
    assert.same({ "", "TQ==", "TWE=", "TWFu" }, { base64.encode "", base64.encode "M",
      base64.encode "Ma", base64.encode "Man" })
    local bytes = {}
    for byte = 0, 255 do
      bytes[byte + 1] = string.char(byte, (byte * 7) & 255)
    end
    local all = table.concat(bytes)
    for count = 0, #all do
      assert.same(all:sub(1, count), base64_read(base64.encode(all:sub(1, count))))
    end
  end)
end)

describe("pymalloc.view.html", function()
  it("says which argument is wrong", function()
    for message, arguments in pairs {
      ["x must be a run, a trace or a path, got nil"] = {},
      ["path must be a string without zero bytes, got nil"] = { "@startup" },
      ["options must be a table, got 7"] = { "@startup", "x", 7 },
      ["unknown option zoom"] = { "@startup", "x", { zoom = 1 } },
      ["heap must be a table of options or the name of a profile, got 3"] =
        { "@startup", "x", { heap = 3 } },
      ["pool_bytes is 3"] = { "@startup", "x", { compare = { pool_bytes = 3 } } },
      ["the heap of a run is exact"] = { "@startup", "x", { heap = { debug = true } } },
      ["from must be an integer from 0"] = { "@startup", "x", { from = -1 } },
      ["title must be a string, got 5"] = { "@startup", "x", { title = 5 } },
    } do
      assert.error_matches(function()
        pymalloc.view.html(arguments[1], arguments[2], arguments[3])
      end, message, 1, true)
    end
  end)
end)
