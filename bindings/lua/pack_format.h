/*
** The format strings of string.pack, read one option at a time.
**
**   "<i2 !4 i4 z"    i2, then two bytes of padding and i4, then z
**
** The reader keeps a position, so that it can continue after the string was
** looked up again.
*/
#ifndef PACK_FORMAT_H
#define PACK_FORMAT_H

#include <lauxlib.h>
#include <lua.h>

#include "base/base.h"

#define PACK_INTEGER_BYTES_MAX 16u

enum pack_kind {
  PACK_SIGNED,
  PACK_UNSIGNED,
  PACK_FLOAT,
  PACK_DOUBLE,
  PACK_CHARS,  /* cN: a string of N bytes */
  PACK_STRING, /* sN: a string after its length */
  PACK_ZERO,   /* z: a string before a zero byte */
  PACK_PADDING /* no value: x, X and the options that only set something */
};

struct pack_format {
  const char *function; /* "b:pack", for errors */
  const char *text;
  size_t bytes;
  size_t next;          /* the position of the next option */
  size_t max_alignment; /* 1: values are not aligned */
  bool is_little;
};

/* One option. */
struct pack_option {
  enum pack_kind kind;
  size_t bytes;   /* of the value; of PACK_STRING: of its length */
  size_t padding; /* bytes of alignment before it */
  size_t begin;   /* its letters in the format */
  size_t end;
};

/*
** The format that is the string at 'index', before its first option. Anything
** but a string is an error, which begins with the name of the function.
*/
struct pack_format pack_format_open(lua_State *L, int index,
                                    const char *function);

/* Looks the string up again, which may have changed. */
void pack_format_look(lua_State *L, int index, struct pack_format *format);

/*
** Reads the next option. 'offset' is where its padding begins. Returns false at
** the end of the format. A letter or a size that string.pack does not allow is
** an error.
*/
bool pack_format_next(lua_State *L, struct pack_format *format, uint64_t offset,
                      struct pack_option *option);

/* Pushes the letters of the option, for errors. */
const char *pack_format_letters(lua_State *L, int index,
                                const struct pack_option *option);

/*
** Writes an integer of 1 to PACK_INTEGER_BYTES_MAX bytes. The bytes that a Lua
** integer does not have are 0, or 0xff if it is negative.
*/
void pack_store(unsigned char *to, uint64_t bits, size_t bytes, bool is_little,
                bool is_negative);

/* Reads an integer of 1 to 8 bytes, without a sign. */
uint64_t pack_load(const unsigned char *from, size_t bytes, bool is_little);

#endif
