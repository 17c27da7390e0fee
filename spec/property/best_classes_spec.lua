-- Tests pymalloc.lab.best_classes against every choice of classes, on random histograms.

local pymalloc = require "pymalloc"

local lab = pymalloc.lab

-- A trace with random sizes, of which some are requested often.
local function random_trace(threshold)
  local lines, live = {}, {}
  for id = 1, math.random(1, 60) do
    local size = math.random() < 0.5 and math.random(1, 4) * threshold // 5 + 1
      or math.random(1, threshold)
    table.insert(lines, ("a %d %d"):format(id, size))
    table.insert(live, id)
    if math.random() < 0.3 then
      table.insert(lines, ("f %d"):format(table.remove(live, math.random(#live))))
    end
    if #live > 0 and math.random() < 0.1 then
      table.insert(lines, ("r %d %d"):format(live[1], math.random(1, threshold)))
    end
  end
  return assert(pymalloc.trace.parse(table.concat(lines, "\n") .. "\n"))
end

-- The sizes of the requests, or of the blocks that are live when the most bytes are.
local function sizes_of(text, is_peak)
  local requested, size_of, bytes, most, at_peak = {}, {}, 0, 0, {}
  for letter, id, size in text:gmatch("(%a) (%d+) ?(%d*)") do
    size = letter ~= "f" and math.tointeger(size) or nil
    bytes = bytes - (size_of[id] or 0) + (size or 0)
    size_of[id] = size
    table.insert(requested, size)
    if bytes > most then
      most, at_peak = bytes, {}
      for _, one in pairs(size_of) do
        table.insert(at_peak, one)
      end
    end
  end
  return is_peak and at_peak or requested
end

-- The waste of ascending classes; nil if one of the sizes is larger than all.
local function waste_of(sizes, classes)
  local waste = 0
  for _, size in ipairs(sizes) do
    local least
    for i = #classes, 1, -1 do
      least = classes[i] >= size and classes[i] or least
    end
    if not least then
      return nil
    end
    waste = waste + least - size
  end
  return waste
end

-- The least waste of k multiples of the alignment, of all there are.
local function least_waste(sizes, k, alignment, threshold)
  local least
  local function extend(classes, next_class)
    if #classes > 0 then
      local waste = waste_of(sizes, classes)
      least = waste and (not least or waste < least) and waste or least
    end
    for class = #classes < k and next_class or threshold + 1, threshold, alignment do
      table.insert(classes, class)
      extend(classes, class + alignment)
      table.remove(classes)
    end
  end
  extend({}, alignment)
  return least
end

describe("best classes", function()
  it("waste as little as the best of all choices, weighted by requests and by the peak", function()
    math.randomseed(12)
    for _ = 1, 60 do
      local alignment = ({ 1, 4, 8, 16 })[math.random(4)]
      local threshold = alignment * math.random(1, 9)
      local trace, k = random_trace(threshold), math.random(1, 4)
      for _, weight in ipairs { "requests", "peak" } do
        local sizes = sizes_of(trace.text, weight == "peak")
        local found = lab.best_classes(trace, k, { alignment = alignment, threshold = threshold,
          weight = weight })
        assert.equal(least_waste(sizes, k, alignment, threshold), found.waste)
        assert.equal(found.waste, waste_of(sizes, found.classes))
        assert.is_true(#found.classes <= k)
        assert.equal(#sizes, found.requests)
        for i, class in ipairs(found.classes) do
          assert.equal(0, class % alignment)
          assert.is_true(class > (found.classes[i - 1] or 0))
        end
      end
    end
  end)

  it("waste what profiles waste if they may be as many", function()
    local loaded <close> = pymalloc.trace.loaded("@startup")
    for profile, alignment in pairs { ["3.6"] = 8, ["3.11"] = 16 } do
      local found = lab.best_classes(loaded, 64, { alignment = alignment })
      assert.equal(found.profiles[profile], found.waste)
      local fewer = lab.best_classes(loaded, 8, { alignment = alignment })
      assert.is_true(fewer.waste > found.waste)
    end
  end)

  it("leave out larger requests, and requests for nothing", function()
    local trace = pymalloc.trace.parse "a 1 0\na 2 513\na 3 100\n"
    local found = lab.best_classes(trace, 5)
    assert.same({ { 112 }, 12, 1, 100 }, { found.classes, found.waste, found.requests,
      found.requested })
    assert.same({ {}, 0 }, { lab.best_classes(trace, 5, { threshold = 99 }).classes,
      lab.best_classes(pymalloc.trace.parse "a 1 0\n", 5).waste })
  end)

  it("refuse wrong arguments", function()
    local trace = pymalloc.trace.parse "a 1 8\n"
    for _, case in ipairs {
      { 0, nil, "k must be an integer from 1 to 512, got 0" },
      { "8", nil, "k must be an integer" },
      { 8, { weight = "bytes" }, "weight must be 'requests' or 'peak'" },
      { 8, { alignment = 0 }, "alignment must be" },
      { 8, { threshold = 1 << 20 }, "threshold must be an integer from 16 to 8192" },
      { 8, { sizes = 1 }, "unknown option sizes" },
    } do
      assert.error_matches(function() lab.best_classes(trace, case[1], case[2]) end, case[3])
    end
    local found, problem = lab.best_classes("/no/such.trace", 8)
    assert.is_nil(found)
    assert.matches("/no/such.trace", problem)
  end)
end)
