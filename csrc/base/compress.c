#include "base/compress.h"

#ifdef PYM_ZLIB

#include <zlib.h>

#define WINDOW_BITS (-15) /* without a head */

/* zlib does not change the input, although next_in is not a pointer to const. */
static void set_streams(z_stream *stream, const void *from, size_t from_bytes,
                        void *to, size_t to_bytes)
{
  assert(from_bytes <= UINT32_MAX && to_bytes <= UINT32_MAX);
  stream->next_in = (Bytef *)(uintptr_t)from;
  stream->avail_in = (uInt)from_bytes;
  stream->next_out = to;
  stream->avail_out = (uInt)to_bytes;
}

bool compress_is_there(void)
{
  return true;
}

uint32_t compress_checksum(uint32_t before, const void *bytes, size_t count)
{
  return count == 0 ? before : (uint32_t)crc32_z(before, bytes, count);
}

size_t compress_deflate(const void *bytes, size_t count, void *to, size_t most)
{
  z_stream stream = {0};
  /* GCOVR_EXCL_BR_START: it fails only without memory, and the tests cannot let
     zlib's own calls of malloc fail */
  if (deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, WINDOW_BITS,
                   MAX_MEM_LEVEL, Z_DEFAULT_STRATEGY) != Z_OK)
    return 0;
  /* GCOVR_EXCL_BR_STOP */
  set_streams(&stream, bytes, count, to, most);
  bool is_whole = deflate(&stream, Z_FINISH) == Z_STREAM_END;
  size_t length = is_whole ? stream.total_out : 0;
  (void)deflateEnd(&stream);
  return length;
}

bool compress_inflate(const void *bytes, size_t count, void *to,
                      size_t expected)
{
  z_stream stream = {0};
  /* GCOVR_EXCL_BR_START: as for deflateInit2 */
  if (inflateInit2(&stream, WINDOW_BITS) != Z_OK)
    return false;
  /* GCOVR_EXCL_BR_STOP */
  set_streams(&stream, bytes, count, to, expected);
  bool is_whole = inflate(&stream, Z_FINISH) == Z_STREAM_END &&
                  stream.avail_in == 0 && stream.avail_out == 0;
  (void)inflateEnd(&stream);
  return is_whole;
}

#else

#define POLYNOMIAL 0xedb88320u

bool compress_is_there(void)
{
  return false;
}

/* Adds four bits to a checksum. */
static uint32_t add_bits(uint32_t sum)
{
  for (int bit = 0; bit < 4; bit++)
    sum = sum >> 1 ^ (POLYNOMIAL & (0u - (sum & 1)));
  return sum;
}

uint32_t compress_checksum(uint32_t before, const void *bytes, size_t count)
{
  const uint8_t *at = bytes;
  uint32_t table[16], sum = ~before;
  for (uint32_t i = 0; i < 16; i++)
    table[i] = add_bits(i);
  for (size_t i = 0; i < count; i++) {
    sum ^= at[i];
    sum = sum >> 4 ^ table[sum & 15];
    sum = sum >> 4 ^ table[sum & 15];
  }
  return ~sum;
}

size_t compress_deflate(const void *bytes, size_t count, void *to, size_t most)
{
  (void)bytes, (void)count, (void)to, (void)most;
  return 0;
}

bool compress_inflate(const void *bytes, size_t count, void *to,
                      size_t expected)
{
  (void)bytes, (void)count, (void)to, (void)expected;
  return false;
}

#endif
