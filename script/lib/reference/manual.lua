-- Writes the manual page of the command.

local wrap = require("pymalloc.text").wrap

local M = {}

local function say(lines, format, ...)
  table.insert(lines, select("#", ...) > 0 and format:format(...) or format)
end

-- Text as troff takes it literally.
local function escape(text)
  text = text:gsub("\\", "\\e"):gsub("-", "\\-"):gsub("'", "\\(aq")
  return (text:gsub("\n%.", "\n\\&."):gsub("^%.", "\\&."))
end

local function paragraphs(lines, text)
  for paragraph in (text .. "\n\n"):gmatch("(.-)\n\n+") do
    if paragraph ~= "" then
      say(lines, ".PP\n" .. escape(paragraph))
    end
  end
end

local function preformatted(lines, text)
  say(lines, ".PP\n.nf\n" .. escape(text) .. "\n.fi")
end

local function write_options(lines, command)
  for _, argument in ipairs(command.arguments) do
    say(lines, ".TP\n.I %s\n%s", escape(argument.name), escape(argument.text))
  end
  for _, option in ipairs(command.options) do
    local names = {}
    for i, name in ipairs(option.names) do
      names[i] = "\\fB" .. escape(name) .. "\\fR"
    end
    local argument = option.argument ~= "" and " \\fI" .. escape(option.argument:sub(2)) .. "\\fR"
      or ""
    local choices = option.choices
      and "\nOne of " .. escape(table.concat(option.choices, ", ")) .. "." or ""
    say(lines, ".TP\n%s%s\n%s%s", table.concat(names, ", "), argument, escape(option.text), choices)
  end
end

-- A command broken into lines that fit the page.
local function broken(line)
  return table.concat(wrap(line, 69, "", "    "), " \\\n")
end

local function examples_text(command)
  local lines = {}
  for i, line in ipairs(command.examples) do
    lines[i] = broken(line)
  end
  return table.concat(lines, "\n")
end

local function write_command(lines, command)
  say(lines, ".SS pymalloc " .. command.name)
  say(lines, escape(command.text))
  preformatted(lines, command.usage)
  write_options(lines, command)
  paragraphs(lines, command.remarks)
  say(lines, ".PP\nExamples:")
  preformatted(lines, examples_text(command))
end

-- What is the same for all commands.
local statuses = {
  { "0", "All went well." },
  { "1", "A trace is bad or cannot be read, a check failed, or the output cannot be written." },
  { "2", "The command line is wrong." },
  { "130, 141", "It was interrupted; whoever read its output has gone." },
}
local variables = {
  { "NO_COLOR", "If it is set to anything, nothing is coloured." },
  { "PYMALLOC_DESK", "The folder for the progress of lessons and the answers to their exercises; "
    .. "pymalloc-lessons in the current folder unless told." },
}

local function write_pairs(lines, rows)
  for _, row in ipairs(rows) do
    say(lines, ".TP\n.B %s\n%s", row[1], escape(row[2]))
  end
end

--- The page, for a program as script/lib/reference/commands.lua reads it.
function M.page(program, version)
  local lines = { '.\\" Made by script/reference from the parser that the command runs with.' }
  say(lines, '.TH PYMALLOC 1 "" "%s" "User Commands"', version)
  say(lines, '.SH NAME\npymalloc \\- CPython\'s small\\-object allocator, opened up')
  say(lines, ".SH SYNOPSIS\n.B pymalloc\n.I command\n.RI [ options ]\n.RI [ arguments ]")
  say(lines, ".SH DESCRIPTION")
  say(lines, "Runs recorded requests for memory on the allocator that CPython has had since\n"
    .. "version 3.6, shows what became of them, step by step if wanted, records the requests\n"
    .. "of other programs, and teaches how it all works.")
  say(lines, ".PP\nSizes may end in K, M or G: 256K is 262144.")
  write_options(lines, { arguments = {}, options = program.options })
  say(lines, ".SH COMMANDS")
  for _, command in ipairs(program.commands) do
    write_command(lines, command)
  end
  say(lines, ".SH EXIT STATUS")
  write_pairs(lines, statuses)
  say(lines, ".SH ENVIRONMENT")
  write_pairs(lines, variables)
  say(lines, ".SH SEE ALSO\n.BR python3 (1),\n.BR malloc (3),\n.BR mtrace (3)")
  return table.concat(lines, "\n") .. "\n"
end

return M
