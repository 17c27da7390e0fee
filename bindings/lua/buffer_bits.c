/*
** Methods that read and write a number of bits. Bit 0 is the lowest one of the
** first byte, bit 8 the lowest one of the second byte.
*/
#include "argument.h"
#include "buffer.h"

#define BITS_MAX 64u

/* Bits of a live buffer. */
struct bits {
  unsigned char *data;
  uint64_t first;
  unsigned count;
};

/* The bits that arguments 2 and 3 name. */
static struct bits check_bits(lua_State *L, const char *offset_name,
                              const char *count_name)
{
  const struct buffer *buffer = buffer_check(L, 1);
  struct span span = buffer_span(L, 1, buffer);
  lua_Integer total = (lua_Integer)span_bytes(span, buffer->type) * 8;
  lua_Integer first = binding_check_integer(L, 2, offset_name, 0, total);
  lua_Integer most = total - first < BITS_MAX ? total - first : BITS_MAX;
  lua_Integer count = binding_check_integer(L, 3, count_name, 0, most);
  return (struct bits){span.data, (uint64_t)first, (unsigned)count};
}

/* The lowest bits of a number; 'count' is less than its bits. */
static uint64_t lowest(uint64_t number, unsigned count)
{
  return number & ((UINT64_C(1) << count) - 1);
}

/* How many of the bits from 'done' on lie in one byte. */
static unsigned bits_in_byte(struct bits bits, unsigned done)
{
  unsigned rest = 8 - (unsigned)((bits.first + done) % 8);
  return rest < bits.count - done ? rest : bits.count - done;
}

/***
** b:readbits(offset, count): reads an integer without a sign from some bits.
** @tparam integer offset bits before the first one; the lowest bit of a byte
** comes first
** @tparam integer count 0 to 64; 64 bits give the Lua integer that has them
** @treturn integer
** @usage
** b:view("u8"):fill(0xA5):readbits(4, 4) --> 10
** b:readbits(0, 16) == 0xA5A5 --> true
*/
static int readbits(lua_State *L)
{
  struct bits bits = check_bits(L, "b:readbits: offset", "b:readbits: count");
  uint64_t value = 0;
  for (unsigned done = 0, more; done < bits.count; done += more) {
    uint64_t at = bits.first + done;
    more = bits_in_byte(bits, done);
    value |= lowest((uint64_t)bits.data[at / 8] >> at % 8, more) << done;
  }
  lua_pushinteger(L, (lua_Integer)value);
  return 1;
}

/* The value of b:writebits. Raises an error if it has more bits. */
static uint64_t check_value(lua_State *L, unsigned count)
{
  lua_Integer value = 0;
  if (!element_to_integer(L, 4, ELEMENT_u64, &value))
    luaL_error(L, "pymalloc: b:writebits: value must be an integer, got %s",
               binding_describe(L, 4));
  if (count < BITS_MAX && (uint64_t)value >> count != 0)
    luaL_error(L, "pymalloc: b:writebits: value %s does not fit %d bits",
               binding_describe(L, 4), (int)count);
  return (uint64_t)value;
}

/***
** b:writebits(offset, count, value): writes an integer without a sign to some
** bits. The other bits of their bytes stay.
** @tparam integer offset bits before the first one
** @tparam integer count 0 to 64
** @tparam integer value less than 2^count; another raises an error. For 64 bits
** every integer is allowed
** @treturn pymalloc.Buffer b itself
** @usage
** b:writebits(4, 3, 5)[1] --> 90
*/
static int writebits(lua_State *L)
{
  struct bits bits = check_bits(L, "b:writebits: offset", "b:writebits: count");
  uint64_t value = check_value(L, bits.count);
  for (unsigned done = 0, more; done < bits.count; done += more) {
    uint64_t at = bits.first + done;
    more = bits_in_byte(bits, done);
    unsigned mask = ((1u << more) - 1) << at % 8;
    unsigned here = (unsigned)lowest(value >> done, more) << at % 8;
    bits.data[at / 8] = (unsigned char)((bits.data[at / 8] & ~mask) | here);
  }
  lua_settop(L, 1);
  return 1;
}

const luaL_Reg buffer_bits_methods[] = {
    {"readbits", readbits}, {"writebits", writebits}, {NULL, NULL}};
