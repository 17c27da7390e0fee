/*
** The elements of buffers: ten types of numbers in the machine's byte order,
** and their conversion from and to Lua values.
**
** An integer type accepts the integers of its range, and floats that are such
** whole numbers. u64 holds the 64 bits of a Lua integer: values from 2^63 on
** are read as negative numbers, as with string.unpack; math.ult compares them.
** f64 accepts every number, f32 every number that it does not round to
** infinity.
*/
#ifndef ELEMENT_H
#define ELEMENT_H

#include <lua.h>
#include <string.h>

#include "base/base.h"

/* name, C type, least and most; then name and C type */
#define ELEMENT_INTEGERS(X)                       \
  X(i8, int8_t, INT8_MIN, INT8_MAX)               \
  X(u8, uint8_t, 0, UINT8_MAX)                    \
  X(i16, int16_t, INT16_MIN, INT16_MAX)           \
  X(u16, uint16_t, 0, UINT16_MAX)                 \
  X(i32, int32_t, INT32_MIN, INT32_MAX)           \
  X(u32, uint32_t, 0, UINT32_MAX)                 \
  X(i64, int64_t, LUA_MININTEGER, LUA_MAXINTEGER) \
  X(u64, uint64_t, LUA_MININTEGER, LUA_MAXINTEGER)

#define ELEMENT_FLOATS(X) \
  X(f32, float)           \
  X(f64, double)

#define ELEMENT_TYPES "i8 u8 i16 u16 i32 u32 i64 u64 f32 f64"

enum element {
#define X(name, ...) ELEMENT_##name,
  ELEMENT_INTEGERS(X) ELEMENT_FLOATS(X)
#undef X
      ELEMENT_COUNT
};

/* An element of any type. */
#define ELEMENT_BYTES_MAX 8u

const char *element_name(enum element type);

/* The logarithm of an element's bytes. Types come in pairs of the same size. */
static inline unsigned element_shift(enum element type)
{
  return type < ELEMENT_f32 ? (unsigned)type / 2
                            : 2 + (unsigned)(type - ELEMENT_f32);
}

static inline size_t element_bytes(enum element type)
{
  return (size_t)1 << element_shift(type);
}

/* The type that the value at 'index' names; ELEMENT_COUNT: it names none. */
enum element element_named(lua_State *L, int index);

/*
** Is the value at 'index' an integer, or a float that is a whole number? If so,
** stores it. For u64, a float from 2^63 on gives the integer with the same 64
** bits.
*/
bool element_to_integer(lua_State *L, int index, enum element type,
                        lua_Integer *value);

/*
** Stores the Lua value at 'index' as an element at 'to'. Returns false and
** writes nothing if the type does not have that value.
*/
bool element_store(lua_State *L, int index, enum element type, void *to);

/*
** Stores the element of another type at 'from', which element_push would push.
** Returns false and writes nothing if the type does not have that value. The
** two places do not overlap.
*/
bool element_convert(enum element from_type, const unsigned char *from,
                     enum element type, void *to);

/* Pushes the reason for which element_store refused the value. */
const char *element_complain(lua_State *L, int index, enum element type);

/*
** Pushes the element with the index 'number', from 0. 'data' need not be
** aligned.
*/
static ALWAYS_INLINE void element_push(lua_State *L, enum element type,
                                       const unsigned char *data, size_t number)
{
  switch (type) {
#define X(name, ctype, least, most)                            \
  case ELEMENT_##name: {                                       \
    ctype name##_value;                                        \
    memcpy(&name##_value, data + number * sizeof name##_value, \
           sizeof name##_value);                               \
    lua_pushinteger(L, (lua_Integer)name##_value);             \
    return;                                                    \
  }
    ELEMENT_INTEGERS(X)
#undef X
#define X(name, ctype)                                         \
  case ELEMENT_##name: {                                       \
    ctype name##_value;                                        \
    memcpy(&name##_value, data + number * sizeof name##_value, \
           sizeof name##_value);                               \
    lua_pushnumber(L, (lua_Number)name##_value);               \
    return;                                                    \
  }
    ELEMENT_FLOATS(X)
#undef X
  case ELEMENT_COUNT:
    break;
  }
  lua_pushnil(L);
}

#endif
