-- Stands for the rock lua-term, which is in C: busted asks it whether its output is a terminal.
return {
  isatty = function()
    return false
  end,
}
