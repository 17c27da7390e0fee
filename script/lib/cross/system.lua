-- Stands for the rock luasystem, which is in C: busted asks it for the time.
return {
  gettime = os.time,
  monotime = os.clock,
  sleep = function() end,
}
