-- complaint(f, ...) calls f(...) and returns the message of the error that it
-- raises, without the position that Lua puts before it, or nil.

return function(f, ...)
  local is_fine, text = pcall(f, ...)
  if not is_fine then
    return (tostring(text):gsub("^[^:]+:%d+: ", ""))
  end
end
