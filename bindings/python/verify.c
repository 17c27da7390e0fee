/*
** pymalloc-verify RECORD...: runs records of a real CPython on a heap of this
** library and compares them with it: the place of each block, the arenas
** obtained and released by each request, the headers of all pools and the
** report at every mark. "-" is standard input.
**
** A record is a trace with comments (see pymalloc-record). At the end it prints
** the numbers of things compared; at the first difference it prints both sides
** and fails.
*/
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "headers.h"
#include "base/idmap.h"
#include "trace/trace_op.h"

#define TEXT_BYTES 512u /* of what happened in one request */

struct counts {
  uint64_t requests, addresses, obtained, released, headers, reports;
};

struct verify {
  const char *path;
  FILE *file;
  char *line;
  size_t line_bytes;
  uint64_t line_number;

  pym_heap *heap; /* NULL until the head of the record has been read */
  uintptr_t base;
  size_t offset;
  bool has_stale; /* the record tells stale links */
  struct idmap ids;
  struct counts counts;

  char op[TRACE_LINE_BYTES]; /* the current request, as a line */
  char ours[TEXT_BYTES]; /* what the heap did in it, in the form of a record */
  char real[TEXT_BYTES]; /* what CPython did */
  char *text;            /* the heap's headers or report at a mark */
  size_t text_bytes, text_at;
};

