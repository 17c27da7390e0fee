local sample_tree = require "spec.support.sample_tree"

-- A small tree with each name in all of its places, in the order of the script's rules.
local told = "/* [box.count]  ref.count + |free chain| == blocks carved */\n"
local listed = '  X(BOX_COUNT, "box.count")\n'
local proven = "return check_fail(check, BOX_COUNT,\n"
local broken = 'assert.equal("box.count", fault)\n'

local function try(header, list, check, spec)
  return sample_tree.try("invariants", {
    ["csrc/box.h"] = header,
    ["csrc/check/check.h"] = list,
    ["csrc/check/check_arena.c"] = check,
    ["spec/unit/check_spec.lua"] = spec,
  })
end

local function refuses(message, ...)
  local ok, output = try(...)
  assert.equal(message .. "\n", output)
  assert.is_false(ok)
end

describe("the names of invariants", function()
  it("pass if each is in a header, in the list, in a check and in a spec", function()
    local ok, output = try(told, listed, proven, broken)
    assert.equal("", output)
    assert.is_true(ok)
  end)

  it("may be in the title of a spec", function()
    assert.is_true((try(told, listed, proven, 'it("breaks [box.count]", function()\n')))
  end)

  it("are refused if one is not in the list", function()
    local both = told .. "** [box.chain]\n"
    refuses("csrc/box.h: [box.chain] is not in the list of csrc/check/check.h",
      both, listed, proven, broken .. '"box.chain"')
  end)

  it("are refused if one is in no header", function()
    local both = listed .. '  X(BOX_CHAIN, "box.chain")\n'
    refuses("csrc/check/check.h: [box.chain] is not in the comment of a header",
      told, both, proven .. "check_fail(check, BOX_CHAIN,", broken)
  end)

  it("are refused if no check reports one", function()
    refuses("csrc/check/check.h: [box.count] is not in a check_fail of csrc/check*.c",
      told, listed, "", broken)
  end)

  it("are refused if no spec names one", function()
    refuses("csrc/box.h: [box.count] is not in a spec", told, listed, proven, "")
  end)

  it("are refused where the title of a spec names one that does not exist", function()
    refuses("spec/unit/check_spec.lua: [box.cuont] is not in the comment of a header",
      told, listed, proven, broken .. 'it("breaks [box.cuont]", function()\n')
  end)

  it("are refused in a tree that has none", function()
    refuses("csrc: no invariant found", "", "", "", "")
  end)
end)
