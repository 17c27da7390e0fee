/*
** Cases for packed traces: writing them to memory, and reading them from there.
*/
#include <string.h>

#include "failing.h"

#include "base/leb.h"
#include "trace/loaded_trace.h"
#include "trace/packed_format.h"
#include "trace/packed_writer.h"

#define FILE_BYTES 100000u

/* A packed trace, and how many more pieces can be written. */
struct file {
  size_t count, pieces_left;
  char bytes[FILE_BYTES];
};

static bool put_piece(void *context, const char *text, size_t bytes)
{
  struct file *file = context;
  if (file->pieces_left == 0)
    return false;
  file->pieces_left--;
  MUST(bytes <= FILE_BYTES - file->count);
  memcpy(file->bytes + file->count, text, bytes);
  file->count += bytes;
  return true;
}

/* Packs all operations. false: there is no memory, or a piece was refused. */
static bool pack_all(struct trace *trace, struct packed_writer *writer)
{
  struct trace_op op;
  enum trace_status status;
  while ((status = trace_next(trace, &op)) == TRACE_OP)
    if (!packed_writer_put(writer, &op)) {
      MUST(!packed_writer_put(writer, &op)); /* it stays so */
      MUST(!packed_writer_end(writer));
      return false;
    }
  return status == TRACE_END && packed_writer_end(writer);
}

/* Packs a text. false: there is no memory, or there are too few pieces. */
static bool pack(const char *text, size_t pieces, struct file *file)
{
  file->count = 0;
  file->pieces_left = pieces;
  struct trace *trace = trace_open_text(text, strlen(text), "text");
  struct packed_writer *writer = packed_writer_open(put_piece, file, "note", 4);
  bool is_packed = trace != NULL && writer != NULL && pack_all(trace, writer);
  MUST(writer == NULL || pieces > 0 || packed_writer_is_broken(writer));
  packed_writer_close(writer);
  trace_close(trace);
  return is_packed;
}

static void read_each(const struct file *file)
{
  struct trace_op op;
  enum trace_status status;
  struct trace *trace = trace_open_text(file->bytes, file->count, "packed");
  if (trace == NULL)
    return;
  while ((status = trace_next(trace, &op)) == TRACE_OP)
    continue;
  MUST(status == TRACE_END || trace_error(trace)[0] != '\0');
  trace_close(trace);
}

static void load(const struct file *file, size_t interpreter, size_t most)
{
  char why[TRACE_ERROR_BYTES] = "";
  struct loaded_trace loaded;
  struct trace *trace = trace_open_text(file->bytes, file->count, "packed");
  if (trace == NULL)
    return;
  if (loaded_trace_read_most(&loaded, trace, interpreter, most, why,
                             sizeof why)) {
    MUST(loaded.count > 0 && loaded.count <= most);
    (void)loaded_trace_live_again(&loaded);
  } else
    MUST(why[0] != '\0');
  loaded_trace_close(&loaded);
  trace_close(trace);
}

static void pack_and_read(const char *text)
{
  static struct file file;
  if (!pack(text, SIZE_MAX, &file))
    return;
  read_each(&file);
  load(&file, 0, LOADED_TRACE_MAX);
  load(&file, 0, 2);
}

static void run_plain(struct stage *stage)
{
  (void)stage;
  pack_and_read(failing_text());
}

static void run_rich(struct stage *stage)
{
  (void)stage;
  pack_and_read(failing_rich_text());
}

/* A malloc of a live id, and reallocs of ids that are not live. */
static void run_again(struct stage *stage)
{
  (void)stage;
  pack_and_read("a 5 8\na 5 9\nr 7 8\nr 7 9\nf 3\nc 9 2 8\nf 5\n");
  pack_and_read("r 7 8\n"); /* takes the first slot */
}

/* Packs a text as often as it needs to be written whole. */
static void break_each_piece(const char *text)
{
  static struct file file;
  size_t pieces = 0;
  while (pieces < 20 && !pack(text, pieces, &file))
    pieces++;
  MUST(pieces > 4);
}

static void run_broken(struct stage *stage)
{
  static char dumps[2 * PACKED_OTHERS_MAX + 1]; /* one more begins a block */
  (void)stage;
  for (size_t i = 0; i < PACKED_OTHERS_MAX; i++)
    memcpy(dumps + 2 * i, "d\n", 3);
  break_each_piece("a 1 8\nm mark\nf 1\n");
  break_each_piece(dumps);
}

/* Numbers of 64 bits are read, and longer ones are refused. */
static void run_numbers(struct stage *stage)
{
  uint8_t bytes[LEB_BYTES_MAX + 1];
  uint64_t number = 0;
  (void)stage;
  memset(bytes, 0x80, sizeof bytes);
  const uint8_t *at = bytes;
  MUST(!leb_get(&at, bytes + sizeof bytes, &number) && at == bytes);
  uint8_t *end = leb_put(bytes, UINT64_MAX);
  MUST(leb_get(&at, end, &number) && number == UINT64_MAX && at == end);
  at = bytes;
  MUST(!leb_get(&at, end - 1, &number) && at == bytes);
}

const struct failing_case failing_packed[] = {
    {"a packed trace", WHOLE, run_plain},
    {"a packed trace of several interpreters", WHOLE, run_rich},
    {"a packed trace with a malloc of a live id", WHOLE, run_again},
    {"a packed trace that cannot be written", WHOLE, run_broken},
    {"numbers of a packed trace", ASKS_NOTHING, run_numbers},
    {NULL, WHOLE, NULL}};
