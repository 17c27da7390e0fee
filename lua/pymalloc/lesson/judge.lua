-- Tests the claims of lessons, and the answers to questions and exercises.

local M = {}

-- Whether two values are equal; tables are compared by content.
function M.is_equal(a, b)
  if type(a) ~= "table" or type(b) ~= "table" then
    return a == b
  end
  for key, value in pairs(a) do
    if not M.is_equal(value, b[key]) then
      return false
    end
  end
  for key in pairs(b) do
    if a[key] == nil then
      return false
    end
  end
  return true
end

-- A value as Lua text.
function M.text(value)
  if type(value) ~= "table" then
    return type(value) == "string" and ("%q"):format(value) or tostring(value)
  end
  local parts = {}
  for i, item in ipairs(value) do
    parts[i] = M.text(item)
  end
  local named = {}
  for key, item in pairs(value) do
    if math.type(key) ~= "integer" or key < 1 or key > #value then
      table.insert(named, tostring(key) .. " = " .. M.text(item))
    end
  end
  table.sort(named)
  table.move(named, 1, #named, #parts + 1, parts)
  return "{ " .. table.concat(parts, ", ") .. " }"
end

-- The fault of a claim; nil if it is true.
function M.fault(sentence, got, expected)
  if M.is_equal(got, expected) then
    return nil
  end
  return ("it is not true that %s: expected %s, got %s")
    :format(sentence, M.text(expected), M.text(got))
end

-- The number of the choice that equals the answer; nil if none does, or two do.
function M.choice(choices, answer)
  local found
  for number, choice in ipairs(choices) do
    if choice == tostring(answer) then
      if found then
        return nil
      end
      found = number
    end
  end
  return found
end

-- The fault of a break-it; nil if it fails as it says. The second value is the
-- error that it raised.
function M.breakage(break_it)
  local ok, message = pcall(break_it.run)
  if ok then
    return "'run' raised no error: " .. break_it.what
  end
  message = tostring(message):gsub("^[^\n]-:%d+: ", "")
  if not message:find(break_it.fails) then
    return ("'run' raised an error that does not match 'fails': %s"):format(message), message
  end
  return nil, message
end

-- Whether an error was raised by the chunk with that name, as its place says. Lua shortens
-- long names at their front.
local function is_raised_by(problem, chunk)
  local place = problem:match("^([^\n]-):%d+: ")
  local short = place and place:gsub("^%.%.%.", "")
  return short ~= nil and short ~= "" and chunk:sub(-#short) == short
end

-- Whether the grader passes an answer, and a remark. An answer of another type
-- than the good one fails, and so does one for which the grader raises an error.
-- `chunk` is the name of the answer's file in messages.
function M.grade(exercise, answer, chunk)
  local wanted, got = type(exercise.good), type(answer)
  if got ~= wanted then
    return false, ("The file must return a %s, but it returns a %s."):format(wanted, got)
  end
  local ok, passed, remark = pcall(exercise.grade, answer)
  if not ok then
    local problem = tostring(passed)
    local told = is_raised_by(problem, chunk or "") and problem
      or problem:gsub("^[^\n]-%.lua:%d+: ", "")
    return false, "Your answer failed: " .. told
  end
  return passed and true or false, type(remark) == "string" and remark or ""
end

-- What is wrong with the grader of an exercise, which must pass the good answer and fail the bad
-- one; nil if nothing is. `good` is the good answer as the grader gets it.
function M.grader_fault(exercise, good)
  local passes_good, remark = M.grade(exercise, good)
  if not passes_good then
    return "the grader fails the good answer: " .. remark
  elseif M.grade(exercise, exercise.bad) then
    return "the grader passes the bad answer"
  end
end

return M
