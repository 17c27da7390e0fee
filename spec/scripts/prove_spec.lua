-- script/prove: what it reports when a proof is lost. No prover runs here.

local lfs = require "lfs"
local page = require "script.lib.prove.page"
local scratch = require "spec.support.scratch"

before_each(scratch.make)
after_each(scratch.remove)

-- The page has one proved function of wp/pool with two properties, and an open one.
local PAGE = [[
### wp/pool: A pool.

| function | properties | verdict |
|---|---|---|
| `pool_pop` | [pool.count]; no run-time error | proved |
| `pool_give` | its contract | open |
]]

local function all(count)
  return { proved = count, all = count }
end

-- Compares the page with a result that has these rows. Returns the verdict and what was printed.
local function compare(rows, is_all, name)
  assert(lfs.mkdir(scratch.path .. "/docs"))
  scratch.put("docs/proofs.md", PAGE)
  local printed, print_line = {}, print
  _G.print = function(line) table.insert(printed, line) end
  local ok, verdict = pcall(page.compare, scratch.path,
    { { subject = { name = name or "wp/pool", prove = {} }, rows = rows } }, is_all)
  _G.print = print_line
  assert(ok, verdict)
  return verdict, table.concat(printed, "\n")
end

describe("script/prove", function()
  it("accepts a result with all that the page calls proved", function()
    assert.same({ true, "" }, { compare({ pool_pop = { ["[pool.count]"] = all(2),
      ["no run-time error"] = all(3) } }, true) })
  end)

  it("reports a property that is not proved", function()
    assert.same({ false, "no longer proved: wp/pool: pool_pop: [pool.count]" }, { compare {
      pool_pop = { ["[pool.count]"] = { proved = 1, all = 2 }, ["no run-time error"] = all(3) } } })
  end)

  it("reports a function that is not among those to prove any more", function()
    local verdict, printed = compare {}
    assert.is_false(verdict)
    assert.equal("no longer proved: wp/pool: pool_pop: [pool.count]\n"
      .. "no longer proved: wp/pool: pool_pop: no run-time error", printed)
  end)

  it("reports a table whose file is not there, if all files were proved", function()
    assert.same({ false, "no longer proved: wp/pool: the file is not in proofs/" },
      { compare({}, true, "wp/order") })
    scratch.remove()
    scratch.make()
    assert.same({ true, "" }, { compare({}, false, "wp/order") })
  end)
end)
