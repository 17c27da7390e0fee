-- What a function complains of: complaint(f, ...) is the text of the error
-- that f(...) raises, without the place that Lua puts in front of it; nil
-- where it raises none.

return function(f, ...)
  local is_fine, text = pcall(f, ...)
  if not is_fine then
    return (tostring(text):gsub("^[^:]+:%d+: ", ""))
  end
end
