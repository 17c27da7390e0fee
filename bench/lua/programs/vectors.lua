-- Objects with a metatable: each operation on vectors makes a new one.
local Vector = {}
Vector.__index = Vector

local function vector(x, y, z)
  return setmetatable({ x = x, y = y, z = z }, Vector)
end

function Vector.__add(a, b)
  return vector(a.x + b.x, a.y + b.y, a.z + b.z)
end

function Vector.__mul(a, k)
  return vector(a.x * k, a.y * k, a.z * k)
end

function Vector:dot(b)
  return self.x * b.x + self.y * b.y + self.z * b.z
end

local bodies = {}
for i = 1, 200 do
  bodies[i] = { place = vector(i, i * 2, i * 3), speed = vector(1, 0.5, 0.25) }
end
for _ = 1, 2000 do
  for _, body in ipairs(bodies) do
    body.place = body.place + body.speed * 0.01
    body.speed = body.speed * 0.999
  end
end
local energy = 0
for _, body in ipairs(bodies) do
  energy = energy + body.speed:dot(body.speed)
end
assert(energy > 0 and energy < 200 * 1.3125)
