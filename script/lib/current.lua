-- For scripts that write files of the repository. SCRIPT writes them; SCRIPT
-- --check fails if a file differs from what SCRIPT would write.

local tree = require "script.lib.tree"

local M = {}

local name = arg[0]:match("[^/]*$")

--- Ends the script with a message.
function M.fail(text)
  io.stderr:write(name, ": ", text, "\n")
  os.exit(1)
end

local function write(path, text)
  os.execute("mkdir -p '" .. path:match("^(.*)/") .. "'")
  local file, problem = io.open(path, "w")
  if not file then
    M.fail("cannot write " .. problem)
  end
  file:write(text)
  file:close()
end

-- Is the file as it would be written? If not, the difference is printed.
local function is_current(path, text)
  if tree.read(path) == text then
    return true
  end
  local new = os.tmpname()
  write(new, text)
  os.execute(("diff -u '%s' '%s' | head -40"):format(path, new))
  os.remove(new)
  return false
end

--- Runs the script and exits.
-- @param root the project's folder, ending in a slash
-- @param pages a function that returns the texts of all files, by their path
function M.main(root, pages)
  local argument, are_current = arg[1], true
  if argument == "--help" or argument == "-h" then
    local text = "\n" .. tree.read(arg[0]):match("^#![^\n]*\n(.-)\n\n")
    print((text:gsub("\n%-%- ?", "\n"):sub(2)))
    os.exit(true)
  elseif argument and argument ~= "--check" then
    M.fail("unknown argument '" .. argument .. "' (see --help)")
  end
  for path, text in pairs(pages()) do
    if not argument then
      write(root .. path, text)
    elseif not is_current(root .. path, text) then
      print(("%s is not current: run script/%s, and commit what it writes"):format(path, name))
      are_current = false
    end
  end
  os.exit(are_current)
end

return M
