local text = require "pymalloc.text"

describe("the columns of a text", function()
  it("are its characters without colours", function()
    assert.same({ 3, 3, 3, 0 }, { text.columns("abc"), text.columns("\27[1;31mabc\27[0m"),
      text.columns("█░·"), text.columns("") })
  end)

  it("are its bytes if it is not UTF-8", function()
    assert.equal(2, text.columns("\xff\xfe"))
  end)

  it("are padded with blanks", function()
    assert.equal("░  |", text.pad("░", 3) .. "|")
    assert.equal("long", text.pad("long", 3))
  end)
end)

describe("words", function()
  it("fill lines up to the width, and not beyond", function()
    assert.same({ "aa bb", "cc" }, text.wrap("aa bb cc", 5))
    assert.same({ "aa", "bb", "cc" }, text.wrap("aa bb cc", 4))
    assert.same({ "aa bb cc" }, text.wrap("  aa\nbb\tcc ", 8))
  end)

  it("follow the prefix of the first line, and are indented by its width on the others", function()
    assert.same({ "key: aa", "     bb" }, text.wrap("aa bb", 8, "key: "))
    assert.same({ "key: aa", "- bb cc" }, text.wrap("aa bb cc", 7, "key: ", "- "))
  end)

  it("are never cut, and one that is too wide has its own line", function()
    assert.same({ "a", "toolong", "b" }, text.wrap("a toolong b", 4))
    assert.same({ "> toolong" }, text.wrap("toolong", 4, "> "))
  end)

  it("can contain blanks if they are given as an array", function()
    assert.same({ "a -> b,", "c -> d" }, text.wrap({ "a -> b,", "c -> d" }, 10))
  end)

  it("are measured without their colours", function()
    assert.same({ "\27[31mab\27[0m ░░" }, text.wrap({ "\27[31mab\27[0m", "░░" }, 5))
  end)

  it("of an empty text are one line with the prefix", function()
    assert.same({ "key: " }, text.wrap("", 80, "key: "))
  end)
end)

describe("a table", function()
  it("aligns each column left or right, with two blanks between columns", function()
    assert.same({ "name   size", "a         8", "bcdef   512" },
      text.table({ { "name", "size" }, { "a", 8 }, { "bcdef", 512 } }, "lr"))
  end)

  it("has no blanks at the end of a line", function()
    assert.same({ "a   b", "cc" }, text.table({ { "a", "b" }, { "cc", "" } }, "ll"))
  end)
end)

describe("a number", function()
  it("of things has the noun in the singular or in the plural", function()
    assert.same({ "0 arenas", "1 arena", "2 arenas", "1 class", "3 classes" },
      { text.count(0, "arena"), text.count(1, "arena"), text.count(2, "arena"),
        text.count(1, "class", "classes"), text.count(3, "class", "classes") })
    assert.equal("1 byte", text.count("1", "byte"))
  end)

  it("of 64 bits is printed without a sign", function()
    assert.same({ "0", "9223372036854775807", "9223372036854775808", "18446744073709551615",
      "18446744073709551610", "18446744073709551609" }, { text.unsigned(0),
      text.unsigned(math.maxinteger), text.unsigned(math.mininteger), text.unsigned(-1),
      text.unsigned(-6), text.unsigned(-7) })
  end)

  it("has commas between its thousands", function()
    assert.same({ "0", "999", "1,000", "123,456", "-1,234,567" }, { text.group(0), text.group(999),
      text.group(1000), text.group(123456), text.group(-1234567) })
  end)

  it("of bytes is given in the largest unit of which it is a multiple", function()
    assert.same({ "0 bytes", "1 byte", "1023 bytes", "1 KiB", "1025 bytes", "256 KiB", "1 MiB",
      "3 GiB" }, { text.size(0), text.size(1), text.size(1023), text.size(1024), text.size(1025),
      text.size(1 << 18), text.size(1 << 20), text.size(3 << 30) })
  end)

  it("is a share of a whole in per cent, if there is a whole", function()
    assert.same({ "50.0 %", "0.0 %", "-" }, { text.share(1, 2), text.share(0, 7),
      text.share(0, 0) })
  end)
end)
