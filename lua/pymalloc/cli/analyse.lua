-- pymalloc analyse: what a trace is like.

local analyses = require "pymalloc.analyse"
local frames = require "pymalloc.frames"
local heap_options = require "pymalloc.cli.heap_options"
local numbers = require "pymalloc.cli.numbers"
local output = require "pymalloc.output"
local pictures = require "pymalloc.analyse.pictures"
local report = require "pymalloc.analyse.report"
local sections = require "pymalloc.analyse.sections"
local stdout = require "pymalloc.cli.stdout"
local svg_options = require "pymalloc.cli.svg_options"
local terminal = require "pymalloc.cli.terminal"

local M = {}

local FAILED, BAD_USAGE, NO_READER = 1, 2, 141

function M.define(parser)
  local command = parser:command("analyse",
    "Print what a trace is like: sizes, lifetimes, and the bytes live over time.",
    "Examples: pymalloc analyse @json\n"
      .. "          pymalloc analyse app.trace.xz --section sites --by function --top 50\n"
      .. "          pymalloc analyse @startup --section classes --profile 3.11 \\\n"
      .. "            --young 4096\n"
      .. "          pymalloc analyse @json --section curve --points 1000 --csv\n"
      .. "          pymalloc analyse @startup --interpreter 0 --json\n"
      .. "          pymalloc analyse @json --section lifetimes --svg lifetimes.svg\n"
      .. "          pymalloc analyse @json --svg json.svg --theme light --scale 0.5\n"
      .. "          pymalloc analyse @startup --section curve --svg c.svg --title Bytes\n\n"
      .. "The section sites needs a trace with call stacks, such as app.trace.xz here;\n"
      .. "'pymalloc record --where' makes one.\n\n"
      .. "A block lives from the request that makes its id live until the request that\n"
      .. "frees it; a realloc in between changes its size and does not end its life.\n"
      .. "No allocator is involved. Only the section classes depends on a geometry, and\n"
      .. "on CPython's rule that says whether a realloc moves a block.")
  command:argument("trace", "The trace: .gz, .xz and .zst files are unpacked; - is standard input; "
    .. "@startup and @json are built in.")
    :argname("TRACE")
  command:option("--section", "Print this section only. It can be given several times.")
    :argname("NAME"):count("*"):choices(sections.names)
  command:flag("--csv", "Print the one section that is named as CSV.")
  command:flag("--json", "Print all numbers as JSON.")
  command:option("--svg", "Draw the section that is named to FILE; without --section, a page of "
    .. "six plots: " .. table.concat(pictures.sections, ", ") .. "."):argname("FILE")
  svg_options.define(command)
  command:option("--young", "A block counts as young if it is freed within fewer than N requests. "
    .. "Default: 1024.")
    :argname("N"):convert(numbers.count_reader("--young", 1))
  command:option("--points", "The largest number of points of the curve of live bytes. "
    .. "Default: 512.")
    :argname("N"):convert(numbers.count_reader("--points", 1, analyses.POINTS_MOST))
  command:option("--by", "How the sites are grouped. Default: line."):argname("WHAT")
    :choices(frames.groupings)
  command:option("--top", "The largest number of rows of phases, classes and sites. Default: 20.")
    :argname("COUNT"):convert(numbers.count_reader("--top", 1))
  command:option("--interpreter", "The interpreter whose requests are analysed. Default: 0.")
    :argname("N"):convert(numbers.interpreter_reader("--interpreter"))
  heap_options.define_geometry(command)
end

local function picture_misuse(arguments)
  local names = arguments.section
  if #names == 0 and arguments.title then
    return "--title is the title of one section: name it with --section"
  elseif #names > 1 or names[1] and not pictures.is_drawn(names[1]) then
    return "--svg draws one of the sections " .. table.concat(pictures.sections, ", ")
  end
end

local function misuse(arguments)
  if arguments.json and arguments.csv then
    return "--json and --csv cannot be combined"
  elseif arguments.svg and (arguments.json or arguments.csv) then
    return "--svg cannot be combined with --json or --csv"
  elseif arguments.svg then
    return picture_misuse(arguments)
  elseif arguments.json and #arguments.section > 0 then
    return "--json prints all sections and cannot be combined with --section"
  elseif arguments.csv and #arguments.section ~= 1 then
    return "--csv prints one section: name it with --section"
  end
  return svg_options.misuse(arguments)
end

local function bold(title)
  return terminal.paint(io.stdout, "bold", title)
end

local function text_of(analysis, arguments)
  if arguments.json then
    return analysis:json()
  elseif arguments.csv then
    return analysis:csv(arguments.section[1])
  end
  local names = #arguments.section > 0 and arguments.section or sections.names
  return report.text(analysis, names, arguments.top, bold) .. "\n"
end

-- The options of pymalloc.analyse; or nil and a message.
local function options_of(arguments)
  local geometry, problem = heap_options.read(arguments)
  if not geometry then
    return nil, problem
  end
  return { geometry = geometry, young = arguments.young, points = arguments.points,
    by = arguments.by, interpreter = arguments.interpreter }
end

-- The plot of the section that is named, or the page; or nil and a message.
local function picture_of(analysis, section, look)
  if not section then
    return analysis:svg(look)
  end
  local plot, problem = analysis:plot { section = section, title = look.title, theme = look.theme,
    scale = look.scale }
  return plot and plot:svg(), problem
end

local function save_picture(analysis, arguments)
  local picture, problem = picture_of(analysis, arguments.section[1], svg_options.read(arguments))
  if not picture then
    return nil, problem, FAILED
  end
  local ok, reason, is_unread = output.write(arguments.svg, picture)
  if not ok then
    return nil, reason, is_unread and NO_READER or FAILED
  end
  return 0
end

function M.run(arguments)
  local problem = misuse(arguments)
  local options
  if not problem then
    options, problem = options_of(arguments)
  end
  if not options then
    return nil, problem, BAD_USAGE
  end
  local analysis, message = analyses.analyse(arguments.trace, options)
  if not analysis then
    return nil, message, FAILED
  end
  if arguments.svg then
    return save_picture(analysis, arguments)
  end
  stdout.write(text_of(analysis, arguments))
  return 0
end

return M