static _Noreturn void fail(const struct verify *verify, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static _Noreturn void fail(const struct verify *verify, const char *format, ...)
{
  va_list arguments;
  va_start(arguments, format);
  fflush(stdout);
  fprintf(stderr, "%s:%" PRIu64 ": request %" PRIu64 ": ", verify->path,
          verify->line_number, verify->counts.requests);
  vfprintf(stderr, format, arguments);
  fputc('\n', stderr);
  va_end(arguments);
  exit(1);
}

/*
** {==================================================================
** The heap, and its arenas as they are obtained and released
** ===================================================================
*/

static void append(char *text, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void append(char *text, const char *format, ...)
{
  va_list arguments;
  size_t filled = strlen(text);
  va_start(arguments, format);
  (void)vsnprintf(text + filled, TEXT_BYTES - filled, format, arguments);
  va_end(arguments);
}

static void *reserve(void *context, size_t bytes, size_t alignment)
{
  struct verify *verify = context;
  pym_pages pages = pym_pages_default();
  void *base = pages.reserve(pages.context, bytes, alignment);
  verify->base = (uintptr_t)base;
  return base;
}

static bool commit(void *context, void *address, size_t bytes)
{
  struct verify *verify = context;
  pym_pages pages = pym_pages_default();
  verify->counts.obtained++;
  append(verify->ours, "#+\n");
  return pages.commit(pages.context, address, bytes);
}

static void decommit(void *context, void *address, size_t bytes)
{
  struct verify *verify = context;
  pym_pages pages = pym_pages_default();
  verify->counts.released++;
  append(verify->ours, "#- %zu\n", ((uintptr_t)address - verify->base) / bytes);
  pages.decommit(pages.context, address, bytes);
}

static void release(void *context, void *address, size_t bytes)
{
  pym_pages pages = pym_pages_default();
  (void)context;
  pages.release(pages.context, address, bytes);
}

static void open_heap(struct verify *verify)
{
  pym_options options = pym_options_default();
  options.geometry = pym_profile_find("3.11")->geometry;
  options.geometry.arena_offset = verify->offset;
  options.retain_bytes = 0; /* so that every release is seen */
  options.pages = (pym_pages){.context = verify,
                              .page_bytes = options.pages.page_bytes,
                              .reserve = reserve,
                              .commit = commit,
                              .decommit = decommit,
                              .release = release};
  verify->heap = pym_heap_new(&options);
  if (verify->heap == NULL || !idmap_open(&verify->ids))
    fail(verify, "no heap: %s", strerror(errno));
}

/* }================================================================== */

/*
** {==================================================================
** Requests
** ===================================================================
*/

static void tell_place(struct verify *verify, const void *address)
{
  pym_location place;
  verify->counts.addresses++;
  if (address == NULL)
    append(verify->ours, "#= NULL\n");
  else if (pym_locate(verify->heap, address, &place))
    append(verify->ours, "#= %zu:%zu:%zu\n", place.arena, place.pool,
           place.offset);
  else
    append(verify->ours, "#= L\n");
}

static void served(struct verify *verify, uint64_t id, void *address)
{
  struct idmap_entry *entry = idmap_find(&verify->ids, id);
  tell_place(verify, address);
  if (address == NULL)
    return;
  if (entry != NULL)
    entry->block = address;
  else if (!idmap_add(&verify->ids, id, address, 0))
    fail(verify, "no memory");
}

static void free_id(struct verify *verify, uint64_t id)
{
  struct idmap_entry *entry = idmap_find(&verify->ids, id);
  if (entry == NULL)
    fail(verify, "id %" PRIu64 " is not live", id);
  void *block_ = entry->block;
  idmap_remove(&verify->ids, entry);
  pym_free(verify->heap, block_);
}

static void *resize_id(struct verify *verify, uint64_t id, size_t bytes)
{
  struct idmap_entry *entry = idmap_find(&verify->ids, id);
  return pym_realloc(verify->heap, entry == NULL ? NULL : entry->block, bytes);
}

/* Compares what both sides did in the request before. */
static void settle(struct verify *verify)
{
  if (strcmp(verify->ours, verify->real) != 0)
    fail(verify, "%sCPython did\n%sthe heap did\n%s", verify->op, verify->real,
         verify->ours);
  verify->ours[0] = verify->real[0] = '\0';
}

static void request(struct verify *verify, const struct trace_op *op)
{
  if (verify->heap == NULL)
    fail(verify, "this is no record: it has no line '#@'");
  verify->counts.requests++;
  (void)trace_op_format(op, verify->op);
  switch (op->letter) {
  case TRACE_MALLOC:
    served(verify, op->id, pym_malloc(verify->heap, op->bytes));
    break;
  case TRACE_CALLOC:
    served(verify, op->id, pym_calloc(verify->heap, op->count, op->bytes));
    break;
  case TRACE_REALLOC:
    served(verify, op->id, resize_id(verify, op->id, op->bytes));
    break;
  case TRACE_FREE:
    free_id(verify, op->id);
    break;
  case TRACE_DUMP: /* not requests */
  case TRACE_REPORT:
  case TRACE_CHECK:
  case TRACE_ALLOW:
  case TRACE_SITE:
  case TRACE_MARK:
  case TRACE_INTERPRETER:
    break;
  }
}

/* }================================================================== */

/*
** {==================================================================
** Marks: the text of the heap is made at once, and compared line by line
** ===================================================================
*/

static bool gather(void *context, const char *text, size_t bytes)
{
  struct verify *verify = context;
  char *grown = realloc(verify->text, verify->text_bytes + bytes + 1);
  if (grown == NULL)
    return false;
  memcpy(grown + verify->text_bytes, text, bytes);
  verify->text = grown;
  verify->text_bytes += bytes;
  grown[verify->text_bytes] = '\0';
  return true;
}

static void check_text_ended(struct verify *verify)
{
  if (verify->text_at < verify->text_bytes)
    fail(verify, "CPython has no such line:\n%s",
         verify->text + verify->text_at);
  verify->text_bytes = verify->text_at = 0;
}

static void start_text(struct verify *verify, enum trace_letter letter)
{
  struct writer writer;
  pym_fault fault;
  check_text_ended(verify);
  if (!pym_check(verify->heap, &fault))
    fail(verify, "[%s] %s", fault.invariant, fault.text);
  writer_open(&writer, gather, verify);
  if (letter == TRACE_DUMP)
    verify->counts.headers +=
        headers_of_heap(&writer, verify->heap, verify->has_stale);
  bool is_whole = writer_close(&writer);
  if (letter == TRACE_REPORT) {
    verify->counts.reports++;
    is_whole = pym_report(verify->heap, false, gather, verify);
  }
  if (!is_whole)
    fail(verify, "no memory");
}

static void compare_line(struct verify *verify, const char *real)
{
  const char *ours =
      verify->text_bytes == 0 ? "" : verify->text + verify->text_at;
  size_t bytes = strcspn(ours, "\n");
  if (strlen(real) != bytes || memcmp(real, ours, bytes) != 0)
    fail(verify, "at a mark\nCPython has\n%s\nthe heap has\n%.*s", real,
         (int)bytes, ours);
  verify->text_at += bytes + 1;
}

/* }================================================================== */

/*
** {==================================================================
** Lines
** ===================================================================
*/

static void read_head(struct verify *verify, const char *line)
{
  const char *offset = strstr(line, "offset=");
  if (offset == NULL)
    fail(verify, "this record tells no offset");
  verify->offset = strtoull(offset + strlen("offset="), NULL, 10);
  verify->has_stale = strstr(line, "stale") != NULL;
  open_heap(verify);
}

static void comment(struct verify *verify, const char *line)
{
  switch (line[1]) {
  case '@':
    read_head(verify, line);
    break;
  case '+':
  case '-':
  case '=':
    append(verify->real, "%s\n", line);
    break;
  case ':':
    compare_line(verify, line + 3);
    break;
  case '|':
    compare_line(verify, line + 2);
    break;
  }
}

static void run_op(struct verify *verify, const struct trace_op *op)
{
  settle(verify);
  switch (op->letter) {
  case TRACE_MALLOC:
  case TRACE_CALLOC:
  case TRACE_REALLOC:
  case TRACE_FREE:
    request(verify, op);
    break;
  case TRACE_DUMP:
  case TRACE_REPORT:
    start_text(verify, op->letter);
    break;
  case TRACE_CHECK: /* each mark is checked */
  case TRACE_SITE:
  case TRACE_MARK:
    break;
  case TRACE_INTERPRETER: /* records are of the main interpreter */
    fail(verify, "a record has no interpreters");
    break;
  case TRACE_ALLOW:
    pym_heap_allow_arenas(verify->heap, op->count);
    break;
  }
}

/* Runs a line that ends in '\n'. */
static void run_line(struct verify *verify, char *line)
{
  struct trace_op op;
  const char *hint = NULL, *cursor = line;
  if (line[0] == '#') {
    line[strcspn(line, "\n")] = '\0';
    comment(verify, line);
  } else if (trace_op_read(&cursor, &op, &hint))
    run_op(verify, &op);
  else
    fail(verify, "this is no operation of a trace: %s", line);
}

static bool read_line(struct verify *verify)
{
  if (getline(&verify->line, &verify->line_bytes, verify->file) <= 0)
    return false;
  verify->line_number++;
  return true;
}

/* Frees the blocks that CPython did not free: raw blocks would leak. */
static void free_left(struct verify *verify)
{
  const struct idmap_entry *entry;
  size_t at = 0;
  while ((entry = idmap_next(&verify->ids, &at)) != NULL)
    pym_free(verify->heap, entry->block);
  idmap_close(&verify->ids);
  pym_heap_delete(verify->heap);
}

static void run(const char *path)
{
  struct verify verify = {.path = path};
  const struct counts *counts = &verify.counts;
  verify.file = strcmp(path, "-") == 0 ? stdin : fopen(path, "r");
  if (verify.file == NULL)
    fail(&verify, "%s", strerror(errno));
  while (read_line(&verify))
    run_line(&verify, verify.line);
  settle(&verify);
  check_text_ended(&verify);
  if (counts->requests == 0)
    fail(&verify, "nothing was compared");
  printf("%s: %" PRIu64 " requests, %" PRIu64 " addresses, %" PRIu64
         " arenas obtained, %" PRIu64 " released, %" PRIu64 " headers, %" PRIu64
         " reports: no difference\n",
         path, counts->requests, counts->addresses, counts->obtained,
         counts->released, counts->headers, counts->reports);
  free_left(&verify);
  free(verify.text);
  free(verify.line);
  (void)fclose(verify.file);
}

int main(int argc, char **argv)
{
  if (argc < 2) {
    fputs("usage: pymalloc-verify RECORD...\n", stderr);
    return 2;
  }
  for (int i = 1; i < argc; i++)
    run(argv[i]);
  return 0;
}
