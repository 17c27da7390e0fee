--- FNV-1a, a hash of 64 bits.
--
--     local fnv = require "pymalloc.fnv"
--     fnv("one", fnv "two")   --> the hash of "twoone"

local BASIS, PRIME = 0xcbf29ce484222325, 0x100000001b3

--- The hash of a text, behind the text of which `hash` is the hash.
-- @tparam string text
-- @tparam[opt] integer hash
-- @treturn integer its bits
return function(text, hash)
  hash = hash or BASIS
  for i = 1, #text do
    hash = (hash ~ text:byte(i)) * PRIME
  end
  return hash
end
