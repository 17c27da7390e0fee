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

-- The sources to compile for a change, and the library to link: for a header all
-- sources of the copy of csrc; for a source only that one, with the library in
-- build-release/. The compiler is called directly, because a build folder of
-- CMake's for each mutation would compile the whole core for each of them.
local function sources(folder, file)
  if file:find("%.h$") then
    return folder .. "/csrc/*/*.c", ""
  end
  return folder .. "/csrc/" .. file, "build-release/libpymalloc.a"
end

--- Makes pymalloc/core.so in `folder`, from a copy of csrc with one change.
function M.build(folder, mutation)
  local name, _, file, from, to = table.unpack(mutation)
  local text = replace_once(tree.read(ROOT .. "/csrc/" .. file), from, to, name)
  local compiled, library = sources(folder, file)
  local copied, problem = M.shell("cp -r csrc %s && mkdir -p %s/pymalloc %s/objects",
    folder, folder, folder)
  if not copied then
    M.fail("%s: %s", name, problem)
  end
  local handle <close> = assert(io.open(folder .. "/csrc/" .. file, "w"))
  handle:write(text)
  handle:close()
  local done, output = M.shell(
    "(cd %s/objects && cc -std=c11 -O1 -DNDEBUG -fPIC -fvisibility=hidden -I%s/csrc -c %s)" ..
    " && cc -shared -o %s/pymalloc/core.so %s/objects/*.o" ..
    " $(printf 'build-release/CMakeFiles/core.dir/%%s.o ' bindings/lua/*.c) %s",
    folder, folder, compiled, folder, folder, library)
  if not done then
    M.fail("%s: %s", name, output)
  end
end

--- Calls try(folder) with a folder that contains the changed module. Then removes it.
function M.with(mutation, try)
  local folder = os.tmpname()
  os.remove(folder)
  assert(M.shell("mkdir %s", folder))
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
