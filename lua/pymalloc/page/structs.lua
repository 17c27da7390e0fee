-- The structs of CPython in C, as the version of a profile declares them. The names and types of
-- fields are CPython's; the comments are this library's.

local M = {}

-- The lines of a text. A line that ends in @NAME declares the field of that name.
local function lines_of(text)
  local lines = {}
  for line in text:gmatch("[^\n]+") do
    local code, field = line:match("^(.-)%s*@([%w_]+)$")
    table.insert(lines, { text = code or line, field = field })
  end
  return lines
end

local POOL = [[
struct pool_header {
    union {
        block *_padding;
        uint count;                  /* live blocks */ @ref_count
    } ref;
    block *freeblock;                /* first of the free chain */ @freeblock
    struct pool_header *nextpool;    /* in usedpools or freepools */ @nextpool
    struct pool_header *prevpool;    /* in usedpools */ @prevpool
    uint arenaindex;                 /* slot of its arena */ @arenaindex
    uint szidx;                      /* size class */ @szidx
    uint nextoffset;                 /* of the next block to carve */ @nextoffset
    uint maxnextoffset;              /* the largest with room for it */ @maxnextoffset
};]]

local ARENA = [[
struct arena_object {
    uintptr_t address;               /* of its memory; 0: none */ @address
    block *pool_address;             /* the next pool to carve */ @pool_address
    uint nfreepools;                 /* empty, or never carved */ @nfreepools
    uint ntotalpools;                /* that its memory has room for */ @ntotalpools
    struct pool_header *freepools;   /* the empty ones */ @freepools
    struct arena_object *nextarena;  /* in usable or unused arenas */ @nextarena
    struct arena_object *prevarena;  /* in usable_arenas */ @prevarena
};]]

-- CPython 3.12 moved the structs to a header and renamed the type of blocks.
local function declared(text, name)
  local before, since = lines_of(text), lines_of((text:gsub("%f[%w_]block %*", "pymem_block *")))
  return { before = { title = "struct " .. name, lines = before },
    since = { title = "struct " .. name .. ", CPython 3.12 and later", lines = since } }
end

local texts = { pool_header = declared(POOL, "pool_header"),
  arena_object = declared(ARENA, "arena_object") }

-- Is the profile a version of CPython from 3.12 on?
local function is_since_3_12(profile)
  local minor = tonumber((profile or ""):match("^3%.(%d+)"))
  return minor ~= nil and minor >= 12
end

--- The text of a struct, "pool_header" or "arena_object", for the name of a profile or nil.
function M.text(name, profile)
  return texts[name][is_since_3_12(profile) and "since" or "before"]
end

return M
