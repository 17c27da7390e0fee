-- Lesson 10. To go through it: pymalloc lesson 10

local lesson = require "pymalloc.lesson"
local pinned = require "pymalloc.lesson.pinned"
local pymalloc = require "pymalloc"

local say, aside, show, claim = lesson.say, lesson.aside, lesson.show, lesson.claim
local predict, break_it, exercise = lesson.predict, lesson.break_it, lesson.exercise

local MOST_FREES = 10

-- The bytes of a heap's arenas, by kind. The heap does not know how many bytes
-- were requested, so the caller passes that number.
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
  { "requested", "asked" },
  { "1 rounding", "rounding" },
  { "2 headers and quantization", "headers" },
  { "3 free blocks in used pools", "free_blocks" },
  { "4 unused pools", "unused_pools" },
  { "sum: the arenas", "arenas" },
}

-- A table of bytes: a row for each kind, and a column for each heap.
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

-- Steps through a run and computes, from the requests alone, the bytes requested
-- for all live small blocks and their rounding. Returns three values: after how
-- many requests the sum of these two and of the other three kinds was the size of
-- the arenas; the bytes by kind after the request at which the live small blocks
-- have the most requested bytes; and the number of this request.
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

-- Heaps for the exercise. { 0, 5 } is an arena whose first pool is empty, and
-- whose second pool has five live blocks.
local plans = {
  { { 6 }, { 1, 1, 1, 1 }, { 0, 1, 1 }, { 0, 5 }, { 1, 1, 0, 1 } },
  { { 13, 13, 13, 13 }, { 4, 1 }, { 0, 0, 0, 11 }, { 2, 3, 1, 2 }, { 1, 1, 1, 1 }, { 1 } },
}

