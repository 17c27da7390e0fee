--- The functions that the playground calls. Arguments and results are plain tables, because a
-- page exchanges them as JSON.
--
--     local play = require "pymalloc.play"
--     play.run("heap = pymalloc.heap()").status --> done
--     play.run("=1 + 2").output --> 3
--     play.begin(1).asks --> question

local help = require "pymalloc.play.help"
local lessons = require "pymalloc.play.lessons"
local limit = require "pymalloc.play.limits"
local pymalloc = require "pymalloc"
local sessions = require "pymalloc.play.session"

local M = {}

local session -- of the prompt
local lesson  -- that runs

local limits = limit.LIMITS -- of statements

local function current()
  session = session or sessions.new(limits)
  return session
end

--- The facts that a page shows at its start.
-- @treturn table version; lessons: an array of { number, title }
function M.open()
  return { version = pymalloc._VERSION, lessons = lessons.list() }
end

--- Forgets all variables of the prompt.
function M.restart()
  session = nil
  return true
end

--- Sets after how many seconds of processor time a statement is stopped.
function M.limit(seconds)
  limits = { seconds = math.max(1, seconds), bytes = limits.bytes }
  current().limits = limits
  return true
end

--- Runs a statement or an expression at the prompt.
-- @treturn table status: "done", "error" or "more" if the statement is not finished; output;
-- error; lost: the name of a local variable that ends with the statement
function M.run(source)
  return current():run(source)
end

--- Runs the text of a file at the prompt.
function M.run_file(name, source)
  return current():run_file(name, source)
end

--- The picture of a heap; nil if there is none.
-- @tparam[opt] table wish number: of the heap, by default the newest; arena, pool: the place of
-- the pool that is drawn, by default that of the last event
function M.picture(wish)
  return current():picture(wish)
end

--- The names that can continue a text at the prompt.
function M.continuations(source)
  return current():continuations(source)
end

--- Begins a lesson; one that runs is ended.
-- @tparam integer number
-- @tparam[opt] string progress the text that was kept
-- @tparam[opt] integer width columns of its pictures, 60 to 80
-- @treturn table pieces, progress, asks, is_done, goes_on
function M.begin(number, progress, width)
  if lesson then
    lesson:close()
  end
  local problem
  lesson, problem = lessons.open(number, progress, width)
  if not lesson then
    return nil, problem
  end
  return lesson:begin()
end

--- Answers the last piece of the lesson; returns the pieces after it.
function M.answer(answer)
  if not lesson then
    return nil, "no lesson runs"
  end
  return lesson:answer(answer)
end

--- The next pieces of a lesson that has not told all pieces before the next question.
function M.more()
  if not lesson then
    return nil, "no lesson runs"
  end
  return lesson:more()
end

--- The text of the reference on a name such as "heap:malloc"; without a name, all names.
M.help = help.on

return M
