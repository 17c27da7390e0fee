-- The keys of a table as an array in ascending order, so that equal tables give equal texts.
return function(t)
  local keys = {}
  for key in pairs(t) do
    table.insert(keys, key)
  end
  table.sort(keys)
  return keys
end
