-- Tests recordings of the stepper: lua/pymalloc/cli/step/recording.lua and frames_svg.lua.

local command = require "spec.support.command"
local pymalloc = require "pymalloc"
local svgs = require "spec.support.svg"

local function step(arguments)
  return command.run(("%sLC_ALL=C.UTF-8 %s step %s </dev/null"):format(command.leaks_allowed,
    command.pymalloc, arguments))
end

local function recorded(arguments)
  local file <close> = command.file("", ".svg")
  local output, errors, code = step(("%s --svg %s"):format(arguments, file.path))
  assert.same({ "", "", 0 }, { output, errors, code })
  return command.read(file.path)
end

-- The frames of a recording: for each, the texts of its lines from top to bottom.
local function frames_of(svg)
  local frames, current = {}, nil
  for _, element in ipairs(svgs.read(svg).elements) do
    if element.attributes.class == "pym-frame" then
      current = { hidden = element.attributes.visibility, delay = element.attributes.style }
      table.insert(frames, current)
    elseif current and element.name == "text" then
      table.insert(current, (element.text:gsub("\u{a0}", " ")))
    end
  end
  return frames
end

describe("pymalloc step --svg", function()
  it("has a frame for the first screen and for the screen after each key", function()
    local frames = frames_of(recorded("@startup --at 300 --keys 'n n p e:pool_full h'"))
    local run <close> = pymalloc.replay "@startup"
    local function title(op)
      run:seek(op)
      return pymalloc.view.text(run, { ascii = false, colour = false }):match("^[^\n]+")
    end
    assert.equal(6, #frames)
    assert.equal(title(300), frames[1][1])
    local after = { { "n", 301 }, { "n", 302 }, { "p", 301 } }
    for i, expected in ipairs(after) do
      assert.same({ "key: " .. expected[1], title(expected[2]) },
        { frames[i + 1][1], frames[i + 1][2] })
    end
    run:seek(301)
    run:continue("pool_full")
    assert.equal(title(run.op), frames[5][2])
    assert.equal("key: h", frames[6][1])
    assert.equal(pymalloc.view.text(run.heap, { colour = false }):match("^[^\n]+"), frames[6][2])
  end)

  it("has the lines of the terminal, with their colours", function()
    local svg = recorded("@startup --at 300 --keys n --theme light")
    local run <close> = pymalloc.replay "@startup"
    run:seek(300)
    local first = table.concat(frames_of(svg)[1], " ")
    for word in pymalloc.view.text(run, { ascii = false, colour = false }):gmatch("[%w_]+") do
      assert.truthy(first:find(word, 1, true), word)
    end
    assert.truthy(svg:find('fill="#b3508a">  ref_count', 1, true)
      or svg:find('fill="#b3508a">ref_count', 1, true)) -- changed
    assert.is_nil(svg:find("\27", 1, true))
  end)

  it("moves by rules of CSS, without a script, and not for readers who want no motion", function()
    local svg = recorded("@startup --keys 'n n n'")
    local frames = frames_of(svg)
    assert.is_nil(svg:find("<script", 1, true))
    assert.truthy(svg:find("@media (prefers-reduced-motion:no-preference){.pym-frame{animation:"
      .. "pym-show 8s step-end infinite}}", 1, true))
    assert.truthy(svg:find("{0%{visibility:visible}25%{visibility:hidden}", 1, true))
    for i, frame in ipairs(frames) do
      assert.equal(("animation-delay:%ds"):format(2 * (i - 1)), frame.delay)
      assert.equal(i > 1 and "hidden" or nil, frame.hidden)
    end
  end)

  it("takes theme, scale and title, which is escaped", function()
    local picture = svgs.read(recorded("@startup --keys n --theme dark --scale 2 "
      .. "--title '<script>&'"))
    assert.equal("1406", picture.root.attributes.width)
    assert.equal("<script>&", picture:all("title")[1].text)
    assert.equal("#16181d", picture:all("rect")[1].attributes.fill)
  end)

  it("refuses unknown keys, too many keys, and an option without the one that it needs", function()
    local many = ("n "):rep(41)
    for arguments, message in pairs {
      ["--keys 'n x' --svg x.svg"] = "option '--keys' takes keys such as 'n n e:pool_full h', got "
        .. "'x'",
      ["--keys '' --svg x.svg"] = "option '--keys' takes 1 to 40 keys, got 0",
      [("--keys '%s' --svg x.svg"):format(many)] = "option '--keys' takes 1 to 40 keys, got 41",
      ["--svg x.svg"] = "--svg saves the screens that keys lead to: give them with --keys",
      ["--keys n"] = "--keys presses keys for a picture: name its file with --svg",
      ["--theme dark"] = "--theme is an option of the picture that --svg saves",
    } do
      local _, errors, code = step("@startup " .. arguments)
      assert.equal(2, code)
      assert.truthy(errors:find(message, 1, true), errors)
    end
    local _, errors, code = step("@startup --keys n --svg /nowhere/x.svg")
    assert.same({ "pymalloc: /nowhere/x.svg: No such file or directory\n", 1 }, { errors, code })
    assert.is_nil(io.open("x.svg"))
  end)
end)
