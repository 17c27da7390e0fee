-- A linked list as a queue: nodes are appended at one end and removed at the
-- other, so that they become garbage in the order in which they were made.
local function push(queue, value)
  local node = { value = value, next = nil }
  if queue.last then
    queue.last.next = node
  else
    queue.first = node
  end
  queue.last = node
end

local function pop(queue)
  local node = queue.first
  queue.first = node.next
  if not queue.first then
    queue.last = nil
  end
  return node.value
end

local queue, sum = {}, 0
for i = 1, 30000 do
  push(queue, i)
end
for i = 1, 1200000 do
  push(queue, i)
  sum = sum + pop(queue)
end
while queue.first do
  sum = sum + pop(queue)
end
assert(sum == 30000 * 30001 // 2 + 1200000 * 1200001 // 2)
