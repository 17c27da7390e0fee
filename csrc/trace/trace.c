#include "trace/trace.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/scanner.h"
#include "base/line_reader.h"
#include "trace/packed_reader.h"

#define NAME_SHOWN_MAX 200u /* bytes of a name in messages: its end */
#define FOUND_SHOWN_MAX 40u /* bytes of a bad line in messages */

struct trace {
  uint64_t line;            /* number of the line just read */
  enum trace_status status; /* not TRACE_OP: it is over */
  const char *hint;    /* why a field was refused, where that needs saying */
  uint32_t site_count; /* sites defined so far */
  struct packed_reader *packed; /* NULL: the trace is text */
  char *name;
  char error[TRACE_ERROR_BYTES];
  struct line_reader reader;
};

/*
** {==================================================================
** Opening and closing
** ===================================================================
*/

/* The last part of a name that is too long for a message. */
static const char *shown_name(const char *name)
{
  size_t bytes = strlen(name);
  /* GCOVR_EXCL_BR_START: no path in the tests is that long */
  return bytes > NAME_SHOWN_MAX ? name + (bytes - NAME_SHOWN_MAX) : name;
  /* GCOVR_EXCL_BR_STOP */
}

static struct trace *trace_new(const char *name)
{
  struct trace *trace = malloc(sizeof *trace);
  size_t name_bytes = strlen(name) + 1;
  char *copy = malloc(name_bytes);
  if (trace == NULL || copy == NULL) {
    free(trace);
    free(copy);
    return NULL;
  }
  trace->line = 0;
  trace->status = TRACE_OP;
  trace->site_count = 0;
  trace->hint = NULL;
  trace->packed = NULL;
  trace->name = memcpy(copy, name, name_bytes);
  trace->error[0] = '\0';
  line_reader_start(&trace->reader);
  return trace;
}

struct trace *trace_open(const char *path, char *why, size_t why_bytes)
{
  const char *name = strcmp(path, "-") == 0 ? "stdin" : path;
  struct trace *trace = trace_new(name);
  if (trace == NULL) {
    (void)snprintf(why, why_bytes, "not enough memory");
    return NULL;
  }
  if (file_reader_open(&trace->reader.file, path))
    return trace;
  (void)snprintf(why, why_bytes, "%s %s", shown_name(name),
                 trace->reader.file.why);
  free(trace->name);
  free(trace);
  return NULL;
}

struct trace *trace_open_text(const char *text, size_t bytes, const char *name)
{
  struct trace *trace = trace_new(name);
  if (trace != NULL)
    file_reader_open_text(&trace->reader.file, text, bytes);
  return trace;
}

void trace_close(struct trace *trace)
{
  if (trace == NULL)
    return;
  packed_reader_close(trace->packed);
  file_reader_close(&trace->reader.file);
  free(trace->name);
  free(trace);
}

uint64_t trace_line(const struct trace *trace)
{
  return trace->line;
}

uint32_t trace_sites(const struct trace *trace)
{
  assert(trace->packed == NULL);
  return trace->site_count;
}

void trace_continue(struct trace *trace, uint64_t lines, uint32_t sites)
{
  assert(trace->line == 0 && trace->site_count == 0);
  trace->line = lines;
  trace->site_count = sites;
}

const char *trace_error(const struct trace *trace)
{
  return trace->error;
}

void trace_where(const struct trace *trace, uint64_t line, char *where,
                 size_t where_bytes)
{
  (void)snprintf(where, where_bytes, "%s:%llu", shown_name(trace->name),
                 (unsigned long long)line);
}

/* }================================================================== */

/*
** {==================================================================
** Errors
** ===================================================================
*/

static bool ends_line(const char *text)
{
  return text[0] == '\n' || (text[0] == '\r' && text[1] == '\n');
}

/* Writes a line for a message: printable characters, and not too many. */
static void show(char shown[FOUND_SHOWN_MAX + 8], const char *text)
{
  static const char hex[] = "0123456789abcdef";
  char *at = shown;
  for (; !ends_line(text) && at < shown + FOUND_SHOWN_MAX; text++) {
    unsigned byte = (unsigned char)*text;
    if (byte >= ' ' && byte <= '~')
      *at++ = *text;
    else {
      *at++ = '\\';
      *at++ = 'x';
      *at++ = hex[byte >> 4];
      *at++ = hex[byte & 15];
    }
  }
  memcpy(at, ends_line(text) ? "" : "...", ends_line(text) ? 1 : 4);
}

/* The letters with which a line may begin, as messages list them. */
static const char letters[] = {
#define X(name, word, letter, operands, form) letter, ' ',
    TRACE_OPS(X)
#undef X
        '#',
    '\0'};

