-- library.lua OUT MODULE... [-- FILE=PATH...]: makes the archive of Lua code for the page.
--
-- It has the modules, all that they require, and further files: each PATH, under the name FILE.
-- Which modules a module requires is read from its code. The archive is a line of JSON, an array
-- of names and sizes, and then the bytes of all files. Comments are left out of modules, but not
-- out of other files; line numbers stay as they are, and the compiled functions are compared.
--
-- It prints the bytes of each part of the library.

local lib = arg[0]:match("^(.*/)") .. "../"
local root = lib .. "../../"
package.path = root .. "?.lua;" .. root .. "lua/?.lua;" .. package.path

local tree = require "script.lib.tree"
local strip = require("script.lib.web.strip").strip

-- The C module, which is part of the WebAssembly module; and what writes pages.
local ABSENT = { ["pymalloc.core"] = true, ["pymalloc.cpython"] = true,
  ["pymalloc.lesson.specs"] = true, ["pymalloc.view.html"] = true }

local function module_path(name)
  local path = "lua/" .. name:gsub("%.", "/")
  for _, file in ipairs { path .. ".lua", path .. "/init.lua" } do
    if tree.read(root .. file) then
      return file
    end
  end
  error(("%s: there is no such module"):format(name), 0)
end

local function stripped(path, text)
  local code = strip(text)
  local name = "@" .. path
  if string.dump(assert(load(code, name))) ~= string.dump(assert(load(text, name))) then
    error(path .. ": without comments it is other code", 0)
  end
  return code
end

-- The modules of a folder, whose names begin with `prefix`: code requires "prefix" .. name.
local function modules_of(prefix)
  local names = {}
  local folder = root .. "lua/" .. prefix:gsub("%.", "/")
  for _, path in ipairs(tree.files(folder, "*.lua")) do
    local name = path:sub(#folder + 1):match("^/?([^/]+)%.lua$")
    table.insert(names, name and prefix .. name)
  end
  return names
end

local add

-- Adds the modules that a code requires.
local function add_required(files, code)
  for required in code:gmatch('require *%(? *"([%w_.]+)"') do
    for _, one in ipairs(required:find("%.$") and modules_of(required) or { required }) do
      add(files, one)
    end
  end
end

-- Adds a module and those that it requires to `files`, an array whose fields are their names.
function add(files, name)
  if ABSENT[name] or files[name] then
    return
  end
  local path = module_path(name)
  local code = stripped(path, tree.read(root .. path))
  files[name] = true
  table.insert(files, { name = path:gsub("^lua/", ""), text = code })
  add_required(files, code)
end

-- Adds a file; for a file of Lua code, also the modules that it requires.
local function add_file(files, name, path)
  local text = assert(tree.read(path), path)
  table.insert(files, { name = name, text = text })
  if name:find("%.lua$") then
    add_required(files, strip(text))
  end
end

local function collect()
  local files, is_file = {}, false
  for i = 2, #arg do
    local name, path = arg[i]:match("^(.-)=(.*)$")
    if arg[i] == "--" then
      is_file = true
    elseif is_file then
      add_file(files, name, path)
    else
      add(files, arg[i])
    end
  end
  table.sort(files, function(a, b) return a.name < b.name end)
  return files
end

-- "pymalloc/plot" for pymalloc/plot.lua and all in pymalloc/plot/.
local function part_of(name)
  return name:match("^[^/]*/[^/.]*")
end

local function print_parts(files, total)
  local parts, names = {}, {}
  for _, file in ipairs(files) do
    local part = part_of(file.name)
    if not parts[part] then
      parts[part] = 0
      table.insert(names, part)
    end
    parts[part] = parts[part] + #file.text
  end
  table.sort(names, function(a, b) return parts[a] > parts[b] end)
  for i = 1, math.min(#names, 12) do
    print(("%9d  %s"):format(parts[names[i]], names[i]))
    total = total - parts[names[i]]
  end
  print(("%9d  the other %d parts"):format(total, math.max(#names - 12, 0)))
end

local files = collect()
local entries, texts, bytes = {}, {}, 0
for i, file in ipairs(files) do
  assert(file.name:find("^[%w_./-]+$"), file.name) -- needs no escape in JSON
  entries[i], texts[i] = ('["%s",%d]'):format(file.name, #file.text), file.text
  bytes = bytes + #file.text
end
local out = assert(io.open(arg[1], "wb"))
assert(out:write("[", table.concat(entries, ","), "]\n", table.concat(texts)))
assert(out:close())
print(("%s: %d bytes in %d files"):format(arg[1], bytes, #files))
print_parts(files, bytes)
