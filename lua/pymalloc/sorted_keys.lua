-- The keys of a table, or of two tables, as an array in ascending order, so that equal tables give
-- equal texts. The order is that of `less`, or of numbers and of strings.
return function(t, other, less)
  local keys = {}
  for key in pairs(t) do
    keys[#keys + 1] = key
  end
  for key in pairs(other or {}) do
    if t[key] == nil then
      keys[#keys + 1] = key
    end
  end
  table.sort(keys, less)
  return keys
end
