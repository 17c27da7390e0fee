-- Writes the completion of the command for shells, from its parser. argparse knows their
-- languages; here it gets the values that it cannot know.

local pymalloc = require "pymalloc"

local M = {}

local HEAD <const> = "# Completion of the command pymalloc for %s. script/reference writes it.\n"

local function profile_names()
  local names = {}
  for i, profile in ipairs(pymalloc.profiles()) do
    names[i] = profile.name
  end
  return names
end

-- The parser with the values of --profile, which has no list of them because it also takes
-- versions such as 3.12.1.
local function parser_with_profiles()
  local parser = require("pymalloc.cli").parser()
  for _, command in ipairs(parser._commands) do
    for _, option in ipairs(command._options) do
      if option._name == "--profile" then
        option:choices(profile_names())
      end
    end
  end
  return parser
end

--- The text for bash, zsh or fish.
function M.of(shell)
  local parser = parser_with_profiles()
  local text = parser["get_" .. shell .. "_complete"](parser)
  local first, rest = text:match("^(#compdef[^\n]*\n)(.*)")
  return (first or "") .. HEAD:format(shell) .. (rest or text)
end

return M
