-- This answer is wrong: it sorts the blocks by their numbers.
return function(order)
  table.sort(order)
  return order
end
