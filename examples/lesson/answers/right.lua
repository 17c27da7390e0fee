return function(order)
  local reversed = {}
  for i = 1, #order do
    reversed[i] = order[#order + 1 - i]
  end
  return reversed
end
