#include "line_template.h"

#include <string.h>

#include "base/scanner.h"

static int hex_digit(char byte)
{
  if (is_digit(byte))
    return byte - '0';
  if (byte >= 'a' && byte <= 'f')
    return byte - 'a' + 10;
  return byte >= 'A' && byte <= 'F' ? byte - 'A' + 10 : -1;
}

/* Reads hexadecimal digits of a number up to 2^64 - 1. */
static bool read_hex(const char **cursor, uint64_t *value)
{
  const char *next = *cursor;
  uint64_t number = 0;
  for (; hex_digit(*next) >= 0; next++) {
    if (number >> 60 != 0)
      return false;
    number = number << 4 | (uint64_t)hex_digit(*next);
  }
  *value = number;
  bool is_read = next != *cursor;
  *cursor = next;
  return is_read;
}

static bool read_prefixed(const char **cursor, uint64_t *value)
{
  if ((*cursor)[0] != '0' || ((*cursor)[1] | 32) != 'x')
    return false;
  *cursor += 2;
  return read_hex(cursor, value);
}

static bool read_decimal(const char **cursor, uint64_t *value)
{
  const char *hint = NULL;
  return scan_digits(cursor, value, &hint);
}

static bool read_process(const char **cursor, uint64_t *key)
{
  uint64_t number;
  if (!read_decimal(cursor, &number) || number > PROCESS_MAX)
    return false;
  *key = process_key(number);
  return true;
}

static bool read_number(const char **cursor, uint64_t *value)
{
  bool has_prefix = (*cursor)[0] == '0' && ((*cursor)[1] | 32) == 'x';
  return has_prefix ? read_prefixed(cursor, value)
                    : read_decimal(cursor, value);
}

/* A number is followed by no letter or digit, such as those of 0x or 1e9. */
static bool ends_number(const char *cursor)
{
  char byte = *cursor, letter = (char)(byte | 32);
  return !is_digit(byte) && !(letter >= 'a' && letter <= 'z') && byte != '.';
}

/* Reads a field of a kind. */
static bool read_value(char kind, const char **cursor,
                       struct line_fields *fields)
{
  switch (kind) {
  case 'a':
    return read_prefixed(cursor, &fields->address) && fields->address != 0;
  case 'h':
    return read_hex(cursor, &fields->address) && fields->address != 0;
  case 'o':
    return read_prefixed(cursor, &fields->old) && fields->old != 0;
  case 's':
    return read_number(cursor, &fields->size);
  case 'x':
    return read_hex(cursor, &fields->size);
  case 'k':
    return read_hex(cursor, &fields->site);
  case 'c':
    return read_number(cursor, &fields->count);
  case 'i':
    return read_decimal(cursor, &fields->id);
  case 'p':
    return read_process(cursor, &fields->process);
  default:
    return false;
  }
}

/*
** {==================================================================
** What ltrace may write around a call
** ===================================================================
*/

static bool is_blank(char byte)
{
  return byte == ' ' || byte == '\t';
}

static const char process_head[] = "[pid ";

/* "1234 " or "[pid 1234] " */
static void skip_process(const char **cursor, struct line_fields *fields)
{
  const char *next = skip_blanks(*cursor);
  uint64_t key;
  bool is_named = strncmp(next, process_head, sizeof process_head - 1) == 0;
  fields->process = NO_PROCESS;
  if (is_named)
    next = skip_blanks(next + sizeof process_head - 1);
  if (!read_process(&next, &key) || (is_named && *next++ != ']') ||
      !is_blank(*next))
    return;
  fields->process = key;
  *cursor = skip_blanks(next);
}

/* In doubt are too many digits, and other white space than blanks. */
bool line_process(const char *line, uint64_t *key)
{
  const char *cursor = line, *first = skip_blanks(line);
  struct line_fields fields;
  skip_process(&cursor, &fields);
  *key = fields.process;
  if (*key != NO_PROCESS)
    return true;
  if (*first == '[')
    return strncmp(first, process_head, sizeof process_head - 2) != 0;
  while (is_digit(*first))
    first++;
  return *first > ' ';
}

/* "12:00:01 ", "12:00:01.123456 " or "0.000123 " */
static bool skip_time(const char **cursor)
{
  const char *next = *cursor;
  bool is_number = true;
  for (; is_digit(*next) || *next == ':' || *next == '.'; next++)
    is_number = is_number && is_digit(*next);
  if (is_number || !is_blank(*next))
    return false;
  *cursor = next;
  return true;
}

/* "[0x55d0] " */
static bool skip_caller(const char **cursor)
{
  const char *next = *cursor + 1;
  uint64_t address;
  if (**cursor != '[' || !read_prefixed(&next, &address) || next[0] != ']' ||
      !is_blank(next[1]))
    return false;
  *cursor = next + 1;
  return true;
}

