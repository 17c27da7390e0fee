/*
** pymalloc-verify RECORD...: runs records of a real CPython on a heap of this
** library and compares them with it: the place of each block, the arenas
** obtained and released by each request, the headers of all pools and the
** report at every mark. "-" is standard input.
**
** A record is a trace with comments (witness_record.h). At the end it prints
** the numbers of things compared; at the first difference it prints both sides
** and fails.
*/
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "verify.h"

void verify_fail(const struct verify *verify, const char *format, ...)
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
** Lines
** ===================================================================
*/

/* The number behind 'name' in the head of a record. */
static size_t figure_of_head(const struct verify *verify, const char *line,
                             const char *name)
{
  const char *found = strstr(line, name);
  if (found == NULL)
    verify_fail(verify, "the head of this record has no '%s'", name);
  return (size_t)strtoull(found + strlen(name), NULL, 10);
}

/*
** The geometry is that of the version's profile. Only the alignment is the
** record's: a 3.6 with the patch of bpo-27987 aligns to 16 bytes.
*/
static void read_head(struct verify *verify, const char *line)
{
  char version[16] = "";
  (void)sscanf(line, "#@ CPython %15[0-9.]", version);
  const pym_profile *profile = pym_profile_find(version);
  if (profile == NULL)
    verify_fail(verify, "no profile has the version '%s'", version);
  verify->geometry = profile->geometry;
  verify->geometry.alignment = figure_of_head(verify, line, "alignment=");
  verify->geometry.arena_offset = figure_of_head(verify, line, "offset=");
  verify->has_stale = strstr(line, " stale") != NULL;
  verify_open_heap(verify);
}

static void read_end(struct verify *verify, const char *line)
{
  if (strtoull(line, NULL, 10) != verify->counts.requests)
    verify_fail(verify, "CPython made %s requests", line);
  verify->has_end = true;
}

static void comment(struct verify *verify, const char *line)
{
  switch (line[1]) {
  case '@':
    read_head(verify, line);
    break;
  case '.':
    read_end(verify, line + 3);
    break;
  case '+':
  case '-':
  case '=':
    verify_add_line(verify, line);
    break;
  case ':':
    verify_line(verify, line + 3);
    break;
  case '|':
    verify_line(verify, line + 2);
    break;
  }
}

static void run_op(struct verify *verify, const struct trace_op *op)
{
  verify_settle(verify);
  switch (op->letter) {
  case TRACE_MALLOC:
  case TRACE_CALLOC:
  case TRACE_REALLOC:
  case TRACE_FREE:
    verify_request(verify, op);
    break;
  case TRACE_DUMP:
  case TRACE_REPORT:
    verify_start_text(verify, op->letter);
    break;
  case TRACE_CHECK: /* each mark is checked */
  case TRACE_SITE:
  case TRACE_MARK:
    break;
  case TRACE_INTERPRETER: /* records are of the main interpreter */
    verify_fail(verify, "a record has no interpreters");
    break;
  case TRACE_ALLOW:
    pym_heap_allow_arenas(verify->heap, size_of_number(op->count));
    break;
  case TRACE_OFFSET:
    verify_offset(verify, op->count);
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
    verify_fail(verify, "this is not an operation of a trace: %s", line);
}

static bool read_line(struct verify *verify)
{
  if (getline(&verify->line, &verify->line_bytes, verify->file) <= 0)
    return false;
  verify->line_number++;
  return true;
}

static void run(const char *path)
{
  struct verify verify = {.path = path};
  const struct counts *counts = &verify.counts;
  verify.file = strcmp(path, "-") == 0 ? stdin : fopen(path, "r");
  if (verify.file == NULL)
    verify_fail(&verify, "%s", strerror(errno));
  while (read_line(&verify))
    run_line(&verify, verify.line);
  verify_settle(&verify);
  verify_end_text(&verify);
  if (!verify.has_end)
    verify_fail(&verify, "the record has no end: CPython did not end as usual");
  if (counts->requests == 0)
    verify_fail(&verify, "nothing was compared");
  printf("%s: alignment %zu: %" PRIu64 " requests, %" PRIu64 " places, %" PRIu64
         " arenas obtained, %" PRIu64 " released, %" PRIu64 " headers, %" PRIu64
         " reports: no difference\n",
         path, verify.geometry.alignment, counts->requests, counts->places,
         counts->obtained, counts->released, counts->headers, counts->reports);
  verify_close_heap(&verify);
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
