-- pymalloc score: the score of an answer on traces, and leaderboards.

local answers = require "pymalloc.lab.answer"
local boards = require "pymalloc.lab.leaderboard"
local json = require "pymalloc.cli.json"
local progress = require "pymalloc.cli.progress"
local scores = require "pymalloc.lab.score"
local stdout = require "pymalloc.cli.stdout"
local terminal = require "pymalloc.cli.terminal"
local text = require "pymalloc.text"

local M = {}

local FAILED, BAD_USAGE = 1, 2
local TRACES = { "@startup", "@json" }

function M.define(parser)
  local command = parser:command("score",
    "Score a design of an allocator by the bytes that it holds and the arenas that it obtains.",
    "Examples: pymalloc score answer.lua\n"
      .. "          pymalloc score answer.lua app.trace.xz @json --csv\n"
      .. "          pymalloc score answer.lua --json\n"
      .. "          pymalloc score answer.lua --board scores.jsonl --name ada\n"
      .. "          pymalloc score answer.lua --board scores.jsonl --date 2026-11-28\n"
      .. "          pymalloc score --board scores.jsonl\n\n"
      .. "An answer is a Lua file that returns a table of options, such as\n\n"
      .. "    return { profile = \"3.11\", pool_bytes = 4096, release = \"never\" }\n\n"
      .. "It cannot use files, the system or other modules, and is stopped if it\n"
      .. "does not end. Its score is 0.6 * utilisation + 0.4 * (1 - traffic). The\n"
      .. "utilisation is the mean of the live bytes, divided by the mean of the bytes\n"
      .. "of arenas held. The traffic is the number of arenas obtained, divided by that\n"
      .. "of the baseline, and at most 1. The baseline is profile 3.11 with arenas of\n"
      .. "32 KiB, which are released at once. The pools of an answer must serve the\n"
      .. "requests of 1 to 512 bytes, and no others.")
  command:argument("answer", "The file of the answer. Without it, the board is printed.")
    :argname("ANSWER"):args("?")
  command:argument("traces", "The traces. Default: " .. table.concat(TRACES, " ") .. ".")
    :argname("TRACE"):args("*")
  command:option("--board", "Add the score to this leaderboard, and print it.")
    :argname("FILE")
  command:option("--name", "The name of the entry. Default: that of the file."):argname("NAME")
  command:option("--date", "The date of the entry. Default: none."):argname("DATE")
  command:flag("--json", "Print the score, or the board, as JSON.")
  command:flag("--csv", "Print the scores, or the board, as comma-separated values.")
end

-- {=== Tables

local columns = { "trace", "utilisation", "traffic", "arenas", "baseline", "score" }

local function ratio(value)
  return ("%.4f"):format(value)
end

local function rows_of(score)
  local rows = {}
  for i, one in ipairs(score.traces) do
    rows[i] = { one.trace, ratio(one.utilisation), ratio(one.traffic), one.arenas_obtained,
      one.baseline_obtained, ratio(one.score) }
  end
  table.insert(rows, { "all", ratio(score.utilisation), ratio(score.traffic), "", "",
    ratio(score.score) })
  return rows
end

local board_columns = { "score", "name", "design", "answer", "date", "traces" }

local function board_rows(entries)
  local rows = {}
  for i, entry in ipairs(boards.sorted(entries)) do
    rows[i] = { ratio(entry.score), text.printable(entry.name),
      text.printable(tostring(entry.design or "")), text.printable(entry.answer),
      text.printable(tostring(entry.date or "")), text.printable(table.concat(entry.traces, ", ")) }
  end
  return rows
end

local function write_csv(titles, rows)
  for _, row in ipairs(table.move(rows, 1, #rows, 2, { titles })) do
    local cells = {}
    for i, cell in ipairs(row) do
      cell = tostring(cell)
      cells[i] = cell:find('[,"\n]') and '"' .. cell:gsub('"', '""') .. '"' or cell
    end
    stdout.write(table.concat(cells, ","), "\n")
  end
end

local function write_rows(arguments, titles, sides, rows)
  if arguments.csv then
    write_csv(titles, rows)
  else
    terminal.write_table(titles, sides, rows)
  end
end

-- {=== Running

local function write_score(arguments, score)
  if arguments.json then
    stdout.write(json.text(score))
  else
    write_rows(arguments, columns, "lrrrrr", rows_of(score))
  end
end

local function write_board(arguments, entries)
  if arguments.json then
    stdout.write(json.text(boards.sorted(entries)))
  else
    write_rows(arguments, board_columns, "rlllll", board_rows(entries))
  end
end

local function name_of(path)
  return (path:gsub("^.*/", ""):gsub("%.lua$", ""))
end

-- Scores the answer, and adds the score to the board. Returns the exit code; or nil, a message
-- and the code.
local function score_answer(arguments)
  local answer, problem = answers.read(arguments.answer)
  if not answer then
    return nil, problem, FAILED
  end
  local traces = #arguments.traces > 0 and arguments.traces or TRACES
  local line <close> = progress.new(true, ("of %s"):format(text.count(#traces, "trace")))
  local score, reason = scores.score(answer, traces, function(done)
    line:show(done)
  end)
  line:clear()
  if not score then
    return nil, reason, FAILED
  end
  if not arguments.board then
    write_score(arguments, score)
    return 0
  end
  local entries, fault = boards.add(arguments.board,
    boards.entry(arguments.name or name_of(arguments.answer), score, arguments.date))
  if not entries then
    return nil, fault, FAILED
  end
  write_board(arguments, entries)
  return 0
end

-- The fault of the options as a message; nil if there is none.
local function fault_of(arguments)
  if arguments.json and arguments.csv then
    return "--json and --csv cannot be combined"
  elseif not arguments.board and (arguments.name or arguments.date) then
    return "--name and --date are of an entry: they need --board"
  elseif not arguments.answer and not arguments.board then
    return "missing argument 'ANSWER', or --board to print a leaderboard"
  elseif not arguments.answer and (arguments.name or arguments.date) then
    return "--name and --date are of an entry: they need ANSWER"
  end
end

function M.run(arguments)
  local fault = fault_of(arguments)
  if fault then
    return nil, fault, BAD_USAGE
  elseif arguments.answer then
    return score_answer(arguments)
  end
  local entries, problem = boards.read(arguments.board)
  if not entries then
    return nil, problem, FAILED
  end
  write_board(arguments, entries)
  return 0
end

return M
