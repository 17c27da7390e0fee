-- A copy of a table, whose values are not copied.
return function(t)
  local copied = {}
  for name, value in pairs(t) do
    copied[name] = value
  end
  return copied
end
