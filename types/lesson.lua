---@meta pymalloc.lesson

-- Types for editors. Made by script/reference; never run.

---@overload fun(number: integer, title: string, tell: function)
local lesson = {}

---Text that states nothing about behaviour: where we are, where we go.
---@param text string
function lesson.aside(text) end

---A misuse or a wrong rule, and the error that it causes.
---@param break_it table what: the misuse; run: a function that raises an error; fails: a pattern that the error matches; so: the conclusion
function lesson.break_it(break_it) end

---A statement that holds if `got` equals `expected`.
---@param sentence string true of the allocator, without a full stop
---@param got any tables are compared by content
---@param expected? any default true
function lesson.claim(sentence, got, expected) end

---A task that is graded. The grader must pass `good` and fail `bad`.
---@param exercise table task: the text; grade: a function of an answer that returns whether it passes, and a remark; good and bad: answers; start: the Lua text that a learner begins with
function lesson.exercise(exercise) end

---A claim that cannot be tested here, and what is missing for the test.
---@param sentence string the claim
---@param reason string
function lesson.pending(sentence, reason) end

---Plays the lessons that `run` runs with another player.
---@param other table a function `lesson`, and one for each function of this module that `run` calls
---@param run function
---@return any # result of `run`
function lesson.play_with(other, run) end

---A question that is asked before its answer is shown.
---@param question table ask: the question; choices: an array of answers, or nil for a free answer; answer: a function that finds the answer on the live heap; because: the explanation
function lesson.predict(question) end

---Text that states nothing about behaviour, such as a transition.
---@param text string
function lesson.say(text) end

---Shows a picture of a live heap, arena, pool, buffer or diff, or plain lines.
---@param x any what pymalloc.view.text draws; a string is shown unchanged
---@param options? table of pymalloc.view.text
function lesson.show(x, options) end

return lesson