static enum trace_status end_with(struct trace *trace, enum trace_status status)
{
  assert(trace->status == TRACE_OP && status != TRACE_OP);
  trace->status = status;
  return status;
}

/* The current line begins at 'text' and has an end. */
static enum trace_status malformed(struct trace *trace, const char *text)
{
  char where[NAME_SHOWN_MAX + 32], found[FOUND_SHOWN_MAX + 8];
  const char *form = trace_op_form((enum trace_letter)(unsigned char)*text);
  trace_where(trace, trace->line, where, sizeof where);
  show(found, text);
  if (form == NULL)
    (void)snprintf(trace->error, sizeof trace->error,
                   "%s: expected a line that begins with one of %s, found '%s'",
                   where, letters, found);
  else
    (void)snprintf(trace->error, sizeof trace->error,
                   "%s: expected '%s', found '%s'%s%s%s", where, form, found,
                   trace->hint ? " (" : "", trace->hint ? trace->hint : "",
                   trace->hint ? ")" : "");
  return end_with(trace, TRACE_ERROR);
}

/* Ends the trace with an error in a line or of the file reader. */
static enum trace_status fail_at(struct trace *trace, const char *what)
{
  char where[NAME_SHOWN_MAX + 32];
  trace_where(trace, trace->line, where, sizeof where);
  (void)snprintf(trace->error, sizeof trace->error, "%s: %s", where, what);
  return end_with(trace, TRACE_ERROR);
}

static enum trace_status fail_to_read(struct trace *trace)
{
  (void)snprintf(trace->error, sizeof trace->error, "%s %s",
                 shown_name(trace->name), trace->reader.file.why);
  return end_with(trace, TRACE_ERROR);
}

static enum trace_status too_long(struct trace *trace)
{
  char what[64];
  trace->line++;
  (void)snprintf(what, sizeof what, "a line is longer than %u bytes",
                 LINE_BYTES_MAX - 1);
  return fail_at(trace, what);
}

/* }================================================================== */

/*
** {==================================================================
** Packed traces
** ===================================================================
*/

static bool has_magic(const struct line_reader *reader)
{
  return (size_t)(reader->end - reader->next) >= PACKED_MAGIC_BYTES &&
         memcmp(reader->next, PACKED_MAGIC, PACKED_MAGIC_BYTES) == 0;
}

static enum trace_status fail_packed(struct trace *trace)
{
  (void)snprintf(trace->error, sizeof trace->error, "%s: %s",
                 shown_name(trace->name), trace->packed->block.why);
  return end_with(trace, TRACE_ERROR);
}

/* Reads the head of a packed trace, whose magic is the line read now. */
static enum trace_status begin_packed(struct trace *trace)
{
  trace->line = 0;
  trace->reader.next += PACKED_MAGIC_BYTES;
  trace->packed = packed_reader_open();
  if (trace->packed == NULL)
    return fail_at(trace, "not enough memory");
  return packed_block_begin(&trace->packed->block, &trace->reader)
             ? TRACE_OP
             : fail_packed(trace);
}

static enum trace_status next_packed(struct trace *trace, struct trace_op *op)
{
  uint32_t slot;
  struct packed_reader *packed = trace->packed;
  while (!packed_reader_has_more(packed)) {
    enum packed_block_status status = packed_reader_next_block(packed);
    if (status == PACKED_END)
      return end_with(trace, TRACE_END);
    if (status == PACKED_FAILED)
      return fail_packed(trace);
  }
  if (!packed_reader_next(packed, op, &slot))
    return fail_packed(trace);
  op->line = ++trace->line;
  return TRACE_OP;
}

/* }================================================================== */

/*
** {==================================================================
** Lines
** ===================================================================
*/

/* Checks that a first line that names a format names this one. */
static bool format_is_known(const struct trace *trace)
{
  static const char head[] = TRACE_HEAD;
  const size_t version_at = sizeof head - 2; /* one digit */
  const char *text = trace->reader.next;
  size_t bytes = (size_t)(trace->reader.end - text);
  if (trace->line != 1 || bytes < sizeof head ||
      memcmp(text, head, version_at) != 0)
    return true;
  if (!is_digit(text[version_at])) /* a comment that begins with these words? */
    return true;
  return text[version_at] == head[version_at] &&
         !is_digit(text[version_at + 1]);
}

