-- Commands that get a signal while they run.

local command = require "spec.support.command"

local M = {}

-- Each signal: its name, the exit code of a command that it ends, and the beginning of the
-- message.
M.SIGNALS = {
  { "INT", 130, "interrupted" }, { "TERM", 143, "terminated" }, { "HUP", 129, "ended by a hangup" },
  { "QUIT", 131, "interrupted" },
}

-- A shell without job control lets commands in the background ignore SIGINT, and env restores the
-- default. A command is ready when it catches SIGTERM and the condition holds.
local SCRIPT = [=[
cd %s
mkfifo input
exec 9<>input
env --default-signal=INT,TERM,HUP,QUIT sh -c '%s' <input >output 2>errors 9>&- &
pid=$!
# Reads the state of the command; the shell needs no other process for that.
look() {
  while read -r key value rest; do
    case $key in
      Name:) name=$value ;;
      State:) state=$value ;;
      SigCgt:) caught=0x$value ;;
    esac
  done </proc/$pid/status
}
is_caught() {
  case $name in
    *lua*) [ $((caught >> 14 & 1)) = 1 ] ;;
    *) false ;;
  esac
}
tries=0
until look; { is_caught && %s; } || [ $state = Z ]; do
  sleep 0.02
  tries=$((tries + 1))
  [ $tries -lt 30000 ] || break
done
kill -%s $pid
wait $pid
echo $?
]=]

-- Runs a line of the shell, which ends with the exec of a command, in a folder, with an
-- input that does not end. Sends the command a signal.
-- @param ready a condition of the shell, by default true: the signal is sent when it holds
-- @return its exit code, what it wrote to standard error, and to standard output
function M.run(folder, line, signal, ready)
  local code, problem = command.run(command.leaks_allowed
    .. SCRIPT:format(folder, line, ready or "true", signal))
  assert(code:match("^%d+\n$"), problem)
  return tonumber(code), command.read(folder .. "/errors"), command.read(folder .. "/output")
end

return M
