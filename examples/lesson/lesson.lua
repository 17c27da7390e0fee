-- A lesson of a teacher. To go through it: pymalloc lesson examples/lesson/lesson.lua
--
-- docs/write-a-lesson.md explains its parts.

local lesson = require "pymalloc.lesson"
local pymalloc = require "pymalloc"

return lesson("Two queues", function()
  lesson.source "The chapter on queues of our course."

  lesson.aside [[
    A queue gives back its elements in the order in which they came. A stack gives back the last
    one first. What does a heap do with the blocks that a program frees?]]
  local heap <close> = pymalloc.heap { profile = "classroom" }
  local first, second, third = heap:malloc(24), heap:malloc(24), heap:malloc(24)
  local at_first, at_second = first:address(), second:address()

  lesson.say [[
    A pool keeps its free blocks in a list. We request three blocks, and free the first and then
    the second.]]
  first:free()
  second:free()
  local pool = third:pool()
  lesson.show(pool)
  lesson.claim("the block that was freed last is the first of the list", pool.freeblock, at_second)

  lesson.predict {
    ask = "We request a block of the same size. Which block do we get?",
    choices = { "the first", "the second", "a new one" },
    answer = function()
      local block = heap:malloc(24)
      return block:address() == at_first and "the first"
        or block:address() == at_second and "the second" or "a new one"
    end,
    because = "The list is a stack: the block that was freed last is handed out first.",
    why = {
      ["the first"] = "This would be right if the list were a queue.",
      ["a new one"] = "A block that was freed is handed out before one that was never used.",
    },
    hint = "Look at the free chain in the picture.",
  }

  lesson.break_it {
    what = "We free a block twice.",
    run = function()
      local block = heap:malloc(24)
      block:free()
      block:free()
    end,
    fails = "was freed",
    so = "The buffer knows that its block was freed. In C, the list would now be damaged.",
  }

  lesson.exercise {
    task = [[
      Blocks 1 to n are freed in a given order. Your file returns a function. It gets the order, a
      table of numbers, and returns the order in which the next n requests get these blocks.]],
    start = "return function(order)\n  return order\nend\n",
    hint = "Read the table from its end.",
    grade = function(answer)
      for _, order in ipairs { { 1, 2 }, { 2, 3, 1 }, { 4, 1, 3, 2 } } do
        local got = answer({ table.unpack(order) })
        for i = 1, #order do
          local wanted = order[#order + 1 - i]
          if type(got) ~= "table" or got[i] ~= wanted then
            return false, ("after the frees %s, request %d gets block %d"):format(
              table.concat(order, " "), i, wanted)
          end
        end
      end
      return true, "The list is a stack."
    end,
    good = function(order)
      local reversed = {}
      for i = #order, 1, -1 do
        table.insert(reversed, order[i])
      end
      return reversed
    end,
    bad = function(order)
      return order
    end,
  }
end)
