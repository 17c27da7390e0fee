/*
** The arguments of b:pack and b:unpack.
*/
#ifndef PACK_ARGUMENTS_H
#define PACK_ARGUMENTS_H

#include "buffer.h"
#include "pack_format.h"

/* Their indices on the stack. */
enum { PACK_SELF = 1, PACK_OFFSET, PACK_FORMAT, PACK_VALUES };

/* All bytes of the buffer, which is live. */
struct span pack_look(lua_State *L);

/* The offset, which is in these bytes; 'what' is how errors name it. */
size_t pack_check_offset(lua_State *L, struct span bytes, const char *what);

/*
** Where the value begins. Raises an error if the value, of which 'more' bytes
** come after those of the option, reaches beyond the bytes.
*/
unsigned char *pack_check_place(lua_State *L, struct span bytes,
                                const struct pack_format *format,
                                const struct pack_option *option, size_t offset,
                                size_t more);

#endif
