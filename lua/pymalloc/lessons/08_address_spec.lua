-- Lesson 8. To go through it: pymalloc lesson 8

local lesson = require "pymalloc.lesson"
local pymalloc = require "pymalloc"

local say, aside, show, claim = lesson.say, lesson.aside, lesson.show, lesson.claim
local predict, break_it, exercise = lesson.predict, lesson.break_it, lesson.exercise

local INDEX_OFFSET = 32 -- of arenaindex in the header of a pool
local RAW_SIZE = 600

-- An address rounded down to a multiple of a size.
local function rounded(address, bytes)
  return address // bytes * bytes
end

-- The number that is stored where the header of a pool has arenaindex.
local function index_at(heap, pool_address)
  return (("<I4"):unpack(heap:peek(pool_address + INDEX_OFFSET, 4)))
end

-- The address of the arena in each slot, from 0; 0 for a slot without an arena.
local function slots_of(heap)
  local slots = {}
  for slot = 0, heap:stats().arena_slots - 1 do
    slots[slot] = heap:arena(slot).address or 0
  end
  return slots
end

-- The test of 3.6: is the address p in the arena of the slot `index`?
local function is_in_arena(p, index, slots, arena_bytes)
  local address = slots[index]
  return address ~= nil and address ~= 0 and math.ult(p - address, arena_bytes)
end

-- Enters an arena in a map of 3.10. The key is the address without its lowest bits.
local function enter(map, address, arena_bytes)
  local key, rest = address // arena_bytes, address % arena_bytes
  map[key] = map[key] or {}
  map[key].begins = rest
  if rest > 0 then
    map[key + 1] = map[key + 1] or {}
    map[key + 1].ends = rest
  end
end

