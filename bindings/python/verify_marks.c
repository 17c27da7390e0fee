#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "headers.h"
#include "verify.h"

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

void verify_end_text(struct verify *verify)
{
  if (verify->text_at < verify->text_bytes)
    verify_fail(verify, "CPython has no such line:\n%s",
                verify->text + verify->text_at);
  verify->text_bytes = verify->text_at = 0;
}

void verify_start_text(struct verify *verify, enum trace_letter letter)
{
  struct writer writer;
  pym_fault fault;
  verify_end_text(verify);
  if (!pym_check(verify->heap, &fault))
    verify_fail(verify, "[%s] %s", fault.invariant, fault.text);
  writer_open(&writer, gather, verify);
  if (letter == TRACE_DUMP)
    verify->counts.headers +=
        headers_of_heap(&writer, verify->heap, verify->has_stale);
  bool is_whole = writer_close(&writer);
  if (letter == TRACE_REPORT) {
    verify->counts.reports++;
    is_whole = pym_report(verify->heap, POINTER_BYTES == 4, gather, verify);
  }
  if (!is_whole)
    verify_fail(verify, "no memory");
}

#define SHOWN_BYTES 120 /* of a line that differs */

/*
** Writes what 'line' has from its first word that differs on, behind the first
** two words, which name the pool. Lines that are short are written whole.
*/
static void show_line(const char *line, size_t bytes, size_t same)
{
  const char *name = memchr(line, ' ', bytes);
  name = name == NULL
             ? NULL
             : memchr(name + 1, ' ', bytes - (size_t)(name + 1 - line));
  while (same > 0 && line[same - 1] != ' ')
    same--;
  if (bytes <= SHOWN_BYTES || name == NULL || same <= (size_t)(name - line)) {
    fprintf(stderr, "%.*s\n", (int)bytes, line);
    return;
  }
  size_t rest = bytes - same;
  fprintf(stderr, "%.*s ... %.*s%s\n", (int)(name - line), line,
          (int)(rest < SHOWN_BYTES ? rest : SHOWN_BYTES), line + same,
          rest < SHOWN_BYTES ? "" : " ...");
}

static _Noreturn void fail_at_line(const struct verify *verify,
                                   const char *real, const char *ours,
                                   size_t bytes)
{
  size_t same = 0;
  while (same < bytes && ours[same] == real[same])
    same++;
  fflush(stdout);
  fprintf(stderr, "%s:%" PRIu64 ": after request %" PRIu64 "\nCPython has\n",
          verify->path, verify->line_number, verify->counts.requests);
  show_line(real, strlen(real), same);
  fputs("the heap has\n", stderr);
  show_line(ours, bytes, same);
  exit(1);
}

void verify_line(struct verify *verify, const char *real)
{
  const char *ours =
      verify->text_bytes == 0 ? "" : verify->text + verify->text_at;
  size_t bytes = strcspn(ours, "\n");
  if (strlen(real) != bytes || memcmp(real, ours, bytes) != 0)
    fail_at_line(verify, real, ours, bytes);
  verify->text_at += bytes + 1;
}

/* }================================================================== */
