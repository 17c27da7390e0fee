-- Functions of the scripts that check the source tree.
local M = {}

-- The text of a file; nil if it cannot be read.
function M.read(path)
  local file = io.open(path)
  if file then
    local text = file:read("a")
    file:close()
    return text
  end
end

-- A path as one word of a shell command.
function M.quoted(path)
  return "'" .. path:gsub("'", "'\\''") .. "'"
end

-- The paths of the files in a folder, at any depth, whose name matches a shell pattern.
function M.files(folder, pattern)
  local command = "find %s -name '%s' 2>/dev/null | sort"
  local list = io.popen(command:format(M.quoted(folder), pattern))
  local paths = {}
  for path in list:lines() do
    table.insert(paths, path)
  end
  list:close()
  return paths
end

-- Prints the comment at the head of a script, which is its help.
local function help(script)
  local text = M.read(script):match("^#![^\n]*\n(.-)\n\n")
  print((("\n" .. text):gsub("\n%-%- ?", "\n"):sub(2)))
end

-- Runs check(root, report) for a script that is called as SCRIPT [ROOT]. The exit
-- code is 1 if `report` was called with a fault.
function M.main(check)
  local first = arg[1]
  if first == "--help" or first == "-h" then
    return help(arg[0])
  end
  local faults = 0
  check(first or arg[0]:match("^(.*)/script/[^/]*$") or ".", function(text)
    faults = faults + 1
    print(text)
  end)
  os.exit(faults == 0)
end

return M
