-- Lesson 13. Run it as a conversation: pymalloc lesson 13

local lesson = require "pymalloc.lesson"
local live = require "pymalloc.lesson.live"
local pymalloc = require "pymalloc"
local rules = require "pymalloc.lesson.rules"
local traces = require "pymalloc.lesson.traces"
local workload = require "pymalloc.lesson.workload"

local say, aside, show, claim = lesson.say, lesson.aside, lesson.show, lesson.claim
local pending, predict = lesson.pending, lesson.predict
local break_it, exercise = lesson.break_it, lesson.exercise

local STARTUP = "cpython-startup"
local REQUESTS_MOST = 40

-- What the code of each version of CPython, given the requests of its start-up,
-- answered: SHA-256 of the places of all blocks, of its state after every
-- 20,000 requests and at the end, and of its report.
local sums = {
  { "3.6", "7baf06fc038ae9b6226200f6ed4d75df43c893133adaddacbc3f184d15a1f8ed" },
  { "3.8", "883668257ee91b502f1c4f144a957c0b570d0ca3d7a8b46cf8b4ea0b54629fe0" },
  { "3.9", "0d8b4424154d03a66d1ee6c26309a1669d35333e3ab63e007513c223574041f1" },
  { "3.10", "db8bdab5f10e57bc9faaf38ead3e20141139484c75e54f51986f11285608dcbd" },
  { "3.11", "db8bdab5f10e57bc9faaf38ead3e20141139484c75e54f51986f11285608dcbd" },
}

-- Writes all that a heap of a profile answers into a file.
local function write_answers(profile, path)
  local file <close> = assert(io.open(path, "wb"))
  assert(pymalloc.trace.replay_file(traces.path(STARTUP), {
    heap = { profile = profile }, output = file, placements = true, dump_every = 20000,
    dump = true, stats = true, arena_map = false,
  }))
end

-- The SHA-256 of these answers; nil where the system has no program for it.
local function sum_of(profile)
  local path = os.tmpname()
  write_answers(profile, path)
  local pipe = io.popen(("{ sha256sum <%s || shasum -a 256 <%s; } 2>/dev/null"):format(path, path))
  local output = pipe:read("a")
  pipe:close()
  os.remove(path)
  return output:match("^%x+")
end

-- At which request a heap and the model with these methods part, or nil.
local function parts_at(trace, methods, profile)
  local result = rules.compare(trace, { profile = profile or "3.6" }, methods)
  return result.parted and result.requests, result
end

local function rule_named(name)
  for _, changed in ipairs(rules.changed) do
    if changed.name == name then
      return changed
    end
  end
end

-- The first lines of what a heap answers to a trace.
local function first_places(profile, count)
  local file <close> = assert(io.tmpfile())
  assert(pymalloc.trace.replay_file(traces.path(STARTUP),
    { heap = { profile = profile }, placements = true, output = file }))
  file:seek("set")
  local lines = {}
  for i = 1, count do
    lines[i] = "  " .. file:read("l")
  end
  return table.concat(lines, "\n")
end

-- The trace of an answer and how many requests it has; or nil and what is wrong.
local function read_answer(text)
  local requests = 0
  text = ("\n" .. text):gsub("\n%s+", "\n") -- it may be indented
  for line in text:gmatch("[^\n]+") do
    if not line:find("^[arf] %d+") and not line:find("^%s*#") and line:find("%S") then
      return nil, ("%q is no request: a ID SIZE, r ID SIZE or f ID"):format(line)
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

