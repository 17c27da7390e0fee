-- The built-in traces, which are installed beside this file. Where a trace's path is allowed,
-- their names with "@" in front are allowed too.

local M = {}

local here = debug.getinfo(1, "S").source:match("^@(.*)/[^/]*$")

-- The built-in traces, in the order of their names.
M.list = {
  { name = "@json", requests = 915642,
    about = "a JSON program, run by CPython" },
  { name = "@startup", requests = 43354,
    about = "CPython 3.11, from its start to its end" },
}

local known = {}
for i, one in ipairs(M.list) do
  known[i], known[one.name] = one.name, true
end

local function exists(path)
  local file = io.open(path, "rb")
  return file and file:close()
end

-- The path of a built-in trace; other paths as they are. nil and a message for a name that no
-- built-in trace has. In a web page, which cannot run xz, they are in the packed form.
function M.path(path)
  if path:sub(1, 1) ~= "@" then
    return path
  elseif not known[path] then
    return nil, ("'%s' is not a built-in trace: there are %s; a file of this name is ./%s"):format(
      path:gsub("%c", "?"), table.concat(known, " and "), path:gsub("%c", "?"))
  end
  local found = ("%s/%s.ptrace"):format(here, path:sub(2))
  if not exists(found) then
    found = ("%s/%s.trace.xz"):format(here, path:sub(2))
  end
  return found:sub(1, 1) == "@" and "./" .. found or found
end

return M
