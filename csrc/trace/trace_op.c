#include "trace/trace_op.h"

#include "base/digits.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

const char *trace_op_word(enum trace_letter letter)
{
  /* GCOVR_EXCL_BR_START: the switch has a case for each value of its enum */
  switch (letter) {
    /* GCOVR_EXCL_BR_STOP */
#define X(name, word, sign, operands, form) \
  case TRACE_##name:                        \
    return word;
    TRACE_OPS(X)
#undef X
  }
  return NULL;
}

const char *trace_op_form(enum trace_letter letter)
{
  switch (letter) {
#define X(name, word, sign, operands, form) \
  case TRACE_##name:                        \
    return form;
    TRACE_OPS(X)
#undef X
  }
  return NULL;
}

/*
** {==================================================================
** Reading what few lines have
** ===================================================================
*/

/* Is the number that was read at most 'most'? */
static bool is_at_most(uint64_t number, uint64_t most, const char *too_large,
                       const char **hint)
{
  if (number > most)
    *hint = too_large;
  return number <= most;
}

static bool set_site(uint64_t number, uint32_t *site, const char **hint)
{
  *site = (uint32_t)number;
  return is_at_most(number, TRACE_SITE_MAX, "a site is at most 4294967295",
                    hint);
}

static bool read_interpreter(const char **cursor, struct trace_op *op,
                             const char **hint)
{
  return scan_number(cursor, &op->count, hint) &&
         is_at_most(op->count, TRACE_INTERPRETER_MAX,
                    "an interpreter is at most 65535", hint);
}

static bool read_site(const char **cursor, struct trace_op *op,
                      const char **hint)
{
  uint64_t site, parent;
  if (!scan_number(cursor, &site, hint) || !set_site(site, &op->site, hint) ||
      !scan_number(cursor, &parent, hint) ||
      !set_site(parent, &op->parent, hint))
    return false;
  if (site == 0)
    *hint = "sites start at 1";
  return site != 0;
}

static bool is_blank(char byte)
{
  return byte == ' ' || byte == '\t';
}

static bool is_control(char byte)
{
  return (unsigned char)byte < ' ' || byte == '\x7f';
}

/* The end of the text at 'text', without the line's end and blanks before it.
 */
static const char *end_of_text(const char *text)
{
  const char *end = text;
  while (*end != '\n')
    end++;
  if (end > text && end[-1] == '\r')
    end--;
  while (end > text && is_blank(end[-1]))
    end--;
  return end;
}

static bool read_text(const char **cursor, struct trace_op *op,
                      const char **hint)
{
  const char *text = skip_blanks(*cursor), *end = end_of_text(text);
  if (text == *cursor || text == end)
    return false;
  for (const char *at = text; at < end; at++)
    if (is_control(*at)) {
      *hint = "a text has no control characters";
      return false;
    }
  if ((size_t)(end - text) > TRACE_TEXT_MAX) {
    *hint = "a text has at most 200 bytes";
    return false;
  }
  op->text = text;
  op->text_bytes = (uint32_t)(end - text);
  *cursor = end;
  return true;
}

static bool may_have_site(enum trace_letter letter)
{
  return trace_is_request(letter) && letter != TRACE_FREE;
}

/* Reads " @SITE". */
static bool read_suffix(const char **cursor, struct trace_op *op,
                        const char **hint)
{
  const char *sign = skip_blanks(*cursor), *digits = sign + 1;
  uint64_t site;
  if (sign == *cursor || *sign != '@')
    return false;
  if (!may_have_site(op->letter)) {
    *hint = "only lines a, c and r have a site";
    return false;
  }
  if (!scan_digits(&digits, &site, hint) || !set_site(site, &op->site, hint))
    return false;
  if (site == 0)
    *hint = "sites start at 1";
  *cursor = digits;
  return site != 0;
}

