---@meta pymalloc.lesson

-- Types for editors. Made by script/reference; never run.

---@overload fun(number: integer, title: string, tell: function)
local lesson = {}

---Text that states nothing about behaviour: where we are, where we go.
---@param text string
function lesson.aside(text) end

---A misuse or a wrong rule, and what then fails.
---@param break_it table what = "...", run = a function that raises an error, fails = a pattern that the error matches, so = "what it teaches"
function lesson.break_it(break_it) end

---A statement that is wrong unless `got` equals `expected`.
---@param sentence string true of the allocator, without a full stop
---@param got any tables are compared by content
---@param expected? any true where it is left out
function lesson.claim(sentence, got, expected) end

---A task with a grader; the grader has to pass `good` and to fail `bad`.
---@param exercise table task = "...", grade = a function of an answer that returns whether it passes and a remark, good = an answer, bad = an answer, start = the Lua text that a learner begins with
function lesson.exercise(exercise) end

---A claim that cannot be looked into here, and what is missing for it.
---@param sentence string the claim
---@param reason string
function lesson.pending(sentence, reason) end

---Plays the lessons that `run` runs with another player.
---@param other table a function `lesson`, and one for each word
---@param run function
---@return any # what `run` returns
function lesson.play_with(other, run) end

---A question that is asked before its answer is shown.
---@param question table ask = "...?", choices = { "...", ... } or nil for a free answer, answer = a function that finds out on the live heap, because = "..."
function lesson.predict(question) end

---Text about how the allocator behaves. A claim, a prediction or a break-it
---has to follow before the next `say`.
---@param text string paragraphs; indentation and single line breaks do not count
function lesson.say(text) end

---A picture of a live heap, arena, pool, buffer or diff, or plain lines.
---@param x any what pymalloc.view.text draws; a string is shown as it is
---@param options? table for the picture
function lesson.show(x, options) end

return lesson
