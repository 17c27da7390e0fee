/*
** Fuzzes packed traces: any bytes become the blocks of one, with checksums that
** fit. Reading it operation by operation, and all at once into memory, ends in the
** same way: with a valid trace of as many requests, or with an error that has a
** text. Memory is bounded by the bytes.
*/
#include "input.h"

#include <stdlib.h>
#include <string.h>

#include "base/compress.h"
#include "trace/loaded_trace.h"
#include "trace/packed_format.h"

#define HEAD_BYTES (PACKED_MAGIC_BYTES + 12u)

/* Sets the checksum and the number of each block whose length is possible. */
static void fit(uint8_t *at, const uint8_t *end)
{
  for (uint32_t number = 0; end - at >= (ptrdiff_t)PACKED_BLOCK_HEAD_BYTES;
       number++) {
    uint64_t bytes = PACKED_BLOCK_HEAD_BYTES;
    for (unsigned i = 0; i < PACKED_COLUMN_COUNT; i++)
      bytes += packed_get_u32(at + 4 * (PACKED_AT_COLUMNS + 2 * i));
    if (bytes > (size_t)(end - at))
      return;
    packed_put_u32(at + 4 * PACKED_AT_NUMBER, number);
    packed_put_u32(at, compress_checksum(0, at + 4, bytes - 4));
    at += bytes;
  }
}

/* Reads operation by operation. Returns the number of requests. */
static size_t read_each(struct trace *trace, enum trace_status *status)
{
  struct trace_op op;
  size_t requests = 0;
  while ((*status = trace_next(trace, &op)) == TRACE_OP)
    requests += trace_is_request(op.letter);
  MUST(*status != TRACE_ERROR || trace_error(trace)[0] != '\0');
  return requests;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
  char why[TRACE_ERROR_BYTES] = "";
  struct loaded_trace loaded;
  enum trace_status status;
  size_t file_bytes = HEAD_BYTES + count;
  uint8_t *file = calloc(1, file_bytes);
  MUST(file != NULL);
  memcpy(file, PACKED_MAGIC, PACKED_MAGIC_BYTES);
  packed_put_u32(file + PACKED_MAGIC_BYTES, PACKED_VERSION);
  packed_put_u32(file + PACKED_MAGIC_BYTES + 8,
                 compress_checksum(0, file + PACKED_MAGIC_BYTES, 8));
  if (count > 0)
    memcpy(file + HEAD_BYTES, bytes, count);
  fit(file + HEAD_BYTES, file + file_bytes);
  struct trace *each = trace_open_text((const char *)file, file_bytes, "fuzz");
  struct trace *all = trace_open_text((const char *)file, file_bytes, "fuzz");
  MUST(each != NULL && all != NULL);
  size_t requests = read_each(each, &status);
  bool is_read = loaded_trace_read(&loaded, all, 0, why, sizeof why);
  MUST(is_read == (status == TRACE_END));
  MUST(is_read ? loaded.count + loaded.left_out == requests : why[0] != '\0');
  loaded_trace_close(&loaded);
  trace_close(each);
  trace_close(all);
  free(file);
  return 0;
}
