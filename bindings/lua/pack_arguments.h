/*
** The arguments of b:pack and b:unpack.
*/
#ifndef PACK_ARGUMENTS_H
#define PACK_ARGUMENTS_H

#include "buffer.h"
#include "pack_format.h"

/* Their indices on the stack. */
enum { PACK_SELF = 1, PACK_OFFSET, PACK_FORMAT, PACK_VALUES };

/* The offset, which is in the live buffer; 'what' is how errors name it. */
size_t pack_check_offset(lua_State *L, const char *what);

/* Raises an error if the format is no string. */
void pack_check_format(lua_State *L, const char *function);

/*
** The bytes of the buffer from the value on. Raises an error if the value, of
** which 'more' bytes come after those of the option, reaches beyond them.
*/
struct span pack_check_place(lua_State *L, const struct pack_format *format,
                             const struct pack_option *option, size_t offset,
                             size_t more);

#endif
