-- Tests the lessons in the playground: pymalloc.play.begin and pymalloc.play.answer.

local json = require "pymalloc.json"
local lesson_text = require "pymalloc.lesson.text"
local play = require "pymalloc.play"

-- Returns the kinds of the pieces in order; several pieces of one kind in a row count once.
local function kinds_of(told)
  local kinds = {}
  for _, piece in ipairs(told.pieces) do
    if piece.kind ~= kinds[#kinds] then
      table.insert(kinds, piece.kind)
    end
  end
  return table.concat(kinds, " ")
end

local function last(told)
  return told.pieces[#told.pieces]
end

-- Returns all pieces up to the next question or exercise.
local function whole(told)
  while told.goes_on do
    local pieces = told.pieces
    told = play.more()
    told.pieces = table.move(told.pieces, 1, #told.pieces, #pieces + 1, pieces)
  end
  return told
end

-- Begins a lesson; returns all pieces up to the first question or exercise.
local function begin(...)
  return whole(play.begin(...))
end

-- Plays a lesson up to its exercise; returns the last pieces.
local function play_to_exercise(number)
  local told = begin(number)
  while told.asks == "question" do
    told = whole(play.answer "")
  end
  return told
end

describe("a lesson in a page", function()
  it("gives its pieces up to the first question, as tables that JSON can hold", function()
    local told = begin(3)
    assert.equal("question", told.asks)
    assert.equal("heading source say show say claim say show say claim say claim question",
      kinds_of(told))
    assert.same({ kind = "heading", number = 3, title = "A pool is carved lazily",
      is_continued = false }, told.pieces[1])
    assert.same({ "1", "2", "3", "6" }, last(told).choices)
    assert.is_string(json.line(told))
  end)

  it("grades a guess, asks again if it is not a choice, and explains", function()
    begin(3)
    local unclear = play.answer "x"
    assert.same({ "unclear", "d" }, { unclear.asks, last(unclear).last })
    local answer = play.answer("c").pieces[1]
    assert.same({ "answer", true, true, "3" },
      { answer.kind, answer.is_guessed, answer.is_right, answer.answer })
    assert.matches("^The request gets the free block", answer.because[1].text)
    begin(3)
    assert.is_false(play.answer("a").pieces[1].is_right)
    begin(3)
    assert.is_false(play.answer("").pieces[1].is_guessed)
  end)

  it("shows pictures as text, and has the facts of those of a heap", function()
    local shown
    for _, piece in ipairs(begin(3, nil, 60).pieces) do
      shown = piece.kind == "show" and piece or shown
    end
    assert.matches("pool 0:0, used: class 1", shown.text)
    assert.matches("\27%[", shown.text)
    assert.equal("lfvvvv", shown.picture.pool.blocks)
  end)

  it("grades answers, gives a solution, and ends when an answer passes", function()
    local told = play_to_exercise(4)
    assert.same({ "work", "22 exercise" }, { told.asks, told.progress })
    local start = told.pieces[#told.pieces - 1].start
    local again = play.answer { text = start }
    assert.same({ "grade", false, true }, { again.pieces[1].kind, again.pieces[1].passed,
      again.pieces[1].is_untouched })
    assert.matches("in the order fedcba%.$", again.pieces[1].remark)
    assert.equal('return "cfdaeb"', play.answer({ solution = true }).pieces[1].text)
    local ended = play.answer { text = 'return "cfdaeb"' }
    assert.same({ true, true, "done" }, { ended.pieces[1].passed, ended.is_done, ended.progress })
    assert.is_nil(ended.asks)
    assert.same({ nil, "the lesson asks nothing" }, { play.answer { text = "" } })
  end)

  for text, remark in pairs {
    ["while true do end"] = "answer_04.lua:1: it does not end",
    ["return {}"] = "must return a string, but it returns a table",
    ["error {}"] = "not a string but a table",
    ["return ("] = "answer_04.lua:1: unexpected symbol",
    [""] = "it returns nothing",
    ["return require 'lfs'"] = "can require 'pymalloc' only",
  } do
    it("does not pass the answer '" .. text .. "'", function()
      play_to_exercise(4)
      local grade = play.answer({ text = text }).pieces[1]
      assert.is_false(grade.passed)
      assert.matches(remark:gsub("%p", "%%%0"), grade.remark)
    end)
  end

  it("repeats the pieces that were seen, with the answers, and asks none of them", function()
    local told = begin(4, "22 exercise")
    assert.equal("work", told.asks)
    local seen = {}
    for _, piece in ipairs(told.pieces) do
      seen[piece.kind] = piece.is_old or seen[piece.kind]
    end
    assert.same({ source = true, say = true, show = true, claim = true, question = true,
      answer = true, break_it = true }, seen)
    assert.is_true(told.pieces[1].is_continued)
  end)

  it("shows what the answer prints", function()
    play_to_exercise(4)
    assert.equal("1\t2\n", play.answer({ text = "print(1, 2) return ''" }).pieces[1].output)
    assert.equal("", play.answer({ text = "return ''" }).pieces[1].output)
  end)

  it("gives each text in a call of its own", function()
    local told = play.begin(3)
    assert.same({ "heading source say", true }, { kinds_of(told), told.goes_on })
    assert.is_nil(told.asks)
    assert.same({ nil, "the lesson asks nothing" }, { play.answer "a" })
    assert.equal("show say", kinds_of(play.more()))
    begin(3)
    assert.same({ nil, "the lesson waits for an answer, or is over" }, { play.more() })
  end)

  it("stays done while it is played again", function()
    assert.matches(" done$", begin(3, "done").progress)
  end)

  for _, progress in ipairs { "9999", "99999999999999999999", "-3", "x", "9999 exercise" } do
    it("asks a question or the exercise, whatever the progress says: " .. progress, function()
      assert.is_truthy(begin(3, progress).asks)
    end)
  end

  it("can be left for another one", function()
    begin(3)
    begin(4)
    assert.equal(4, begin(4).pieces[1].number)
    assert.is_true(play.answer("b").pieces[1].is_right)
  end)

  it("is an error if there is no such lesson, or none runs", function()
    for _, number in ipairs { 0, 15, 2.5, "1", -1 } do
      local told, problem = play.begin(number)
      assert.is_nil(told)
      assert.matches("^there is no lesson " .. tostring(number):gsub("%p", "%%%0"), problem)
      assert.equal("no lesson runs", select(2, play.answer "a"))
    end
  end)
end)

describe("the text of lessons", function()
  it("is divided into paragraphs; indented lines stay as they are", function()
    assert.same({ { text = "One two." }, { text = "    a  b\n      c", is_fixed = true } },
      lesson_text.paragraphs [[
        One
        two.

            a  b
              c]])
  end)
end)
