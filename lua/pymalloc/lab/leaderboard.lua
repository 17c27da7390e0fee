-- Leaderboards: files with an entry in each line, as JSON.
--
--     {"answer":"9f3c...","name":"ada","score":0.81,"traces":["@json 915642"]}
--
-- Scores on different traces cannot be compared: entries with the same traces are listed
-- together. An entry is added to a copy, which then replaces the file.

local optional = require "pymalloc.optional"
local output = require "pymalloc.output"

local M = {}

local KEYS = { "name", "score", "answer", "design", "traces", "date" }

local function is_entry(entry)
  if type(entry) ~= "table" or type(entry.name) ~= "string" or type(entry.score) ~= "number"
    or type(entry.answer) ~= "string" or type(entry.traces) ~= "table" then
    return false
  end
  for _, trace in ipairs(entry.traces) do
    if type(trace) ~= "string" then
      return false
    end
  end
  return #entry.traces > 0
end

-- The entries of a text; or nil and a message.
local function parse(text, path)
  local entries, number = {}, 0
  for line in text:gmatch("[^\n]+") do
    number = number + 1
    local entry = optional.load("dkjson").decode(line)
    if not is_entry(entry) then
      return nil, ("%s:%d: it is not an entry of a leaderboard"):format(path, number)
    end
    table.insert(entries, entry)
  end
  if text ~= "" and text:sub(-1) ~= "\n" then
    return nil, ("%s:%d: the line has no end"):format(path, number)
  end
  return entries
end

--- Reads a leaderboard. Returns its entries, in the order of the file; or nil and a message.
function M.read(path)
  local file, problem = io.open(path, "rb")
  if not file then
    return nil, problem
  end
  local text, reason = file:read("a")
  file:close()
  if not text then
    return nil, ("%s: %s"):format(path, reason)
  end
  local entries, fault = parse(text, path)
  return entries, entries and text or fault
end

local function key_of(entry)
  return table.concat(entry.traces, ", ")
end

--- The entries by traces, and for the same traces the highest score first.
function M.sorted(entries)
  local sorted = table.move(entries, 1, #entries, 1, {})
  table.sort(sorted, function(one, other)
    if key_of(one) ~= key_of(other) then
      return key_of(one) < key_of(other)
    elseif one.score ~= other.score then
      return one.score > other.score
    elseif one.name ~= other.name then
      return one.name < other.name
    end
    return one.answer < other.answer
  end)
  return sorted
end

--- The entry of a score (see pymalloc.lab.score).
function M.entry(name, score, date)
  local traces = {}
  for i, one in ipairs(score.traces) do
    traces[i] = ("%s %d"):format(one.trace, one.requests)
  end
  return { name = name, score = score.score, answer = score.answer, design = score.design,
    traces = traces, date = date }
end

-- Does the board have an entry of the same name and answer for the same traces?
local function has(entries, entry)
  for _, one in ipairs(entries) do
    if one.name == entry.name and one.answer == entry.answer and key_of(one) == key_of(entry) then
      return true
    end
  end
  return false
end

local function exists(path)
  local file = io.open(path, "rb")
  return file ~= nil and file:close()
end

--- Adds an entry to a board, which is made if it does not exist. An entry that the board has is
-- not added again.
-- @return the entries; or nil and a message
function M.add(path, entry)
  local entries, text = {}, ""
  if exists(path) then
    entries, text = M.read(path)
    if not entries then
      return nil, text
    elseif has(entries, entry) then
      return entries
    end
  end
  local line = optional.load("dkjson").encode(entry, { keyorder = KEYS })
  local ok, problem = output.write(path, text .. line .. "\n")
  if not ok then
    return nil, problem
  end
  table.insert(entries, entry)
  return entries
end

return M
