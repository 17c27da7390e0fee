#include "trace/trace_op.h"

#include "base/digits.h"

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

static bool read_offset(const char **cursor, struct trace_op *op,
                        const char **hint)
{
  return scan_number(cursor, &op->count, hint) &&
         is_at_most(op->count, TRACE_OFFSET_MAX, "an offset is at most 1048575",
                    hint);
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

bool trace_text_is_valid(const char *text, size_t bytes)
{
  for (size_t i = 0; i < bytes; i++)
    if (is_control(text[i]))
      return false;
  return bytes > 0 && bytes <= TRACE_TEXT_MAX && !is_blank(text[0]) &&
         !is_blank(text[bytes - 1]);
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
  case TRACE_OFFSET:
    return read_offset(cursor, op, hint);
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

/* Writes a blank and the text as it stands in a line. */
static char *put_text(char *to, const struct trace_op *op)
{
  const char *from = op->text, *end = from + op->text_bytes;
  while (from < end && is_blank(*from))
    from++;
  if ((size_t)(end - from) > TRACE_TEXT_MAX)
    end = from + TRACE_TEXT_MAX;
  while (end > from && is_blank(end[-1]))
    end--;
  *to++ = ' ';
  if (from == end)
    *to++ = '?';
  for (; from < end; from++, to++) {
    *to = *from;
    if (is_control(*to))
      *to = '?';
  }
  return to;
}

static inline char *put_operand(char *to, uint64_t number)
{
  *to++ = ' ';
  return put_number(to, number);
}

static char *put_limit(char *to, uint64_t count)
{
  if (count != UINT64_MAX)
    return put_operand(to, count);
  *to++ = ' ';
  *to++ = '-';
  return put_number(to, 1);
}

/* How to write the operands that TRACE_OPS names, each behind a blank. */
#define PUT_NOTHING to
#define PUT_ID put_operand(to, op->id)
#define PUT_ID_BYTES put_operand(PUT_ID, op->bytes)
#define PUT_ID_COUNT_BYTES \
  put_operand(put_operand(PUT_ID, op->count), op->bytes)
#define PUT_LIMIT put_limit(to, op->count)
#define PUT_INTERPRETER put_operand(to, op->count)
#define PUT_OFFSET put_operand(to, op->count)
#define PUT_TEXT put_text(to, op)
#define PUT_SITE_TEXT \
  put_text(put_operand(put_operand(to, op->site), op->parent), op)

/* Writes " @SITE". */
static inline char *put_site(char *to, uint32_t site)
{
  *to++ = ' ';
  *to++ = '@';
  return put_number(to, site);
}

size_t trace_op_format(const struct trace_op *op, char line[TRACE_LINE_BYTES])
{
  char *to = line;
  *to++ = (char)op->letter;
  /* GCOVR_EXCL_BR_START: the switch has a case for each value of its enum */
  switch (op->letter) {
    /* GCOVR_EXCL_BR_STOP */
#define X(name, word, sign, operands, form) \
  case TRACE_##name:                        \
    to = PUT_##operands;                    \
    break;
    TRACE_OPS(X)
#undef X
  }
  if (op->site != 0 && may_have_site(op->letter))
    to = put_site(to, op->site);
  *to++ = '\n';
  *to = '\0';
  assert(to < line + TRACE_LINE_BYTES);
  return (size_t)(to - line);
}

/* }================================================================== */