return lesson(13, "The proof", function()
  aside [[
    Twelve lessons said that CPython does this and that. How do we know? Not by reading alone: text
    can be misread. This lesson lets two allocators do the same work and compares what comes out.]]

  say [[
    That can be done, because nothing here is left to chance. No rule looks at an address, at the
    time, or at a random number. So the requests alone decide in which arena, which pool and
    which block each answer lies, and what stands in every header.]]
  local startup = assert(pymalloc.trace.load(traces.path(STARTUP)))
  local one = assert(pymalloc.replay(startup))
  local other = assert(pymalloc.replay(startup))
  one:seek(20000)
  other:seek(20000)
  show(one.heap:arena(2))
  claim("two heaps lie at different addresses",
    one.heap:arena(0).address ~= other.heap:arena(0).address)
  claim("after the same 20,000 requests they are in the same state, to the last header",
    one.heap:dump() == other.heap:dump())

  say [[
    First proof. The allocator's code of each version was cut out of CPython and given these
    requests. It wrote a line for each (its number, its letter, the block's id, and
    arena:pool:offset), its state from time to time, and its report: about 950,000 bytes for each
    version. Our heap writes the same lines. We do not have to keep theirs, the SHA-256 of them is
    enough.]]
  show(first_places("3.6", 4) .. "\n  ...")
  for _, row in ipairs(sums) do
    local sentence = ("all that a heap of profile %s answers is what CPython's code answered")
      :format(row[1])
    local sum = sum_of(row[1])
    if sum then
      claim(sentence, sum, row[2])
    else
      pending(sentence, "neither sha256sum nor shasum is installed")
    end
  end

  say [[
    Second proof. A live CPython is asked for the same blocks, in a process of its own, and its
    memory is read: every address, and after each 2000 requests every field of every pool header.]]
  local obstacle = live.obstacle()
  if obstacle then
    pending("a live CPython gives the same addresses and has the same headers", obstacle)
  else
    local counts, difference = live.compare(traces.path(STARTUP), 2000)
    claim("a live CPython gives all 22,009 blocks of its start-up the addresses that we give",
      counts and counts.addresses or difference, 22009)
    claim("a live CPython has the same pool headers, at each of 22 stops",
      counts and counts.stops, 22)
  end

  say [[
    Third proof. All the rules once more in 300 lines of Lua, in the plainest words and as slow as
    you like: lists are Lua tables, and no memory is touched. You can read it, it is called
    pymalloc.lesson.model. Two programs that were written apart hardly make the same mistake.]]
  local parted_at, agreed = parts_at(startup)
  claim("the model gives every block of the start-up the place that the heap gives", parted_at,
    nil)
  claim("at the end heap and model have the same state", agreed.dumps[1] == agreed.dumps[2])

  say [[
    Would we see it if a rule were wrong? Only then the proof is worth anything. So we break rules
    in the model, one at a time, each into another that a programmer might have taken for right. The
    first one: a full pool with a free block again goes to the back of its list.]]
  local at, result = parts_at(startup, rule_named("back of the list").methods)
  show(("  request %d: the heap gives %s"):format(at, result.parted))
  claim("a wrong order of used pools is told at request 2535 of 43,354", at, 2535)

  local told_at, told = {}, 0
  predict {
    ask = [[There are seven rules to break. How many of them does the start-up of CPython tell, by
      at least one block that lies elsewhere?]],
    choices = { "1", "3", "5", "7" },
    answer = function()
      for _, changed in ipairs(rules.changed) do
        told_at[changed.name] = parts_at(startup, changed.methods)
        told = told + (told_at[changed.name] and 1 or 0)
      end
      return told
    end,
    because = [[
      A start-up hardly gives anything back, and so it does not come to the rules about arenas.
      Forty thousand requests that agree prove nothing about a rule that they do not use.]],
  }
  local made_up = workload.trace(1)
  local lines = { "  wrong rule            request  of the trace of" }
  for _, changed in ipairs(rules.changed) do
    local name, source = changed.name, "start-up"
    if not told_at[name] then
      told_at[name], source = parts_at(made_up, changed.methods), "lesson 12"
    end
    table.insert(lines, ("  %-20s  %7d  %s"):format(name, told_at[name] or -1, source))
  end
  show(table.concat(lines, "\n"))
  claim("the rules about arenas are told by the trace of lesson 12, which gives much back",
    { told_at["unsorted"], told_at["oldest slot first"] }, { 15201, 35361 })

  say [[
    There are rules that no address tells. Let a new pool have two blocks more carved ahead: they
    would be given out in the same order. Only the headers know, which is why they are compared.]]
  claim("two blocks more carved ahead change no place in the whole start-up",
    parts_at(startup, rules.carved_ahead), nil)
  local _, first = parts_at({ text = "a 1 24\n" }, rules.carved_ahead)
  claim("but after the first request a header differs", first.dumps[1] ~= first.dumps[2])

  break_it {
    what = "A weak proof: with a wrong rule, we compare only how many blocks are live.",
    run = function()
      local at_once, wrong = parts_at(startup, rule_named("one half").methods)
      if wrong.live[1] == wrong.live[2] then
        error(("after %d requests both have %d live blocks: no difference found"):format(at_once,
          wrong.live[1]))
      end
    end,
    fails = "no difference found",
    so = [[
      A comparison that passes with a wrong rule says nothing about this rule. So we never ask only
      whether a test passes. We ask what it would take to make it fail.]],
  }

  exercise {
    task = ([[
      Write a proof yourself: requests that tell all seven wrong rules, in a heap of the classroom
      (pools of 256 bytes, four in an arena; blocks of 16, 32, 48 and 64 bytes, 3 of 64 in a
      pool). At most %d requests. Your file returns them as text, one a line:

          a ID SIZE   malloc, for an id that is not live
          r ID SIZE   realloc
          f ID        free

      The rules as they are, with the name of what stands in their place:

%s]]):format(REQUESTS_MOST, (function()
        local named = {}
        for i, changed in ipairs(rules.changed) do
          named[i] = ("          %-18s  %s"):format(changed.name, changed.rule)
        end
        return table.concat(named, "\n")
      end)()),
    start = "return [[\na 1 64\nf 1\na 2 64\n]]\n",
    grade = function(answer)
      local trace, requests = read_answer(answer)
      if not trace then
        return false, requests
      end
      local told_here, missed = 0, nil
      for _, changed in ipairs(rules.changed) do
        local is_told = parts_at(trace, changed.methods, "classroom")
        told_here = told_here + (is_told and 1 or 0)
        missed = missed or not is_told and changed.name or nil
      end
      if missed then
        return false, ("%d of the seven are told. With \"%s\" every block lies where it should.")
          :format(told_here, missed)
      end
      return true, ("All seven are told, by %d requests. 29 can do it."):format(requests)
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
