-- Builds the Lua module with one of the changes in spec/fidelity/mutations.lua. If
-- it cannot be built, the script ends with the reason.

local ROOT = arg[0]:match("^(.*)/script/[^/]*$") or "."
local tree = dofile(ROOT .. "/script/lib/tree.lua")

local M = {
  root = ROOT,
  mutations = dofile(ROOT .. "/spec/fidelity/mutations.lua"),
}

-- Runs shell commands in the root. Returns whether they succeeded, their output
-- and the exit code.
function M.shell(format, ...)
  local pipe = io.popen("cd '" .. ROOT .. "' && { " .. format:format(...) .. "; } 2>&1")
  local output = pipe:read("a")
  local ok, _, code = pipe:close()
  return ok ~= nil, output, code
end

function M.fail(...)
  print(string.format(...))
  os.exit(1)
end

function M.find(name)
  for _, mutation in ipairs(M.mutations) do
    if mutation[1] == name then
      return mutation
    end
  end
  M.fail("no mutation is called '%s'", name)
end

local function replace_once(text, from, to, what)
  local first, last = text:find(from, 1, true)
  if not first then
    M.fail("%s: the text to replace is not in the source; update the mutation", what)
  elseif text:find(from, last + 1, true) then
    M.fail("%s: the text to replace is in the source twice; make it longer", what)
  end
  return text:sub(1, first - 1) .. to .. text:sub(last + 1)
end

-- The sources of csrc that include a header, from the rules that the compiler writes.
local function including(header)
  M.rules = M.rules or select(2, M.shell("cc -MM -Icsrc csrc/*/*.c")):gsub("\\\n", " ")
  local found = {}
  for source, headers in M.rules:gmatch("[^\n]*: (%S+)([^\n]*)") do
    if (headers .. " "):find((" csrc/%s "):format(header), 1, true) then
      table.insert(found, source)
    end
  end
  return found
end

-- The sources to compile for a change of `file`. The others are linked from the library in
-- build-release/. The compiler is called directly, because a build folder of CMake's for
-- each mutation would compile the whole core for each of them.
local function sources(folder, file)
  local list = file:find("%.h$") and including(file) or { "csrc/" .. file }
  if #list == 0 then
    M.fail("no source of csrc includes %s", file)
  end
  return folder .. "/" .. table.concat(list, " " .. folder .. "/")
end

-- Copies csrc to `folder`, with one change.
local function copy_to(folder, mutation)
  local name, _, file, from, to = table.unpack(mutation)
  local text = replace_once(tree.read(ROOT .. "/csrc/" .. file), from, to, name)
  local copied, problem = M.shell("mkdir -p %s && cp -r csrc %s", folder, folder)
  if not copied then
    M.fail("%s: %s", name, problem)
  end
  local handle <close> = assert(io.open(folder .. "/csrc/" .. file, "w"))
  handle:write(text)
end

--- Makes pymalloc/core.so in `folder`, from a copy of csrc with one change, and loads it
-- once: a module that cannot be loaded would count as detected.
function M.build(folder, mutation)
  local name, _, file = table.unpack(mutation)
  copy_to(folder, mutation)
  assert(M.shell("mkdir -p %s/pymalloc %s/objects", folder, folder))
  local done, output = M.shell(
    "(cd %s/objects && cc -std=c11 -O1 -DNDEBUG -fPIC -fvisibility=hidden -I%s/csrc -c %s)" ..
    " && cc -shared -o %s/pymalloc/core.so %s/objects/*.o" ..
    " $(printf 'build-release/CMakeFiles/core.dir/%%s.o ' bindings/lua/*.c)" ..
    " build-release/libpymalloc.a $(pkg-config --libs zlib)" ..
    " && LUA_CPATH='%s/?.so' lua5.4 -e 'require \"pymalloc.core\"'",
    folder, folder, sources(folder, file), folder, folder, folder)
  if not done then
    M.fail("%s: %s", name, output)
  end
end

-- The name of a folder that does not exist.
local function new_name()
  local folder = os.tmpname()
  os.remove(folder)
  return folder
end

--- Returns a new folder, to be removed by the caller, with a copy of csrc with one change.
function M.copy(mutation)
  local folder = new_name()
  copy_to(folder, mutation)
  return folder
end

--- Calls try(folder) with a folder that contains the changed module. Then removes it.
function M.with(mutation, try)
  local folder = new_name()
  M.build(folder, mutation)
  local result = table.pack(try(folder))
  M.shell("rm -r %s", folder)
  return table.unpack(result)
end

--- The mutations of these names; all mutations if no name is given.
function M.chosen(names)
  local list = {}
  for i, name in ipairs(names) do
    list[i] = M.find(name)
  end
  return #list > 0 and list or M.mutations
end

return M