static enum trace_status unknown_format(struct trace *trace)
{
  char what[FOUND_SHOWN_MAX + 80], found[FOUND_SHOWN_MAX + 8];
  show(found, trace->reader.next);
  (void)snprintf(what, sizeof what,
                 "only traces of format %c can be read, found '%s'",
                 TRACE_HEAD[sizeof TRACE_HEAD - 2], found);
  return fail_at(trace, what);
}

/* Skips a comment. */
static enum trace_status skip_comment(struct trace *trace)
{
  struct line_reader *reader = &trace->reader;
  size_t bytes = (size_t)(reader->end - reader->next);
  if (!format_is_known(trace))
    return unknown_format(trace);
  reader->next = (const char *)memchr(reader->next, '\n', bytes) + 1;
  return TRACE_OP;
}

/* Reads more lines. false: there are none, and 'status' says why. */
static NOINLINE bool read_on(struct trace *trace)
{
  /* GCOVR_EXCL_BR_START: the switch has a case for each value of its enum */
  switch (line_reader_fill(&trace->reader)) {
  /* GCOVR_EXCL_BR_STOP */
  case LINE_READY:
    return true;
  case LINE_END:
    end_with(trace, TRACE_END);
    return false;
  case LINE_TOO_LONG:
    too_long(trace);
    return false;
  case LINE_FAILED:
    fail_to_read(trace);
    return false;
  }
  return false;
}

/* Is there a whole line to read? If so, counts it. */
static inline bool begin_line(struct trace *trace)
{
  if (unlikely(trace->reader.next == trace->reader.end) && !read_on(trace))
    return false;
  trace->line++;
  assert(trace->reader.next < trace->reader.end);
  assert(trace->reader.end[-1] == '\n');
  return true;
}

/* Skips a line without an operation. false: it has one, or it is wrong. */
static inline bool skip_line(struct trace *trace)
{
  const char *cursor = trace->reader.next;
  if (likely(*cursor >= 'a'))
    return false;
  if (*cursor == '#')
    return skip_comment(trace) == TRACE_OP;
  if (!scan_end(&cursor))
    return false;
  trace->reader.next = cursor;
  return true;
}

/*
** Checks the sites of an operation, and counts a site that it defines. Sites
** are defined in the order of their numbers.
*/
static bool site_is_known(struct trace *trace, const struct trace_op *op)
{
  bool is_definition = op->letter == TRACE_SITE;
  if (is_definition && op->site != (uint64_t)trace->site_count + 1)
    trace->hint = "sites are numbered 1, 2, 3 in the order of their lines";
  else if (is_definition && op->parent > trace->site_count)
    trace->hint = "PARENT must be 0 or a site defined before";
  else if (!is_definition && op->site > trace->site_count)
    trace->hint = "the site must be defined before";
  if (trace->hint != NULL)
    return false;
  trace->site_count += is_definition;
  return true;
}

/* Reads a line that has more than numbers, or is wrong. */
static NOINLINE enum trace_status read_any(struct trace *trace,
                                           struct trace_op *op)
{
  const char *next = trace->reader.next;
  if (trace->line == 1 && has_magic(&trace->reader))
    return begin_packed(trace) == TRACE_OP ? next_packed(trace, op)
                                           : TRACE_ERROR;
  if (!trace_op_read(&next, op, &trace->hint) || !site_is_known(trace, op))
    return malformed(trace, trace->reader.next);
  trace->reader.next = next;
  return TRACE_OP;
}

enum trace_status trace_next(struct trace *trace, struct trace_op *op)
{
  if (trace->packed != NULL && trace->status == TRACE_OP)
    return next_packed(trace, op);
  do {
    if (unlikely(trace->status != TRACE_OP) || !begin_line(trace))
      return trace->status;
  } while (unlikely(skip_line(trace)));
  if (unlikely(trace->status != TRACE_OP))
    return trace->status;
  op->line = trace->line;
  if (unlikely(!trace_op_read_plain(&trace->reader.next, op, &trace->hint)))
    return read_any(trace, op);
  return TRACE_OP;
}

struct packed_reader *trace_packed(struct trace *trace)
{
  struct line_reader *reader = &trace->reader;
  assert(trace->packed == NULL && trace->status == TRACE_OP &&
         trace->line == 0 && reader->next == reader->end);
  if (read_on(trace) && has_magic(reader))
    (void)begin_packed(trace);
  return trace->status == TRACE_OP ? trace->packed : NULL;
}

enum trace_status trace_end_packed(struct trace *trace, bool has_failed)
{
  return has_failed ? fail_packed(trace) : end_with(trace, TRACE_END);
}

const char *trace_note(struct trace *trace)
{
  const struct packed_reader *packed = trace_packed(trace);
  return packed == NULL ? "" : packed->block.note;
}

/* }================================================================== */
