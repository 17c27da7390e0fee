-- The allocators that have a name, and how others are given.

local check = require "pymalloc.check"
local preloaded = require "pymalloc.preloaded"

local M = {}

--- The names, in the order of tables.
M.names = { "glibc", "jemalloc", "mimalloc", "tcmalloc", "cpython" }

-- The libraries of each, as the dynamic linker finds them, and Debian's package.
local libraries = {
  jemalloc = { "libjemalloc.so.2", package = "libjemalloc2" },
  mimalloc = { "libmimalloc.so.3", "libmimalloc.so.2", "libmimalloc.so.2.0",
    package = "libmimalloc2.0" },
  tcmalloc = { "libtcmalloc_minimal.so.4", "libtcmalloc.so.4",
    package = "libtcmalloc-minimal4" },
}

-- The allocator that a path names; the dynamic linker finds a name without a slash that is not a
-- file.
local function read_path(path)
  local file, reason = io.open(path, "rb")
  if file then
    file:close()
    return { name = path, libraries = { preloaded.absolute(path) }, is_path = true }
  elseif path:find("/", 1, true) then
    return { name = path, problem = reason:match(": ([^:]*)$") or reason }
  end
  return { name = path, libraries = { path }, is_path = true }
end

--- What is meant by a name or a path: a table with the fields name, and libraries, python or
-- neither (the C library). A wrong name raises a message.
function M.read(given)
  local version = type(given) == "string" and given:match("^cpython(3?%.?%d*)$")
  if given == "glibc" then
    return { name = given }
  elseif version then
    return { name = given, python = "python" .. (version == "" and "3" or version) }
  elseif libraries[given] then
    return { name = given, libraries = libraries[given], package = libraries[given].package }
  elseif type(given) == "string" and given:find("[/.]")
    and not given:find("^cpython[%d.]*$") then
    return read_path(given)
  end
  error(("pymalloc: real: an allocator must be one of %s, cpython with a version, or the path "
    .. "of a library, got %s"):format(table.concat(M.names, ", "), check.quote(given)), 0)
end

return M
