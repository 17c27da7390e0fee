#include "element.h"

#include <float.h>
#include <math.h>

#include "argument.h"

const char *element_name(enum element type)
{
#define X(name, ...) #name,
  static const char *const names[] = {ELEMENT_INTEGERS(X) ELEMENT_FLOATS(X)};
#undef X
  return names[type];
}

/* The number of bytes that element_shift computes, for static assertions. */
#define X(name, ctype, least, most) \
  static_assert(sizeof(ctype) == 1u << ELEMENT_##name / 2, "sizes in pairs");
ELEMENT_INTEGERS(X)
#undef X
static_assert(sizeof(float) == 4 && sizeof(double) == 8, "f32 and f64");

/* A name of two or three letters, and their number, as one number. */
static inline uint32_t packed(const char *name, size_t bytes)
{
  uint32_t first = (unsigned char)name[0], second = (unsigned char)name[1];
  uint32_t third = bytes == 3 ? (unsigned char)name[2] : 0;
  return (uint32_t)bytes << 24 | third << 16 | second << 8 | first;
}

enum element element_named(lua_State *L, int index)
{
  size_t bytes;
  if (lua_type(L, index) != LUA_TSTRING)
    return ELEMENT_COUNT;
  const char *name = lua_tolstring(L, index, &bytes);
  if (bytes != 2 && bytes != 3)
    return ELEMENT_COUNT;
  uint32_t wanted = packed(name, bytes);
#define X(type, ...)                             \
  if (wanted == packed(#type, sizeof #type - 1)) \
    return ELEMENT_##type;
  ELEMENT_INTEGERS(X)
  ELEMENT_FLOATS(X)
#undef X
  return ELEMENT_COUNT;
}

/* Only u64 has values that are floats and do not fit a lua_Integer. */
static bool whole_number(lua_Number number, enum element type,
                         lua_Integer *value)
{
  const lua_Number limit = -(lua_Number)LUA_MININTEGER;
  if (number >= -limit && number < limit) {
    *value = (lua_Integer)number;
    return (lua_Number)*value == number;
  }
  if (type != ELEMENT_u64 || !(number >= 0x1p63 && number < 0x1p64))
    return false;
  *value = (lua_Integer)(uint64_t)number;
  return true;
}

bool element_to_integer(lua_State *L, int index, enum element type,
                        lua_Integer *value)
{
  return binding_to_integer(L, index, value) ||
         (lua_type(L, index) == LUA_TNUMBER &&
          whole_number(lua_tonumber(L, index), type, value));
}

static bool store_integer(lua_Integer value, enum element type, void *to)
{
  switch (type) {
#define X(name, ctype, least, most)                 \
  case ELEMENT_##name: {                            \
    ctype name##_value = (ctype)value;              \
    if (value < (least) || value > (most))          \
      return false;                                 \
    memcpy(to, &name##_value, sizeof name##_value); \
    return true;                                    \
  }
    ELEMENT_INTEGERS(X)
#undef X
  case ELEMENT_f32:
  case ELEMENT_f64:
  case ELEMENT_COUNT:
    break;
  }
  return false;
}

/*
** The least number that f32 rounds to infinity: half a step above the largest.
*/
static bool fits_f32(lua_Number number)
{
  return isinf(number) || isnan(number) || fabs(number) < 0x1.ffffffp127;
}

static bool store_float(lua_Number number, enum element type, void *to)
{
  if (type == ELEMENT_f64) {
    memcpy(to, &number, sizeof number);
    return true;
  }
  if (!fits_f32(number))
    return false;
  float narrow = (float)number;
  memcpy(to, &narrow, sizeof narrow);
  return true;
}

static bool is_float(enum element type)
{
  return type == ELEMENT_f32 || type == ELEMENT_f64;
}

bool element_store(lua_State *L, int index, enum element type, void *to)
{
  lua_Integer value;
  if (!is_float(type))
    return element_to_integer(L, index, type, &value) &&
           store_integer(value, type, to);
  return lua_type(L, index) == LUA_TNUMBER &&
         store_float(lua_tonumber(L, index), type, to);
}

static lua_Integer load_integer(enum element type, const unsigned char *from)
{
  switch (type) {
#define X(name, ctype, least, most)                   \
  case ELEMENT_##name: {                              \
    ctype name##_value;                               \
    memcpy(&name##_value, from, sizeof name##_value); \
    return (lua_Integer)name##_value;                 \
  }
    ELEMENT_INTEGERS(X)
#undef X
  case ELEMENT_f32:
  case ELEMENT_f64:
  case ELEMENT_COUNT:
    break;
  }
  return 0;
}

static lua_Number load_float(enum element type, const unsigned char *from)
{
  float narrow;
  lua_Number wide;
  if (type == ELEMENT_f32) {
    memcpy(&narrow, from, sizeof narrow);
    return narrow;
  }
  memcpy(&wide, from, sizeof wide);
  return wide;
}

bool element_convert(enum element from_type, const unsigned char *from,
                     enum element type, void *to)
{
  lua_Integer value;
  if (is_float(from_type)) {
    lua_Number number = load_float(from_type, from);
    return is_float(type) ? store_float(number, type, to)
                          : whole_number(number, type, &value) &&
                                store_integer(value, type, to);
  }
  value = load_integer(from_type, from);
  return is_float(type) ? store_float((lua_Number)value, type, to)
                        : store_integer(value, type, to);
}

/* "-128 to 127" */
static const char *range_text(enum element type)
{
  static const char *const ranges[] = {
      [ELEMENT_i8] = "-128 to 127",
      [ELEMENT_u8] = "0 to 255",
      [ELEMENT_i16] = "-32768 to 32767",
      [ELEMENT_u16] = "0 to 65535",
      [ELEMENT_i32] = "-2147483648 to 2147483647",
      [ELEMENT_u32] = "0 to 4294967295",
      [ELEMENT_i64] = "-9223372036854775808 to 9223372036854775807",
      [ELEMENT_u64] = "0 to 18446744073709551615",
      [ELEMENT_f32] = "-3.4028234663853e+38 to 3.4028234663853e+38",
      [ELEMENT_f64] = "any number"};
  return ranges[type];
}

/* Stores an integer. Infinities, NaN and numbers with a fraction are none. */
static bool is_whole(lua_State *L, int index)
{
  lua_Number number = lua_tonumber(L, index);
  return isfinite(number) && floor(number) == number;
}

const char *element_complain(lua_State *L, int index, enum element type)
{
  bool is_number = lua_type(L, index) == LUA_TNUMBER;
  const char *got = binding_describe(L, index);
  if (is_float(type) && !is_number)
    return lua_pushfstring(L, "value must be a number for %s, got %s",
                           element_name(type), got);
  if (!is_float(type) && (!is_number || !is_whole(L, index)))
    return lua_pushfstring(L, "value must be an integer for %s, got %s",
                           element_name(type), got);
  return lua_pushfstring(L, "value %s does not fit %s (%s)", got,
                         element_name(type), range_text(type));
}