/* Reads what is behind the letter, except the line's end. */
static bool read_rest(const char **cursor, struct trace_op *op,
                      const char **hint)
{
  switch (op->letter) {
  case TRACE_SITE:
    return read_site(cursor, op, hint) && read_text(cursor, op, hint);
  case TRACE_MARK:
    return read_text(cursor, op, hint);
  case TRACE_INTERPRETER:
    return read_interpreter(cursor, op, hint);
  case TRACE_MALLOC:
  case TRACE_CALLOC:
  case TRACE_REALLOC:
  case TRACE_FREE:
  case TRACE_DUMP:
  case TRACE_REPORT:
  case TRACE_CHECK:
  case TRACE_ALLOW:
    return trace_op_read_operands(cursor, op, hint);
  }
  return false;
}

bool trace_op_read(const char **cursor, struct trace_op *op, const char **hint)
{
  const char *next = *cursor + 1;
  op->letter = (enum trace_letter)(unsigned char)**cursor;
  op->id = 0;
  op->site = 0;
  *hint = NULL;
  if (!read_rest(&next, op, hint))
    return false;
  const char *end = next;
  if (!scan_end(&end)) {
    end = next;
    if (!read_suffix(&end, op, hint) || !scan_end(&end))
      return false;
  }
  *cursor = end;
  return true;
}

/* }================================================================== */

/*
** {==================================================================
** Writing
** ===================================================================
*/

/* Writes a text as it stands in a line. */
static void show(const struct trace_op *op, char shown[TRACE_TEXT_MAX + 1])
{
  const char *from = op->text, *end = from + op->text_bytes;
  char *to = shown;
  while (from < end && is_blank(*from))
    from++;
  if ((size_t)(end - from) > TRACE_TEXT_MAX)
    end = from + TRACE_TEXT_MAX;
  while (end > from && is_blank(end[-1]))
    end--;
  if (from == end)
    memcpy(shown, "?", 2);
  for (; from < end; from++) {
    *to = *from;
    if (is_control(*to))
      *to = '?';
    *++to = '\0';
  }
}

/* How to print the operands that TRACE_OPS names. */
#define FORMAT_NOTHING "%c\n", op->letter
#define FORMAT_ID "%c %" PRIu64 "\n", op->letter, op->id
#define FORMAT_ID_BYTES \
  "%c %" PRIu64 " %" PRIu64 "\n", op->letter, op->id, op->bytes
#define FORMAT_ID_COUNT_BYTES                                                \
  "%c %" PRIu64 " %" PRIu64 " %" PRIu64 "\n", op->letter, op->id, op->count, \
      op->bytes
#define FORMAT_LIMIT                                                    \
  "%c %s%" PRIu64 "\n", op->letter, op->count == UINT64_MAX ? "-" : "", \
      op->count == UINT64_MAX ? 1 : op->count

#define FORMAT_INTERPRETER "%c %" PRIu64 "\n", op->letter, op->count
#define FORMAT_TEXT "%c %s\n", op->letter, text
#define FORMAT_SITE_TEXT \
  "%c %" PRIu32 " %" PRIu32 " %s\n", op->letter, op->site, op->parent, text

/* Writes " @SITE" in front of the line's end. Returns the length. */
static int add_suffix(const struct trace_op *op, char *line, int length)
{
  char *end = line + length - 1;
  *end++ = ' ';
  *end++ = '@';
  end = put_number(end, op->site);
  *end++ = '\n';
  *end = '\0';
  return (int)(end - line);
}

size_t trace_op_format(const struct trace_op *op, char line[TRACE_LINE_BYTES])
{
  char text[TRACE_TEXT_MAX + 1];
  int length = 0;
  if (op->letter == TRACE_SITE || op->letter == TRACE_MARK)
    show(op, text);
  /* GCOVR_EXCL_BR_START: the switch has a case for each value of its enum */
  switch (op->letter) {
    /* GCOVR_EXCL_BR_STOP */
#define X(name, word, sign, operands, form)                       \
  case TRACE_##name:                                              \
    length = snprintf(line, TRACE_LINE_BYTES, FORMAT_##operands); \
    break;
    TRACE_OPS(X)
#undef X
  }
  assert(length > 0 && (unsigned)length < TRACE_LINE_BYTES);
  if (op->site != 0 && may_have_site(op->letter))
    length = add_suffix(op, line, length);
  return (size_t)length;
}

/* }================================================================== */
