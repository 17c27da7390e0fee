-- Lesson 9. Run it as a conversation: pymalloc lesson 9

local lesson = require "pymalloc.lesson"
local pinned = require "pymalloc.lesson.pinned"
local pymalloc = require "pymalloc"
local traces = require "pymalloc.lesson.traces"

local say, aside, show, claim = lesson.say, lesson.aside, lesson.show, lesson.claim
local predict, break_it, exercise = lesson.predict, lesson.break_it, lesson.exercise

local MOST_FREES = 10

-- The bytes of a heap's arenas by name. Only who made the requests knows how
-- many bytes they asked for.
local function names(heap, asked)
  local stats = heap:stats()
  return {
    asked = asked,
    rounding = stats.allocated_bytes - asked,
    headers = stats.header_bytes + stats.quantization_bytes + stats.alignment_bytes,
    free_blocks = stats.available_bytes,
    unused_pools = stats.unused_pool_bytes,
    arenas = stats.arena_bytes,
  }
end

local rows = {
  { "asked for", "asked" },
  { "1 rounding", "rounding" },
  { "2 headers and quantization", "headers" },
  { "3 free blocks in used pools", "free_blocks" },
  { "4 unused pools", "unused_pools" },
  { "together: the arenas", "arenas" },
}

-- Columns of bytes by name, as a table.
local function ledger(headings, columns)
  local lines = { ("  %-28s"):format("bytes") }
  for i, row in ipairs(rows) do
    lines[i + 1] = ("  %-28s"):format(row[1])
    for _, column in ipairs(columns) do
      lines[i + 1] = lines[i + 1] .. ("%10d %5.1f %%"):format(column[row[2]],
        100 * column[row[2]] / column.arenas)
    end
  end
  for _, heading in ipairs(headings) do
    lines[1] = lines[1] .. ("%18s"):format(heading)
  end
  return table.concat(lines, "\n")
end

-- Steps through a run and adds up, from the requests alone, what live small
-- blocks were asked for and what rounding added to it. Returns after how many
-- requests that and the other three names were the bytes of the arenas; the
-- names at the moment when most was asked for; and the request of this moment.
local function follow(run)
  local live, asked, rounding, agreed = {}, 0, 0, 0
  local most = { asked = -1 }
  local most_at
  local function forget(id)
    local block = live[id] or { asked = 0, rounding = 0 }
    asked, rounding, live[id] = asked - block.asked, rounding - block.rounding, nil
  end
  local function add(block)
    local bytes = run.heap:arena(block.arena):pool(block.pool).size
    live[block.id] = { asked = block.size, rounding = bytes - block.size }
    asked, rounding = asked + block.size, rounding + bytes - block.size
  end
  while run:step() == 1 do
    local id = run:request().id
    local block = run:block(id)
    forget(id)
    if block and block.arena then
      add(block)
    end
    local now = names(run.heap, asked)
    local sum = asked + rounding + now.headers + now.free_blocks + now.unused_pools
    agreed = agreed + (sum == now.arenas and 1 or 0)
    if asked > most.asked then
      most, most_at = now, run.op
    end
  end
  return agreed, most, most_at
end

-- Heaps for the exercise: of each arena, how many of its pools' first blocks
-- are live.
local plans = {
  { { 6 }, { 1, 1, 1, 1 }, { 0, 1, 1 }, { 0, 5 }, { 1, 1, 0, 1 } },
  { { 13, 13, 13, 13 }, { 4, 1 }, { 0, 0, 0, 11 }, { 2, 3, 1, 2 }, { 1, 1, 1, 1 }, { 1 } },
}

