-- lua5.4 script/lib/keys.lua SALT FILE...: prints a line for each file of C, with a key and the
-- file. The key is another one after a change of SALT, of the file, or of a header of the project
-- or of Lua that it includes. Other headers are not read: SALT has the version of their library.

local FOLDERS = { "csrc/", "bindings/lua/", "/usr/include/lua5.4/" }

-- FNV-1a with 64 bits
local function hash(text, from)
  local sum = from or 0xcbf29ce484222325
  for i = 1, #text do
    sum = (sum ~ text:byte(i)) * 0x100000001b3
  end
  return sum
end

local function read(path)
  local file <close> = io.open(path, "rb")
  return file and file:read("a")
end

local files = {} -- what is known of each path: its hash and the names that it includes

local function known(path)
  if files[path] == nil then
    local text = read(path)
    local names = {}
    for name in (text or ""):gmatch('#%s*include%s*[<"]([^>"]+)[>"]') do
      table.insert(names, name)
    end
    files[path] = text and { sum = hash(text), names = names } or false
  end
  return files[path]
end

-- The path of a header, beside the file that includes it or in a folder; nil for other libraries.
local function find(name, includer)
  for _, folder in ipairs { includer:match("^.*/"), table.unpack(FOLDERS) } do
    if known(folder .. name) then
      return folder .. name
    end
  end
end

local function key_of(path, sum, seen)
  if seen[path] then
    return sum
  end
  seen[path] = true
  sum = hash(("%s %x\n"):format(path, files[path].sum), sum)
  for _, name in ipairs(files[path].names) do
    local header = find(name, path)
    sum = header and key_of(header, sum, seen) or sum
  end
  return sum
end

local salt = hash(arg[1])
for i = 2, #arg do
  assert(known(arg[i]), arg[i])
  print(("%016x %s"):format(key_of(arg[i], salt, {}), arg[i]))
end
