-- Compares the model with the output of CPython's own code: the same rows of golden.tsv as for
-- the core, but only the traces that the model replays quickly.

local command = require "spec.support.command"
local model_replay = require "spec.support.model_replay"
local profiles = require "spec.support.profiles"

local DATA = "spec/fidelity/data/"
local QUICK = { ["thrash_15.trace"] = true, ["ramps_9.trace"] = true, ["oom_16.trace"] = true }

-- "3.11+4096" is profile 3.11 with an arena offset of 4096.
local function geometry_of(name)
  local profile, offset = name:match("^([^+]+)%+?(%d*)$")
  local geometry = {}
  for field, value in pairs(profiles[profile]) do
    geometry[field] = value
  end
  geometry.arena_offset = tonumber(offset) or 0
  return geometry
end

local function replay(trace, profile)
  local pieces = {}
  model_replay.run(DATA .. trace .. ".xz", geometry_of(profile), {
    write = function(text)
      table.insert(pieces, text)
    end,
    placements = true, dump_every = 20000, dump = true, stats = true,
  })
  return table.concat(pieces)
end

local function sha256_of(text)
  local file <close> = command.file(text)
  return (command.run("sha256sum " .. file.path)):match("^%x+")
end

describe("the model prints the output of CPython's own code", function()
  for line in io.lines(DATA .. "golden.tsv") do
    local trace, profile, length, sha256 = line:match("^(%S+)\t(%S+)\t(%d+)\t(%x+)$")
    if QUICK[trace] then
      it(("in %s on %s"):format(trace, profile), function()
        local text = replay(trace, profile)
        assert.equal(tonumber(length), #text)
        assert.equal(sha256, sha256_of(text))
      end)
    end
  end
end)
