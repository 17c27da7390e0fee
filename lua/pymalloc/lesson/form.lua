-- The form of lessons in files: the fields that the argument of each function has. A wrong one
-- is reported at the line of the lesson that calls the function.

local core = require "pymalloc.core"
local diffs = require "pymalloc.diff"

local M = {}

local SHOWN = { Heap = true, Arena = true, Pool = true, Buffer = true, Run = true }
local CHOICES_MOST = 12 -- from m on, letters would be keys of the prompt
local OPTIONS = { width = "integer", ascii = "boolean", colour = "boolean", block = "integer",
  lists = "boolean", struct = "boolean" }

-- The fields of each table: the type, and whether it must be present.
local fields = {
  predict = { ask = "string", answer = "function", because = "string", choices = "table?",
    why = "table?", hint = "string?" },
  break_it = { what = "string", run = "function", fails = "string", so = "string" },
  exercise = { task = "string", start = "string", grade = "function", good = "any", bad = "any",
    hint = "string?" },
}

local function kind_of(value)
  return math.type(value) == "integer" and "integer" or type(value)
end

local function names_of(form)
  local names = {}
  for name in pairs(form) do
    table.insert(names, name)
  end
  table.sort(names)
  return table.concat(names, ", ")
end

local function field_fault(name, wanted, value)
  local kind, is_optional = wanted:match("^(%a+)(%??)$")
  if value == nil and is_optional == "?" then
    return nil
  elseif value == nil or kind ~= "any" and kind_of(value) ~= kind then
    local what = kind == "any" and "present" or ("a %s"):format(kind)
    return ("field '%s' must be %s, got %s"):format(name, what, core.describe(value))
  elseif kind == "string" and name ~= "start" and not value:find("%S") then
    return ("field '%s' must be a text, got an empty string"):format(name)
  end
end

local function fields_fault(form, given)
  for name in next, given do
    if form[name] == nil then
      return ("field '%s' is not known; the fields are %s"):format(tostring(name), names_of(form))
    end
  end
  for _, name in ipairs { "ask", "choices", "answer", "because", "why", "what", "run", "fails",
    "so", "task", "start", "grade", "good", "bad", "hint" } do
    local fault = form[name] and field_fault(name, form[name], rawget(given, name))
    if fault then
      return fault
    end
  end
end

local function choices_fault(choices)
  local is_there, count = {}, 0
  for key, choice in next, choices do
    if math.type(key) ~= "integer" then
      return ("field 'choices' must be an array of strings, got the key %s"):format(
        core.describe(key))
    elseif type(choice) ~= "string" or not choice:find("%S") then
      return ("field 'choices': choice %d must be a text, got %s"):format(key,
        core.describe(choice))
    elseif is_there[choice] then
      return ("field 'choices' has the choice '%s' twice"):format(choice)
    end
    is_there[choice], count = true, count + 1
  end
  if count < 2 or count > CHOICES_MOST or #choices ~= count then
    return ("field 'choices' must have 2 to %d choices, got %d"):format(CHOICES_MOST, count)
  end
end

local function why_fault(why, choices)
  local is_choice = {}
  for _, choice in ipairs(choices or {}) do
    is_choice[choice] = true
  end
  for key, reason in next, why do
    if not is_choice[key] then
      return ("field 'why' has a reason for %s, which is none of the choices"):format(
        core.describe(key))
    elseif type(reason) ~= "string" or not reason:find("%S") then
      return ("field 'why': the reason for '%s' must be a text, got %s"):format(key,
        core.describe(reason))
    end
  end
end

-- The fault of the fields of a question beyond their types; nil if there is none.
local function predict_fault(question)
  return question.choices and choices_fault(question.choices)
    or question.why and why_fault(question.why, question.choices)
end

local function pattern_fault(break_it)
  local ok, problem = pcall(string.find, "", break_it.fails)
  return not ok and ("field 'fails' must be a pattern of Lua: %s"):format(
    tostring(problem):gsub("^[^\n]-:%d+: ", "")) or nil
end

local more = { predict = predict_fault, break_it = pattern_fault }

local function text_fault(given, what)
  if type(given) ~= "string" then
    return ("%s must be a string, got %s"):format(what, core.describe(given))
  elseif not given:find("%S") then
    return ("%s must be a text, got an empty string"):format(what)
  end
end

local function options_fault(options)
  if options == nil then
    return nil
  elseif type(options) ~= "table" then
    return ("the options must be a table, got %s"):format(core.describe(options))
  end
  for name, value in next, options do
    if not OPTIONS[name] then
      return ("option '%s' is not known; the options are %s"):format(tostring(name),
        names_of(OPTIONS))
    elseif kind_of(value) ~= OPTIONS[name] then
      return ("option '%s' must be a %s, got %s"):format(name, OPTIONS[name],
        core.describe(value))
    end
  end
end

local function show_fault(x, options)
  if type(x) == "string" then
    return text_fault(x, "the lines")
  elseif not SHOWN[core.kind(x) or ""] and not diffs.is_diff(x) then
    return ("what is shown must be a string, a heap, an arena, a pool, a buffer, a run or a diff,"
      .. " got %s"):format(core.describe(x))
  end
  return options_fault(options)
end

local texts = { say = "the text", aside = "the text", source = "the source" }

--- The fault of the arguments of a function of pymalloc.lesson; nil if there is none.
function M.fault(word, given, other)
  if texts[word] then
    return text_fault(given, texts[word])
  elseif word == "show" then
    return show_fault(given, other)
  elseif word == "claim" then
    return text_fault(given, "the sentence")
  elseif word == "pending" then
    return text_fault(given, "the sentence") or text_fault(other, "the reason")
  elseif type(given) ~= "table" then
    return ("the argument must be a table, got %s"):format(core.describe(given))
  end
  local fault = fields_fault(fields[word], given)
  return fault or more[word] and more[word](given) or nil
end

return M
