-- Lesson 14. To go through it: pymalloc lesson 14

local lesson = require "pymalloc.lesson"
local live = require "pymalloc.lesson.live"
local pymalloc = require "pymalloc"
local rules = require "pymalloc.lesson.rules"
local workload = require "pymalloc.lesson.workload"

local say, aside, show, claim = lesson.say, lesson.aside, lesson.show, lesson.claim
local pending, predict = lesson.pending, lesson.predict
local break_it, exercise = lesson.break_it, lesson.exercise

local STARTUP = "@startup"
local REQUESTS_MOST = 40

-- The SHA-256 of the output of each CPython version's own code for the start-up
-- trace: the places of all blocks, the state after every 20,000 requests and at
-- the end, and the report.
local sums = {
  { "3.6", "7baf06fc038ae9b6226200f6ed4d75df43c893133adaddacbc3f184d15a1f8ed" },
  { "3.8", "883668257ee91b502f1c4f144a957c0b570d0ca3d7a8b46cf8b4ea0b54629fe0" },
  { "3.9", "0d8b4424154d03a66d1ee6c26309a1669d35333e3ab63e007513c223574041f1" },
  { "3.10", "db8bdab5f10e57bc9faaf38ead3e20141139484c75e54f51986f11285608dcbd" },
  { "3.11", "db8bdab5f10e57bc9faaf38ead3e20141139484c75e54f51986f11285608dcbd" },
}

-- Writes the same output of a heap into a file.
local function write_output(profile, path)
  local file <close> = assert(io.open(path, "wb"))
  assert(pymalloc.trace.replay_file(STARTUP, {
    heap = { profile = profile }, output = file, placements = true, dump_every = 20000,
    dump = true, stats = true, arena_map = false,
  }))
end

-- The SHA-256 of this output; nil where no program for it can be run.
local function sum_of(profile)
  local path = os.tmpname()
  write_output(profile, path)
  local can_run, pipe = pcall(io.popen,
    ("{ sha256sum <%s || shasum -a 256 <%s; } 2>/dev/null"):format(path, path))
  local output = can_run and pipe and pipe:read("a") or ""
  if can_run and pipe then
    pipe:close()
  end
  os.remove(path)
  return output:match("^%x+")
end

-- The first request for which a heap and the model with these methods choose
-- different places; nil if there is none. And the result of the comparison.
local function differs_at(trace, methods, profile)
  local result = rules.compare(trace, { profile = profile or "3.6" }, methods)
  return result.difference and result.requests, result
end

local function rule_named(name)
  for _, changed in ipairs(rules.changed) do
    if changed.name == name then
      return changed
    end
  end
end

-- The first lines of a heap's output for the start-up trace.
local function first_places(profile, count)
  local file <close> = assert(io.tmpfile())
  assert(pymalloc.trace.replay_file(STARTUP,
    { heap = { profile = profile }, placements = true, output = file }))
  file:seek("set")
  local lines = {}
  for i = 1, count do
    lines[i] = "  " .. file:read("l")
  end
  return table.concat(lines, "\n")
end

-- The trace of an answer and its number of requests; or nil and a fault.
local function read_answer(text)
  local requests = 0
  text = ("\n" .. text):gsub("\n%s+", "\n") -- lines may be indented
  for line in text:gmatch("[^\n]+") do
    if not line:find("^[arf] %d+") and not line:find("^%s*#") and line:find("%S") then
      return nil, ("%q is not a request; write a ID SIZE, r ID SIZE or f ID"):format(line)
    end
    requests = requests + (line:find("^[arf]") and 1 or 0)
  end
  if requests == 0 or requests > REQUESTS_MOST then
    return nil, ("there are %d requests; 1 to %d are allowed"):format(requests, REQUESTS_MOST)
  end
  local ok, problem = pymalloc.trace.replay_text(text, { heap = { profile = "classroom" } })
  if not ok then
    return nil, problem
  end
  return { text = text }, requests
end