static bool is_of_name(char byte)
{
  char letter = (char)(byte | 32);
  return is_digit(byte) || (letter >= 'a' && letter <= 'z') ||
         (byte != '\0' && strchr("_.+-~", byte) != NULL);
}

static const char *skip_name(const char *cursor)
{
  while (is_of_name(*cursor) && !(cursor[0] == '-' && cursor[1] == '>'))
    cursor++;
  return cursor;
}

/* "a.out->", but not "libc.so.6->": such calls are left to Lua. */
static bool skip_library(const char **cursor)
{
  static const char libc[] = "libc.so";
  const char *next = skip_name(*cursor);
  if (next == *cursor || strncmp(*cursor, libc, sizeof libc - 1) == 0 ||
      next[0] != '-' || next[1] != '>')
    return false;
  *cursor = next + 2;
  return true;
}

static void skip_decoration(const char **cursor)
{
  do
    *cursor = skip_blanks(*cursor);
  while (skip_time(cursor) || skip_caller(cursor) || skip_library(cursor));
}

/* " <0.000012>" */
static void skip_duration(const char **cursor)
{
  const char *next = skip_blanks(*cursor);
  if (*next++ != '<' || !is_digit(*next))
    return;
  while (is_digit(*next) || *next == '.')
    next++;
  if (*next == '>')
    *cursor = next + 1;
}

/* Skips a field that may be missing. false: the field is no such one. */
static bool skip_optional(char kind, const char **cursor,
                          struct line_fields *fields)
{
  switch (kind) {
  case '_':
    *cursor = skip_blanks(*cursor);
    return true;
  case 'P':
    skip_process(cursor, fields);
    return true;
  case 'd':
    skip_decoration(cursor);
    return true;
  case 'l':
    if (**cursor == '@')
      *cursor = skip_name(*cursor + 1);
    return true;
  case 'e':
    skip_duration(cursor);
    return true;
  default:
    return false;
  }
}

/* }================================================================== */

/*
** Does the text of a pattern up to its next field stand at the cursor? A blank
** of the pattern stands for any number of blanks there, too.
*/
static bool stands_at(const char *pattern, const char *cursor)
{
  for (; *pattern != '\0' && *pattern != '%'; pattern++) {
    if (*pattern != *cursor && !(*pattern == ' ' && is_blank(*cursor)))
      return false;
    cursor = *pattern == ' ' ? skip_blanks(cursor) : cursor + 1;
  }
  return true;
}

/* The first byte from 'next' on where the pattern may begin; NULL: there is none. */
static const char *find_first(char first, const char *next, const char *end)
{
  if (first != ' ')
    return memchr(next, first, (size_t)(end - next));
  while (next < end && !is_blank(*next))
    next++;
  return next < end ? next : NULL;
}

/*
** Moves the cursor to where the rest of the pattern may go on. false: nowhere. If
** it does not go on at the first one of several blanks, it does not at the
** others, which are skipped: otherwise the time would grow with the square of
** their number.
*/
static bool skip_any(const char *pattern, const char **cursor, const char *end)
{
  const char *next = *cursor;
  char first = *pattern;
  if (first == '%')
    return true;
  if (first == '\0') {
    *cursor = end;
    return true;
  }
  while ((next = find_first(first, next, end)) != NULL &&
         !stands_at(pattern, next))
    next = first == ' ' ? skip_blanks(next) : next + 1;
  if (next != NULL)
    *cursor = next;
  return next != NULL;
}

/* Is it neither a blank nor the beginning of a field or the end? */
static bool is_plain(char wanted)
{
  return wanted != ' ' && wanted != '%' && wanted != '\0';
}

/* Reads the blank or field that the pattern begins with; moves both behind it. */
static bool match_one(const char **pattern, const char **cursor,
                      const char *end, struct line_fields *fields)
{
  char wanted = *(*pattern)++;
  if (wanted == ' ') {
    const char *from = *cursor;
    *cursor = skip_blanks(from);
    return *cursor != from;
  }
  char kind = *(*pattern)++;
  if (kind == '*')
    return skip_any(*pattern, cursor, end);
  return skip_optional(kind, cursor, fields) ||
         (read_value(kind, cursor, fields) && ends_number(*cursor));
}

bool line_template_match(const char *pattern, const char *line, const char *end,
                         struct line_fields *fields)
{
  for (;;) {
    const char *cursor;
    while (is_plain(*pattern) && *pattern == *line)
      pattern++, line++;
    if (is_plain(*pattern))
      return false;
    cursor = line;
    if (*pattern == '\0')
      return scan_end(&cursor);
    if (!match_one(&pattern, &cursor, end, fields))
      return false;
    line = cursor;
  }
}

bool line_template_is_valid(const char *pattern)
{
  for (; *pattern != '\0'; pattern++)
    if (*pattern == '\n' ||
        (*pattern == '%' &&
         (*++pattern == '\0' || strchr("ahosxkcip*_Pdle", *pattern) == NULL)))
      return false;
  return true;
}