return lesson(9, "Fragmentation has four names", function()
  aside [[
    A program has asked for 758 KiB, and its heap holds 1024. Where is the rest? Fragmentation,
    people say, as if it were one thing. It is four, each has another cause, and every byte belongs
    to exactly one of them. We begin with one request in the classroom: 33 bytes.]]
  local heap <close> = pymalloc.heap { profile = "classroom" }
  local block = heap:malloc(33)
  local pool = block:pool()
  show(pool)

  say [[
    The first name is rounding. The block has 48 bytes, because 33 do not fit into 32. The heap does
    not know it: it never notes what was asked for. Only who made the request can tell; here it is
    the buffer.]]
  claim("rounding added 15 bytes to 33", pool.size - #block, 15)
  claim("the heap knows 48 allocated bytes and nothing of 33", heap:stats().allocated_bytes, 48)

  say [[
    The second is what a pool costs: its header, and at its end a rest that is too small for a
    block. This rest is called quantization.]]
  claim("the header has 48 bytes", heap:stats().header_bytes, 48)
  claim("four blocks of 48 fit behind it, and 16 bytes are left",
    { pool.capacity, heap:stats().quantization_bytes }, { 4, 16 })

  say [[
    The third are the other blocks of the pool, be they freed or never used. They are as good as
    any, but only for requests of this class.]]
  claim("three free blocks of 48 bytes", heap:stats().available_bytes, 3 * 48)

  say [[
    The fourth are the pools that no class uses. Any class may have them; but the system may not, as
    long as a single block pins the arena.]]
  claim("three unused pools of 256 bytes", heap:stats().unused_pool_bytes, 3 * 256)
  local here = names(heap, #block)
  show(ledger({ "" }, { here }))
  claim("with the 33 bytes, the four names add up to the arena",
    33 + here.rounding + here.headers + here.free_blocks + here.unused_pools, 1024)

  break_it {
    what = "A wrong rule: free bytes are free bytes. An arena of 16-byte blocks, every other one "
      .. "freed, is asked for 64 bytes, and there is no other arena.",
    run = function()
      local full <close> = pymalloc.heap { profile = "classroom", max_arenas = 1 }
      local blocks = {}
      for i = 1, 4 * 13 do
        blocks[i] = full:malloc(16)
      end
      for i = 1, #blocks, 2 do
        blocks[i]:free()
      end
      local wide = full:malloc(64)
      if not wide:location() then
        error(("%d bytes are free, and 64 bytes go to raw"):format(full:stats().available_bytes))
      end
    end,
    fails = "^416 bytes are free, and 64 bytes go to raw",
    so = [[
      All of them have the third name: free blocks in used pools. If one pool of the four were
      empty, the 64 bytes would lie in it.]],
  }

  say [[
    Now a real program: CPython, from its start to its end, 43,354 requests. We replay them on a
    heap of 3.6, one by one. A table notes what each live block was asked for and what rounding
    added; the heap tells the rest. Do they add up to the arenas, after every single request?]]
  local run <close> = assert(pymalloc.replay(traces.path("cpython-startup")))
  local agreed, most, most_at = follow(run)
  claim("they do, 43,354 times", { agreed, run.length }, { 43354, 43354 })

  predict {
    ask = "At its fullest the program has asked for 776,018 bytes, in arenas of 1,048,576. Which "
      .. "part of the rest is the largest?",
    choices = { "rounding", "headers and quantization", "free blocks in used pools",
                "unused pools" },
    answer = function()
      local largest = rows[2]
      for i = 3, 5 do
        largest = most[rows[i][2]] > most[largest[2]] and rows[i] or largest
      end
      return (largest[1]:sub(3))
    end,
    because = [[
      Nearly every class has pools that are only partly full, and there are 64 classes. Rounding, of
      which people think first, is the smallest of the four.]],
  }
  claim("rounding is less than headers and quantization alone", most.rounding < most.headers)
  run:seek(most_at)
  show(run.heap, { lists = false })

  say [[
    And with the bigger pools and arenas of CPython 3.11? The same request, the same bytes asked
    for:]]
  local newer <close> = assert(pymalloc.replay(traces.path("cpython-startup"),
    { profile = "3.11" }))
  newer:seek(most_at)
  local in_3_11 = names(newer.heap, most.asked)
  show(ledger({ "CPython 3.6", "CPython 3.11" }, { most, in_3_11 }))
  claim("blocks 16 bytes apart cost more rounding", in_3_11.rounding > 4 * most.rounding)
  claim("fewer and bigger pools have fewer headers", in_3_11.headers < most.headers / 2)
  claim("but more free blocks", in_3_11.free_blocks > 2 * most.free_blocks)
  claim("and of the second arena, which has just come, nearly all is unused",
    in_3_11.unused_pools // newer.heap.geometry.pool_bytes, 56)

  say [[
    Unused pools need not be a loss: a growing program will use them. They are one when the program
    shrinks, and a few blocks here and there pin their arenas. We go to the request of this run just
    before the first arena goes back. (heap:release_candidates lists the arenas by the number of
    their live blocks.)]]
  run:seek(0)
  run:continue("arena_release")
  run:back()
  show(run.heap, { lists = false })
  local first = run.heap:release_candidates()[1]
  claim("four arenas are held, and 610,304 of their bytes are unused pools",
    { run.heap:stats().arenas_current, run.heap:stats().unused_pool_bytes }, { 4, 610304 })
  claim("one block of 80 bytes is all that pins arena 3",
    { first.arena, first.blocks, first.bytes }, { 3, 1, 80 })
  run:step()
  claim("it is the next one to be freed, and 262,144 bytes go back",
    run.heap:stats().arena_bytes, 3 * 262144)

  local example = pinned.build(plans[1])
  aside "The exercise has heaps like this one, in which every live block has 16 bytes:"
  show(example.heap)
  exercise {
    task = [[
      You may free ten blocks at most. Which ones, so that the most arenas go back? Your file
      returns a function: it gets a heap of the classroom and returns a table of the blocks to be
      freed. heap:arenas() iterates over the arenas, and heap:pinned_by(arena) gives the live blocks
      of one as a table; take them from there.]],
    start = "return function(heap)\n  local chosen = {}\n  for arena in heap:arenas() do\n"
      .. "    for _, block in ipairs(heap:pinned_by(arena)) do\n      if #chosen < 10 then\n"
      .. "        table.insert(chosen, block)\n      end\n    end\n  end\n  return chosen\nend\n",
    grade = function(answer)
      for number, plan in ipairs(plans) do
        local built = pinned.build(plan)
        local full <close> = built.heap
        local before = full:stats().arenas_current
        local fault = pinned.free_chosen(built.live, answer(full), MOST_FREES)
        local released = before - full:stats().arenas_current
        local best = pinned.most_arenas(built.counts, MOST_FREES)
        if fault or released < best then
          return false, ("Heap %d of %d: %s."):format(number, #plans, fault
            or ("your frees give back %d of %d arenas, the best ones %d"):format(released, before,
              best))
        end
      end
      return true, "The arenas with the fewest live blocks, however many pools they lie in."
    end,
    good = function(full)
      local chosen = {}
      for _, candidate in ipairs(full:release_candidates()) do
        if #chosen + candidate.blocks <= 10 then
          table.move(candidate.pinned, 1, candidate.blocks, #chosen + 1, chosen)
        end
      end
      return chosen
    end,
    bad = function(full)
      local arenas, chosen = full:usable_arenas(), {}
      for i = #arenas, 1, -1 do
        local blocks = full:pinned_by(arenas[i])
        table.move(blocks, 1, math.min(#blocks, MOST_FREES - #chosen), #chosen + 1, chosen)
      end
      return chosen
    end,
  }
end)