return lesson(14, "The proof", function()
  lesson.source [[
    the whole of Objects/obmalloc.c, in CPython 3.6, 3.8, 3.9, 3.10 and 3.11, whose compiled
    code is compared here.]]

  aside [[
    The lessons before this one say how CPython's allocator behaves. How do we know? It is not
    enough to read its source, because a reader can misunderstand it. So this lesson gives the same
    requests to two allocators, and compares the results.]]

  say [[
    Such a comparison is possible because no rule of the allocator depends on an address, on the
    time, or on a random number. The requests alone decide in which arena, in which pool and at
    which offset each block is, and which values each header has. We replay the start-up trace on
    two heaps, up to request 20,000.]]
  local startup = assert(pymalloc.trace.load(STARTUP))
  local one = assert(pymalloc.replay(startup))
  local other = assert(pymalloc.replay(startup))
  one:seek(20000)
  other:seek(20000)
  show(one.heap:arena(2))
  claim("the arenas of the two heaps have different addresses",
    one.heap:arena(0).address ~= other.heap:arena(0).address)
  claim("after the same 20,000 requests, all headers of the two heaps are the same",
    one.heap:dump() == other.heap:dump())

  say [[
    First proof. The source of the allocator was cut out of each version of CPython, and compiled
    into a program that replays a trace. For each request, the program wrote a line: the number of
    the request, its letter (a for malloc, f for free), the block's id, and the place where the
    block was put, as arena:pool:offset. It also wrote its state from time to time, and its report.
    For the start-up trace this is about 950,000 bytes for each version. A heap can write the same
    lines. Instead of CPython's output we keep only its SHA-256, a checksum. If two checksums are
    equal, the outputs are equal.]]
  show(first_places("3.6", 4) .. "\n  ...")
  for _, row in ipairs(sums) do
    local sentence = ("a heap of profile %s writes the same output as CPython's own code")
      :format(row[1])
    local sum = sum_of(row[1])
    if sum then
      claim(sentence, sum, row[2])
    else
      pending(sentence, "neither sha256sum nor shasum can be run")
    end
  end

  say [[
    Second proof. A program calls the allocator of a live CPython, and a heap, with the requests of
    the same trace. It compares the place of each block. After every 2000 requests it reads
    CPython's memory, and compares all fields of all pool headers.]]
  local obstacle = live.obstacle()
  if obstacle then
    pending("a live CPython chooses the same places and has the same headers", obstacle)
  else
    local counts, difference = live.compare(STARTUP, 2000)
    claim("a live CPython chooses the same places for all 22,009 blocks",
      counts and counts.addresses or difference, 22009)
    claim("a live CPython has the same pool headers at each of 22 stops",
      counts and counts.stops, 22)
  end

  say [[
    Third proof. All rules were written once more, in about 300 lines of Lua. This model has no
    memory: its lists are Lua tables. It is slow, but easy to read; its name is
    pymalloc.lesson.model. It is unlikely that two programs that were written separately have the
    same mistake.]]
  local first_difference, agreed = differs_at(startup)
  claim("the model chooses the same places as the heap for all blocks of the trace",
    first_difference, nil)
  claim("at the end, the heap and the model have the same state",
    agreed.dumps[1] == agreed.dumps[2])

  say [[
    Would such a comparison detect a wrong rule? If not, it would prove nothing. To find out, we
    change one rule of the model at a time, to a rule that a programmer could have thought to be the
    right one. In the first change, a full pool that gets a free block is put on the back of its
    list, not on the front.]]
  local at, result = differs_at(startup, rule_named("back of the list").methods)
  show(("  request %d: the heap chooses %s, the model %s"):format(at, result.difference[1],
    result.difference[2]))
  claim("this wrong rule is detected at request 2535 of 43,354", at, 2535)

  local detected_at, detected = {}, 0
  predict {
    ask = [[
      We make seven such changes, one at a time. How many of them does the start-up trace detect, by
      at least one block at another place?]],
    choices = { "1", "3", "5", "7" },
    hint = "This program releases arenas only near its end.",
    why = {
      ["1"] = "Most of the rules are about pools and blocks, which each program uses from the "
        .. "start.",
      ["3"] = "There are more than three rules about blocks, pools and realloc.",
      ["7"] = "Two of the rules are about arenas that are released.",
    },
    answer = function()
      for _, changed in ipairs(rules.changed) do
        detected_at[changed.name] = differs_at(startup, changed.methods)
        detected = detected + (detected_at[changed.name] and 1 or 0)
      end
      return detected
    end,
    because = [[
      The trace does not detect the two changes of rules about arenas, because it releases arenas
      only near its end. Even if more than forty thousand requests have the same result, they prove
      nothing about a rule that they do not use.]],
  }
  aside [[
    The trace that lesson 13 made releases many arenas. For the changes that the start-up trace does
    not detect, the next table has the request of that trace which detects them.]]
  local made_up = workload.trace(1)
  local lines = { "  wrong rule            request  of the trace of" }
  for _, changed in ipairs(rules.changed) do
    local name, source = changed.name, "start-up"
    if not detected_at[name] then
      detected_at[name], source = differs_at(made_up, changed.methods), "lesson 13"
    end
    table.insert(lines, ("  %-20s  %7d  %s"):format(name, detected_at[name] or -1, source))
  end
  show(table.concat(lines, "\n"))
  claim("the trace of lesson 13 detects both changes of rules about arenas",
    { detected_at["unsorted"], detected_at["oldest slot first"] }, { 15201, 35361 })

  say [[
    Some changes do not change the place of any block. For example, suppose that a new pool had two
    more blocks carved. They would be handed out in the same order. Only the header of the pool
    shows the difference, and therefore the second proof compares the headers too.]]
  claim("with two more blocks carved, all blocks of the start-up trace have the same places",
    differs_at(startup, rules.carved_ahead), nil)
  local _, first = differs_at({ text = "a 1 24\n" }, rules.carved_ahead)
  claim("the header of the pool differs after the first request", first.dumps[1] ~= first.dumps[2])

  aside [[
    All these proofs compare results, so they say something only of the requests that were made. A
    tool for proofs, Frama-C, reads the C code itself. It shows of single functions, for every pool
    and every chain, that they keep invariants such as [pool.count] and [pool.chain]; and of a small
    heap that all invariants hold after each sequence of a few requests. docs/proofs.md lists each
    property as proved, bounded or open. These proofs do not show that the rules are CPython's: only
    the comparisons do that.]]

  break_it {
    what = [[
      We try a weak comparison: with a wrong rule, we compare only the numbers of live blocks.]],
    run = function()
      local at_once, wrong = differs_at(startup, rule_named("one half").methods)
      if wrong.live[1] == wrong.live[2] then
        error(("after %d requests both have %d live blocks: no difference found"):format(at_once,
          wrong.live[1]))
      end
    end,
    fails = "no difference found",
    so = [[
      A comparison that finds no difference although a rule is wrong proves nothing about this rule.
      So it is not enough to ask whether a test passes. One must also try whether it fails when the
      program is wrong.]],
  }

  exercise {
    task = ([[
      Write a trace that detects all seven wrong rules, in a heap of the profile classroom. Its
      pools have 256 bytes, and an arena has four of them. Its blocks have 16, 32, 48 and 64 bytes,
      and a pool has room for three blocks of 64 bytes. Your trace may have at most %d requests.
      Your file returns it as a string, with one request in a line:

          a ID SIZE   malloc; ID is a number that no live block has
          r ID SIZE   realloc
          f ID        free

      The names of the wrong rules, each with the right rule:

%s]]):format(REQUESTS_MOST, (function()
        local named = {}
        for i, changed in ipairs(rules.changed) do
          named[i] = ("          %-18s  %s"):format(changed.name, changed.rule)
        end
        return table.concat(named, "\n")
      end)()),
    start = "return [[\na 1 64\nf 1\na 2 64\n]]\n",
    hint = "The remark of the grader names a rule that your trace does not test. Add the requests "
      .. "for it at the end.",
    grade = function(answer)
      local trace, requests = read_answer(answer)
      if not trace then
        return false, requests
      end
      local count, missed = 0, nil
      for _, changed in ipairs(rules.changed) do
        local is_detected = differs_at(trace, changed.methods, "classroom")
        count = count + (is_detected and 1 or 0)
        missed = missed or not is_detected and changed.name or nil
      end
      if missed then
        return false, ("Your trace detects %d of the seven. With the wrong rule \"%s\" no place "
          .. "changes."):format(count, missed)
      end
      return true, ("Your trace detects all seven with %d requests. 29 are enough.")
        :format(requests)
    end,
    good = [[
a 1 64
f 1
a 2 64
a 3 48
a 4 48
a 5 32
f 3
f 4
f 5
a 6 16
a 7 48
r 7 33
a 8 64
a 9 64
a 10 64
a 11 64
a 12 64
f 8
f 10
a 13 64
a 14 64
a 15 64
a 16 32
a 17 64
a 18 64
a 19 64
f 6
f 7
a 20 48
]],
    bad = "a 1 64\nf 1\na 2 64\na 3 48\nr 3 33\n",
  }
end)
