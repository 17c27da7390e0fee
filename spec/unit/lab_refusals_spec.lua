-- Designs and policies that the simulator of csrc/lab refuses.

local pymalloc = require "pymalloc"
local simulate = pymalloc.lab.simulate

describe("lab.simulate", function()
  local loaded

  setup(function()
    loaded = assert(pymalloc.trace.loaded { text = "a 1 8\nf 1\n" })
  end)

  teardown(function()
    loaded:close()
  end)

  for title, case in pairs {
    ["an unknown field"] = { { arena = 1 }, "unknown field arena %(allowed: profile, " },
    ["a pool size that is not a power of two"] = { { pool_bytes = 5000 },
      "pool_bytes 5000: must be a power of two" },
    ["a pool that holds no block"] = { { pool_bytes = 512 }, "at least one block" },
    ["an arena size that is not a power of two"] = { { arena_bytes = 5000 },
      "arena_bytes 5000: must be a power of two, at most 1 TiB" },
    ["an arena offset beyond the arena"] = { { profile = "3.6", arena_offset = 1 << 18 },
      "arena_offset 262144: must be less than arena_bytes" },
    ["an arena of too many pools"] = { { classes = { 16 }, threshold = 16, header = 0,
      pool_bytes = 1024, arena_bytes = 1 << 40 }, "an arena must hold at most 16,777,216 pools" },
    ["two equal classes"] = { { classes = { 16, 16, 512 } }, "classes must be above 0 and ascend" },
    ["an arena that holds no pool"] = { { arena_bytes = 4096 }, "at least one pool" },
    ["classes that fall"] = { { classes = { 512, 16, 600 } },
      "classes must be above 0 and ascend" },
    ["classes below the threshold"] = { { classes = { 16 } },
      "threshold 512: must not be more than the largest class" },
    ["no classes"] = { { classes = {} },
      "classes must be an array of block sizes, .* got a table without an element" },
    ["1,025 classes"] = { { classes = table.pack(("x"):rep(1025):byte(1, -1)) },
      "classes must have at most 1024 elements, got at least 1025" },
    ["a pool size that one class does not have"] = {
      { classes = { 256, 512 }, pool_bytes = { 4096 } },
      "pool_bytes%[2%] must be an integer from 1 to 1048576, got nil" },
    ["a pool size that a function does not return"] = {
      { classes = { 256, 512 }, pool_bytes = function() end },
      "pool_bytes%(256%) must be an integer from 1 to 1048576, got nil" },
    ["too many classes"] = { { classes = { step = 1 }, threshold = 65536 }, "at most 1024" },
    ["an unknown policy"] = { { next_pool = "best" },
      "next_pool must be one of 'front of the ring', 'fullest', .* or a function, got 'best'" },
    ["a beginning that two policies share"] = { { release = "k" }, "got 'k'" },
    ["a function for carving"] = { { carving = print },
      "carving must be one of .* got a function" },
    ["an unknown profile"] = { { profile = "9.9" }, "9.9" },
    ["a seed below 0"] = { { seed = -1 }, "seed must be an integer from 0" },
    ["a number as design"] = { 5, "a design must be the name of a profile or a table, got 5" },
  } do
    it("refuses " .. title, function()
      local ok, problem = pcall(simulate, loaded, case[1])
      assert.is_false(ok)
      assert.matches("^pymalloc: ", problem)
      assert.matches(case[2], problem)
    end)
  end

  for title, policy in pairs {
    ["raises an error"] = function() error({ "mine" }) end,
    ["returns no number"] = function() return "1" end,
    ["returns no value"] = function() end,
    ["returns not a number"] = function() return 0 / 0 end,
  } do
    it("passes on that a policy " .. title, function()
      for _, name in ipairs { "next_pool", "next_arena" } do
        local ok, problem = pcall(simulate, loaded, { profile = "classroom", [name] = policy })
        assert.is_false(ok)
        if type(problem) == "table" then
          assert.same({ "mine" }, problem)
        else
          assert.matches("^pymalloc: lab: the policy " .. name .. " must return a number", problem)
        end
      end
    end)
  end
end)