return lesson(10, "Fragmentation has four parts", function()
  lesson.source [[
    CPython 3.6, Objects/obmalloc.c: _PyObject_DebugMallocStats, which counts these bytes. The
    article on memory management in Python says that pools of one size help with fragmentation,
    and does not measure it.]]

  aside [[
    A program has requested 758 KiB, but its heap holds 1024 KiB. What are the other bytes? They are
    often all called fragmentation. But there are four kinds of them, each with another cause, and
    each byte of an arena that was not requested is of exactly one kind. We begin with a single
    request, of 33 bytes, to a heap of the profile classroom.]]
  local heap <close> = pymalloc.heap { profile = "classroom" }
  local block = heap:malloc(33)
  local pool = block:pool()
  show(pool)

  say [[
    The first kind is rounding. The block has 48 bytes, because 33 bytes do not fit into a block of
    32. The heap cannot report this kind, because it does not store how many bytes were requested.
    The caller has to know the number; in this lesson the buffer knows it.]]
  claim("rounding adds 15 bytes to the 33 that were requested", pool.size - #block, 15)
  claim("the heap counts 48 allocated bytes", heap:stats().allocated_bytes, 48)

  say [[
    The second kind is the part of a pool that cannot be used for blocks. It has the header, and the
    bytes at the end of the pool that are too few for another block. The latter are called
    quantization.]]
  claim("the header has 48 bytes", heap:stats().header_bytes, 48)
  claim("four blocks of 48 bytes fit after the header, and 16 bytes are left",
    { pool.capacity, heap:stats().quantization_bytes }, { 4, 16 })

  say [[
    The third kind is the other blocks of the pool, whether they were freed or never used. The next
    requests can use them, but only requests of this class.]]
  claim("there are three free blocks of 48 bytes", heap:stats().available_bytes, 3 * 48)

  say [[
    The fourth kind is the pools that no class uses. Any class can get them. But they cannot be
    returned to the system while a block in the arena is live.]]
  claim("there are three unused pools of 256 bytes", heap:stats().unused_pool_bytes, 3 * 256)
  local here = names(heap, #block)
  show(ledger({ "" }, { here }))
  claim("the 33 bytes and the four kinds add up to the size of the arena",
    33 + here.rounding + here.headers + here.free_blocks + here.unused_pools, 1024)

  break_it {
    what = [[
      We try a wrong rule: if there are enough free bytes, a request can be served. We fill the only
      arena with blocks of 16 bytes, free every second one, and request 64 bytes.]],
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
        error(("%d bytes are free, but the request was served by the raw allocator")
          :format(full:stats().available_bytes))
      end
    end,
    fails = "^416 bytes are free, but the request was served by the raw allocator",
    so = [[
      All these free bytes are of the third kind: free blocks in used pools. Only a request of their
      own class can use them. If one of the four pools were empty, it could have served the request
      of 64 bytes.]],
  }

  say [[
    Now a real program. We replay the 43,354 requests of CPython's start-up trace, frees included,
    on a heap of 3.6, one by one. For each live block we record how many bytes were requested and
    how many rounding added. The heap reports the other three kinds. After each request, we test
    whether the sum is the size of the arenas.]]
  local run <close> = assert(pymalloc.replay("@startup"))
  local agreed, most, most_at = follow(run)
  claim("the sum is the size of the arenas after each of the 43,354 requests",
    { agreed, run.length }, { 43354, 43354 })

  predict {
    ask = [[
      At its maximum, 776,018 bytes are requested for the live blocks in pools, and the arenas have
      1,048,576 bytes. Which of the four kinds has the most bytes at this moment?]],
    choices = { "rounding", "headers and quantization", "free blocks in used pools",
                "unused pools" },
    hint = "There are up to 64 size classes, and each has pools of its own.",
    why = {
      ["rounding"] = "Lesson 2 measured rounding for these requests: it adds about 2 %.",
      ["headers and quantization"] = "A pool of 4096 bytes has a header of 48, about 1 %.",
      ["unused pools"] = "The heap obtains an arena only when no pool is left, and at this moment "
        .. "the most bytes are requested.",
    },
    answer = function()
      local largest = rows[2]
      for i = 3, 5 do
        largest = most[rows[i][2]] > most[largest[2]] and rows[i] or largest
      end
      return (largest[1]:sub(3))
    end,
    because = [[
      There are 64 classes, and nearly every class has pools that are only partly full. Rounding is
      the best known kind, but here it has the fewest bytes of all four.]],
  }
  claim("rounding has fewer bytes than headers and quantization", most.rounding < most.headers)
  run:seek(most_at)
  show(run.heap, { lists = false })

  say [[
    How does this change with the bigger pools and arenas of CPython 3.11? We replay the same trace
    up to the same request. The number of requested bytes is the same.]]
  local newer <close> = assert(pymalloc.replay("@startup",
    { profile = "3.11" }))
  newer:seek(most_at)
  local in_3_11 = names(newer.heap, most.asked)
  show(ledger({ "CPython 3.6", "CPython 3.11" }, { most, in_3_11 }))
  claim("with classes 16 bytes apart, rounding has more than four times as many bytes",
    in_3_11.rounding > 4 * most.rounding)
  claim("the pools are bigger and fewer, so headers and quantization have less than half as many",
    in_3_11.headers < most.headers / 2)
  claim("free blocks in used pools have more than twice as many",
    in_3_11.free_blocks > 2 * most.free_blocks)
  claim("56 pools are unused, most of them in the second arena, which was obtained last",
    { in_3_11.unused_pools // newer.heap.geometry.pool_bytes, newer.heap:arena(1).nfreepools > 28 },
    { 56, true })

  say [[
    Unused pools are not always a waste: if the program grows, it will use them. They are a waste if
    the program gets smaller and a few live blocks pin the arenas. We go to the last request of this
    run before the first arena is released. The function heap:release_candidates lists the arenas,
    the one with the fewest live blocks first.]]
  run:seek(0)
  local released_at = run:continue("arena_release")
  run:back()
  show(run.heap, { lists = false })
  local first = run.heap:release_candidates()[1]
  claim("the first arena is released by request 40,299 of 43,354", released_at, 40299)
  claim("before it, the heap holds four arenas, and 610,304 of their bytes are in unused pools",
    { run.heap:stats().arenas_current, run.heap:stats().unused_pool_bytes }, { 4, 610304 })
  claim("arena 3 has only one live block, of 80 bytes, which pins it",
    { first.arena, first.blocks, first.bytes }, { 3, 1, 80 })
  run:step()
  claim("the next request frees this block, and an arena of 262,144 bytes is released",
    run.heap:stats().arena_bytes, 3 * 262144)

  local example = pinned.build(plans[1])
  aside "The exercise is about heaps like the following one. All live blocks in it have 16 bytes."
  show(example.heap)
  exercise {
    task = [[
      You may free at most ten blocks. Which ones do you free, so that as many arenas as possible
      are released? Your file returns a function. It gets a heap of the profile classroom, and
      returns a table of the blocks to be freed. heap:arenas() iterates over the arenas, and
      heap:pinned_by(arena) returns a table of the live blocks of an arena; your table must contain
      elements of such tables.]],
    start = "return function(heap)\n  local chosen = {}\n  for arena in heap:arenas() do\n"
      .. "    for _, block in ipairs(heap:pinned_by(arena)) do\n      if #chosen < 10 then\n"
      .. "        table.insert(chosen, block)\n      end\n    end\n  end\n  return chosen\nend\n",
    hint = "heap:release_candidates() lists the arenas, the one with the fewest live blocks first. "
      .. "Its elements have the fields blocks, a number, and pinned, the table of the blocks.",
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
            or ("your frees release %d of %d arenas, and the best ones %d"):format(released, before,
              best))
        end
      end
      return true, "The arenas with the fewest live blocks are the best choice, however many pools "
        .. "these blocks are in."
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
