-- The structs of CPython in C, as the version of a geometry declares them. The names and types of
-- fields are CPython's; the comments are this library's.

local M = {}

local function lines_of(text)
  local lines = {}
  for line in text:gmatch("[^\n]+") do
    local code, field = line:match("^(.-)%s*@([%w_]+)$")
    table.insert(lines, { text = code or line, field = field })
  end
  return lines
end

local POOL = lines_of [[
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
    uint maxnextoffset;              /* the largest that has room */ @maxnextoffset
};]]

local ARENA = lines_of [[
struct arena_object {
    uintptr_t address;               /* of its memory; 0: none */ @address
    block *pool_address;             /* the next pool to carve */ @pool_address
    uint nfreepools;                 /* empty, or not yet carved */ @nfreepools
    uint ntotalpools;                /* that fit in its memory */ @ntotalpools
    struct pool_header *freepools;   /* the empty ones */ @freepools
    struct arena_object *nextarena;  /* in usable or unused arenas */ @nextarena
    struct arena_object *prevarena;  /* in usable_arenas */ @prevarena
};]]

local function titled(name, lines)
  return { title = name, lines = lines }
end

--- The text of struct pool_header.
function M.pool_header()
  return titled("struct pool_header", POOL)
end

--- The text of struct arena_object.
function M.arena_object()
  return titled("struct arena_object", ARENA)
end

return M
