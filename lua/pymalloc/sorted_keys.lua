-- The keys of a table as an array in ascending order, so that equal tables give equal texts.
return function(t)
  local keys = {}
  for key in pairs(t) do
    keys[#keys + 1] = key
  end
  table.sort(keys)
  return keys
end
