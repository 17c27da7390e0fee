-- The rockspec of a release, which differs from that of the checkout in its version and in
-- where its sources are.

local M = {}

local SOURCE <const> = [[
-- The archive that script/release makes. 'luarocks make' builds the unpacked archive that it
-- runs in, and does not read this name. To publish the rock, replace it by an address, as in
-- "https://HOST/NAME" or "file:///FOLDER/NAME", for 'build' and 'pack'.
source = {
  url = "%s",
}
]]

-- Replaces what the pattern finds, which must be there once.
local function replace(text, pattern, new)
  local result, count = text:gsub(pattern, (new:gsub("%%", "%%%%")))
  assert(count == 1, pattern)
  return result
end

--- The rockspec of a version, from the text of that of the checkout.
function M.of(text, version)
  text = replace(text, '\nversion = "scm%-1"\n', ('\nversion = "%s-1"\n'):format(version))
  return replace(text, "\n%-%- [^\n]+\n%-%- [^\n]+\nsource = %b{}\n",
    "\n" .. SOURCE:format("pymalloc-" .. version .. ".tar.gz"))
end

return M
