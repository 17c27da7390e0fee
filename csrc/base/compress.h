/*
** Deflate and CRC-32, by the system's zlib. Without zlib (PYM_ZLIB is not
** defined) the checksum is computed here, and nothing can be deflated or
** inflated.
**
** Tested by spec/unit/packed_trace_spec.lua.
*/
#ifndef COMPRESS_H
#define COMPRESS_H

#include "base/base.h"

/* Can bytes be deflated and inflated? */
bool compress_is_there(void);

/*
** The CRC-32 of bytes that come after others, whose CRC-32 is 'before', or 0.
*/
uint32_t compress_checksum(uint32_t before, const void *bytes, size_t count);

/*
** Deflates bytes, without the head of a zlib or gzip file, into 'to'. Returns
** the length; 0: it would be over 'most', or it cannot be done.
*/
size_t compress_deflate(const void *bytes, size_t count, void *to, size_t most);

/* Inflates bytes. false: the result is not exactly 'expected' bytes. */
bool compress_inflate(const void *bytes, size_t count, void *to,
                      size_t expected);

#endif
