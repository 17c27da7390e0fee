local kit = require "experiments.kit"
local pymalloc = require "pymalloc"

local STOPS = 200

-- Bytes of live blocks, on average over evenly spread stops of a trace.
local function mean_block_bytes(trace, options)
  local run = assert(pymalloc.replay(trace, options))
  local sum = 0
  for i = 1, STOPS do
    assert(run:seek(run.length * i // STOPS))
    sum = sum + run.heap:stats().allocated_bytes
  end
  return sum / STOPS
end

return {
  title = "Blocks aligned to 8 or to 16 bytes",
  sources = {
    { "bpo-27987, GH-12850 (2019): 16 bytes on 64-bit platforms",
      "https://github.com/python/cpython/pull/12850" },
  },
  asked = "How much memory do classes 16 bytes apart cost? The author estimated 8 bytes more for "
    .. "most strings, 56 to 64 bytes (12.5 % of 64, 14.3 % of 56), and 8 bytes more for one tuple "
    .. "in two. We found no measurement of whole programs.",
  method = "Two recorded programs on 3.8's geometry with both alignments. The columns have bytes "
    .. ("of live blocks on average over %d stops, and bytes of arenas on average over all "):format(
      STOPS) .. "requests. The recordings are of CPython 3.11, whose objects have other sizes than "
    .. "those of 2019.",
  run = function()
    local rows, worst = {}, 0
    for _, one in ipairs { "@json", "@startup" } do
      local row = { one:sub(2) }
      local blocks, held = {}, {}
      for i, alignment in ipairs { 8, 16 } do
        local options = { profile = "3.8", alignment = alignment }
        blocks[i] = mean_block_bytes(one, options)
        held[i] = assert(pymalloc.experiment { traces = { one }, designs = { options },
          measure = { "held_mean" } }).rows[1].held_mean
      end
      for _, pair in ipairs { blocks, held } do
        table.insert(row, kit.kib(pair[1]))
        table.insert(row, kit.kib(pair[2]))
        table.insert(row, ("%+.1f %%"):format(100 * pair[2] / pair[1] - 100))
      end
      worst = math.max(worst, 100 * blocks[2] / blocks[1] - 100)
      table.insert(rows, row)
    end
    return {
      text = kit.table({ "trace", "blocks, 8 B", "16 B", "", "arenas, 8 B", "16 B", "" }, rows),
      sentence = ("Live blocks grow by at most %.1f %%, about half of the estimate for one "
        .. "short string; arenas, of which there are only whole ones, grow less."):format(worst),
    }
  end,
}