-- The test of 3.10: does the map say that the address p is in an arena?
local function is_in_map(map, p, arena_bytes)
  local entry, rest = map[p // arena_bytes], p % arena_bytes
  return entry ~= nil and (entry.begins ~= nil and rest >= entry.begins
    or entry.ends ~= nil and rest < entry.ends)
end

local function take(heap, count, size)
  local blocks = {}
  for i = 1, count do
    blocks[i] = heap:malloc(size)
  end
  return blocks
end

-- How many blocks there are for which the function returns true.
local function count_of(blocks, is_so)
  local count = 0
  for _, block in ipairs(blocks) do
    count = count + (is_so(block) and 1 or 0)
  end
  return count
end

-- The cases of the exercise: a name, an address, a number and the right answer.
local function cases_of(heap, blocks)
  local arena_bytes, slots = heap.geometry.arena_bytes, slots_of(heap)
  local cases = {}
  local function add(name, p, index)
    table.insert(cases, { name = name, p = p, index = index,
      wanted = is_in_arena(p, index, slots, arena_bytes) })
  end
  for slot = 0, 1 do
    add("the first byte of an arena", slots[slot], slot)
    add("the last byte of an arena", slots[slot] + arena_bytes - 1, slot)
    add("the byte after an arena", slots[slot] + arena_bytes, slot)
    add("the byte before an arena", slots[slot] - 1, slot)
  end
  add("a block of arena 0, with the number 0", blocks[1]:address(), 0)
  add("a block of arena 1, with the number 1", blocks[#blocks]:address(), 1)
  add("a number that is not a slot", blocks[1]:address(), 16)
  add("the largest number of 32 bits", blocks[1]:address(), 0xffffffff)
  add("a slot that has no arena", 4096, 5)
  return cases, slots, arena_bytes
end

return lesson(8, "free gets only an address", function()
  lesson.source [[
    CPython 3.6, Objects/obmalloc.c: address_in_range and the comment before it. CPython 3.10, the
    same file: arena_map_is_used, which was added by bpo-37448. The article on memory management in
    Python does not treat this.]]

  aside [[
    A program frees a block by calling free(p), where p is the address of the block. It tells
    neither the size of the block nor which allocator served it. And a block has no header of its
    own (lesson 2). How does free find out where the block belongs?]]

  say [[
    The address of a pool is a multiple of the pool size (lesson 3). So the header of the pool is at
    the address of the block, rounded down to a multiple of the pool size. We fill one arena and a
    part of another with blocks of 512 bytes, and round the address of each block down to a multiple
    of 4096.]]
  local heap <close> = pymalloc.heap()
  local pool_bytes, of_arena = heap.geometry.pool_bytes, heap.geometry.arena_bytes
  local blocks = take(heap, 600, 512)
  claim("for all 600 blocks, the rounded address is the address of the pool's header",
    count_of(blocks, function(block)
      return rounded(block:address(), pool_bytes) == block:pool().address
    end), 600)

  aside [[
    Here is the header of block 500's pool, as CPython declares it in C. In C, uint is the name for
    an integer of 32 bits without a sign, and block * is the address of a byte. The picture gives
    addresses of blocks as offsets in the pool, and "class 63" stands for the head of that class's
    list in usedpools.]]
  show(blocks[500]:pool(), { struct = true })

  say [[
    The header has the size class, so free knows the size of the block. It also has arenaindex, the
    number of the arena's slot (lesson 7). This number is written when the pool is carved, and stays
    the same until the arena is released. It is at offset 32 of the header. We read these four bytes
    for each block.]]
  claim("for all 600 blocks, the four bytes at offset 32 are the number of the block's arena",
    count_of(blocks, function(block)
      return index_at(heap, block:pool().address) == block:location().arena
    end), 600)
  claim("the last block is in arena 1", blocks[600]:location().arena, 1)

  say [[
    But p may be the address of a raw block. Then there is no header at the rounded address, only
    bytes that have nothing to do with pools. CPython 3.6 reads four bytes at offset 32 all the
    same, and takes them for a number. Then it tests three things: is the number less than the
    number of slots, does this slot have an arena, and is p less than 262,144 bytes after the start
    of this arena? If one of the answers is no, the block is a raw block.]]
  local filled = slots_of(heap)
  claim("for all 600 blocks, the three answers are yes", count_of(blocks, function(block)
    local index = index_at(heap, rounded(block:address(), pool_bytes))
    return is_in_arena(block:address(), index, filled, of_arena)
  end), 600)

  say [[
    For a raw block the four bytes can have any value. They may even be the number of a slot that
    has an arena. This does no harm, because the last test compares p itself with the place of that
    arena. A raw block is in no arena. So the test fails for it, whatever number is read.]]
  local raw = heap:malloc(RAW_SIZE)
  local passed = 0
  for index = 0, 70000 do
    passed = passed + (is_in_arena(raw:address(), index, filled, of_arena) and 1 or 0)
  end
  claim("a block of 600 bytes is a raw block", raw:location(), nil)
  claim("the test fails for this block with each number from 0 to 70,000", passed, 0)

  aside [[
    The next question has addresses in hexadecimal notation: 0x stands before the number, and each
    digit from 0 to f stands for four bits. So 0x1000 is 4096, the size of a page.]]
  predict {
    ask = [[
      The system gives memory in pages of 4096 bytes. A raw block is at the address 0x7f0000005678,
      and its page, which begins at 0x7f0000005000, is the first one that the process may read.
      Suppose that pools have 16 KiB. At which address does the test of 3.6 read the four bytes?]],
    choices = { "0x7f0000000020", "0x7f0000004020", "0x7f0000005020", "0x7f0000005678" },
    answer = function()
      local large <close> = pymalloc.heap { profile = "3.11" }
      return ("0x%x"):format(rounded(0x7f0000005678, large.geometry.pool_bytes) + INDEX_OFFSET)
    end,
    because = [[
      16 KiB are 0x4000 bytes, so 0x5678 is rounded down to 0x4000. The process may not read that
      page: the program ends with a segmentation fault. With pools of 4 KiB, the address is rounded
      down to 0x7f0000005000, which is in the same page as the block. That page can be read, because
      the block is in it. This is the reason why a pool of CPython 3.6 is not larger than a
      page.]],
    hint = "16 KiB are 0x4000 bytes. Round 0x5678 down to a multiple of that, then add 32 (0x20).",
    why = {
      ["0x7f0000000020"] = "This would be right for pools of 64 KiB: 0x10000 bytes.",
      ["0x7f0000005020"] = "This is right for pools of 4 KiB. Multiples of 16 KiB end in 0000, "
        .. "4000, 8000 or c000.",
      ["0x7f0000005678"] = "This is the block itself. The test reads where a header would be.",
    },
  }
  local same_page, addresses = 0, 0
  for address = 0x7f0000005000, 0x7f0000015000, 8 do
    addresses = addresses + 1
    same_page = same_page + (rounded(address, pool_bytes) // 4096 == address // 4096 and 1 or 0)
  end
  claim("with pools of 4 KiB, the rounded address is always in the page of the block", same_page,
    addresses)

  aside [[
    The four bytes may also be bytes that no program has written. Tools such as Valgrind, which look
    for reads of such bytes, report the test as an error. CPython has a file that tells Valgrind not
    to report it: Misc/valgrind-python.supp.]]

  say [[
    Since version 3.10, the test reads nothing at the rounded address. CPython has a map of all its
    arenas, and the test looks up p in it. The map is a radix tree: a tree in which the highest bits
    of p choose a branch at the root, and the next bits choose one on the next level. The lowest 20
    bits are not used to choose, because an arena of 3.10 has 1 MiB, which is 2 to the power of 20.
    Our map is simpler: a Lua table, whose key is p without its lowest 20 bits.]]
  local newer <close> = pymalloc.heap { profile = "3.11", arena_offset = 4096 }
  local others = take(newer, 5000, 64)
  local arena, mib = newer:arena(0), newer.geometry.arena_bytes
  local map, keys = {}, 0
  enter(map, arena.address, mib)
  for _ in pairs(map) do
    keys = keys + 1
  end
  claim("the map says yes for all 5000 blocks", count_of(others, function(block)
    return is_in_map(map, block:address(), mib)
  end), 5000)
  claim("it says no for a raw block", is_in_map(map, newer:malloc(RAW_SIZE):address(), mib), false)

  say [[
    The arena of this heap does not begin at a multiple of 1 MiB, so some of its addresses have one
    key, and the others the next key. For each key, the map stores at which of the addresses with
    this key an arena begins, and at which one an arena ends.]]
  claim("an arena that does not begin at a multiple of 1 MiB has two keys", keys, 2)
  claim("the map says no for the byte before the arena, and for the byte after it",
    { is_in_map(map, arena.address - 1, mib), is_in_map(map, arena.address + mib, mib) },
    { false, false })
  claim("it says yes for the first byte of the arena, and for the last",
    { is_in_map(map, arena.address, mib), is_in_map(map, arena.address + mib - 1, mib) },
    { true, true })

  say [[
    The test of 3.10 uses only p and memory that belongs to CPython. So a pool may be larger than a
    page.]]
  local before <close> = pymalloc.heap { profile = "3.9" }
  claim("in 3.9 a pool has 4 KiB, and in 3.11 it has 16 KiB",
    { before.geometry.pool_bytes, newer.geometry.pool_bytes }, { 4096, 16384 })

  break_it {
    what = "We overwrite arenaindex in the header of a pool with 7, and then free a block of it.",
    run = function()
      local watched = pymalloc.heap { checked = true }
      local block = watched:malloc(24)
      watched:poke(block:pool().address + INDEX_OFFSET, ("<I4"):pack(7))
      block:free()
    end,
    fails = "%[pool%.arena%].*arenaindex is 7",
    so = [[
      Slot 7 has no arena. So free of CPython 3.6 would conclude that the block is a raw block, and
      would call free of the C library with an address that this library never returned. What
      happens then is not defined; most often the program is ended at once. This heap was made with
      the option checked, and compares arenaindex with the place of the pool before it uses it.]],
  }

  exercise {
    task = [[
      Write the test of 3.6. Your file returns a function. It gets four arguments: the address p;
      the number `index` that was read; `slots`, a table with the address of the arena in each slot,
      from slots[0] on, or 0 for a slot without an arena; and the number of bytes of an arena. It
      returns true if p is in the arena of this slot, and false if not. The number can be any
      integer of 32 bits without a sign.]],
    start = "return function(p, index, slots, arena_bytes)\n"
      .. "  return p - slots[index] < arena_bytes\nend\n",
    hint = "Three things can be wrong: there is no such slot, the slot has no arena, or p is "
      .. "before the start or after the end of the arena.",
    grade = function(answer)
      local tested <close> = pymalloc.heap()
      local cases, addresses_by_slot, bytes = cases_of(tested, take(tested, 600, 512))
      for _, case in ipairs(cases) do
        local own = table.move(addresses_by_slot, 0, #addresses_by_slot, 0, {})
        local got = answer(case.p, case.index, own, bytes)
        if got ~= case.wanted then
          return false, ("for %s the right answer is %s; your function returns %s"):format(
            case.name, tostring(case.wanted), tostring(got))
        end
      end
      return true, "Whatever number is read, only addresses in arenas pass."
    end,
    good = function(p, index, slots, arena_bytes)
      local address = slots[index]
      if not address or address == 0 then
        return false
      end
      return p >= address and p - address < arena_bytes
    end,
    bad = function(p, index, slots, arena_bytes)
      local address = slots[index]
      return address ~= nil and p >= address and p - address < arena_bytes
    end,
  }
end)
