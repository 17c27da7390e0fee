-- Draws pictures as SVG. Each kind of object has its own picture; all share the colours of plots.

local look_of = require "pymalloc.view.svg.look"
local pictures = require "pymalloc.view.svg.picture"

local M = {}

local block = require "pymalloc.view.svg.block"
local pool = require "pymalloc.view.svg.pool"

local drawers = {
  Heap = require("pymalloc.view.svg.heap").draw,
  Arena = require("pymalloc.view.svg.arena").draw,
  Buffer = block.draw,
  Run = require("pymalloc.view.svg.run").draw,
  Diff = require("pymalloc.view.svg.diff").draw,
  Anatomy = require("pymalloc.view.svg.anatomy").draw,
}

function drawers.Pool(picture, x, look, heap)
  if look.block then
    return block.draw_at(picture, x, look.block, heap)
  end
  return pool.draw(picture, x, look, heap)
end

-- Is there a picture of this kind?
function M.has(kind)
  return drawers[kind] ~= nil
end

--- The options, checked, and the pool of a place; `what` is the function that was called.
M.look, M.block_at = look_of.check, look_of.block_at

--- The picture of `x`, which is of this kind and of that heap.
function M.draw(kind, x, look, heap)
  local picture = pictures.new(look)
  drawers[kind](picture, x, look, heap)
  return picture:svg()
end

return M
