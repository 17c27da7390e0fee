-- Tests the colours of plots: lua/pymalloc/plot/theme.lua. The sight of people who do not see
-- red, green or blue is computed with the matrices of Machado, Oliveira and Fernandes,
-- "A Physiologically-based Model for Simulation of Color Vision Deficiency" (2009).

local theme = require "pymalloc.plot.theme"

local sights = {
  all = { { 1, 0, 0 }, { 0, 1, 0 }, { 0, 0, 1 } },
  ["no red"] = { { 0.152286, 1.052583, -0.204868 }, { 0.114503, 0.786281, 0.099216 },
    { -0.003882, -0.048116, 1.051998 } },
  ["no green"] = { { 0.367322, 0.860646, -0.227968 }, { 0.280085, 0.672501, 0.047413 },
    { -0.011820, 0.042940, 0.968881 } },
  ["no blue"] = { { 1.255528, -0.076749, -0.178779 }, { -0.078411, 0.930809, 0.147602 },
    { 0.004733, 0.691367, 0.303900 } },
}

local function linear(colour)
  local parts = {}
  for i = 1, 3 do
    local part = tonumber(colour:sub(2 * i, 2 * i + 1), 16) / 255
    parts[i] = part <= 0.04045 and part / 12.92 or ((part + 0.055) / 1.055) ^ 2.4
  end
  return parts
end

local function product(matrix, vector)
  local result = {}
  for i, row in ipairs(matrix) do
    local sum = row[1] * vector[1] + row[2] * vector[2] + row[3] * vector[3]
    result[i] = math.max(0, math.min(1, sum))
  end
  return result
end

local function luminance(parts)
  return 0.2126 * parts[1] + 0.7152 * parts[2] + 0.0722 * parts[3]
end

local function contrast(a, b)
  a, b = luminance(linear(a)), luminance(linear(b))
  return (math.max(a, b) + 0.05) / (math.min(a, b) + 0.05)
end

-- The colour in the space CIE L*a*b*, where the distance is about what people see.
local function lab(parts)
  local xyz = {
    (0.4124 * parts[1] + 0.3576 * parts[2] + 0.1805 * parts[3]) / 0.9505, luminance(parts),
    (0.0193 * parts[1] + 0.1192 * parts[2] + 0.9505 * parts[3]) / 1.089,
  }
  for i, value in ipairs(xyz) do
    xyz[i] = value > 0.008856 and value ^ (1 / 3) or 7.787 * value + 16 / 116
  end
  return { 116 * xyz[2] - 16, 500 * (xyz[1] - xyz[2]), 200 * (xyz[2] - xyz[3]) }
end

local function distance(a, b)
  return ((a[1] - b[1]) ^ 2 + (a[2] - b[2]) ^ 2 + (a[3] - b[3]) ^ 2) ^ 0.5
end

describe("the colours of series", function()
  for _, background in ipairs { "light", "dark" } do
    it("have a contrast of 3 or more with the " .. background .. " background", function()
      for i = 1, theme.SERIES do
        local value = contrast(theme.roles["series" .. i][background],
          theme.roles.background[background])
        assert.is_true(value >= 3, ("series %d: %.2f"):format(i, value))
      end
    end)

    for sight, matrix in pairs(sights) do
      it(("differ by 10 or more on the %s background, seeing: %s"):format(background, sight),
        function()
          for i = 1, theme.SERIES - 1 do
            for j = i + 1, theme.SERIES do
              local value = distance(
                lab(product(matrix, linear(theme.roles["series" .. i][background]))),
                lab(product(matrix, linear(theme.roles["series" .. j][background]))))
              assert.is_true(value >= 10, ("%d and %d: %.1f"):format(i, j, value))
            end
          end
        end)
    end
  end

  it("and the dashes differ for any two of 30 series", function()
    local seen = {}
    for i = 1, 30 do
      local look = theme.series(i) .. "/" .. theme.dash(i)
      assert.is_nil(seen[look])
      seen[look] = true
    end
  end)
end)

describe("texts", function()
  for _, background in ipairs { "light", "dark" } do
    it("have a contrast of 4.5 or more with the " .. background .. " background", function()
      for _, role in ipairs { "text", "faint" } do
        assert.is_true(contrast(theme.roles[role][background],
          theme.roles.background[background]) >= 4.5, role)
      end
    end)

    it("on blocks and bytes have a contrast of 4.5 or more, " .. background, function()
      local function check(name, text, fill)
        local value = contrast(theme.roles[text][background], theme.roles[fill][background])
        assert.is_true(value >= 4.5, ("%s: %.2f"):format(name, value))
      end
      for state, look in pairs(require("pymalloc.view.svg.blocks").looks) do
        check(state, look[3], look[1])
      end
      for use, look in pairs(require("pymalloc.view.svg.block").looks) do
        check(use, look[2], look[1])
      end
    end)

    it("on shades have a contrast of 4.5 or more, " .. background, function()
      for i = 1, theme.SHADES do
        local value = contrast(theme.roles["on" .. i][background],
          theme.roles["shade" .. i][background])
        assert.is_true(value >= 4.5, ("shade %d: %.2f"):format(i, value))
      end
    end)
  end
end)
