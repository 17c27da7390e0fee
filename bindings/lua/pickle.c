#include <stdlib.h>
#include <string.h>

#include "pickle_reader.h"

static inline bool skip(struct reader *reader, uint64_t bytes)
{
  if (unlikely(bytes > reader->bytes - reader->at))
    return fail(reader, "the pickle is cut off");
  reader->at += (size_t)bytes;
  return true;
}

/* Leaves so many values on the stack. */
static bool cut(struct reader *reader, size_t count)
{
  reader->stack.count = count;
  return true;
}

/* Reads an integer without a sign. */
static ALWAYS_INLINE bool scan_integer(struct reader *reader, unsigned bytes,
                                       uint64_t *number)
{
  const unsigned char *from = reader->text + reader->at;
  if (!skip(reader, bytes))
    return false;
  *number = load(from, bytes);
  return true;
}

/* Pushes the place of the code before, behind which so many bytes belong to it. */
static inline bool push_place(struct reader *reader, uint64_t bytes)
{
  pickle_value place = (pickle_value)(reader->at - 1) << 2; /* TAG_PLACE */
  return skip(reader, bytes) && push(reader, place);
}

/* The same for a code with a length. */
static ALWAYS_INLINE bool push_long(struct reader *reader,
                                    unsigned length_bytes)
{
  pickle_value place = (pickle_value)(reader->at - 1) << 2; /* TAG_PLACE */
  uint64_t bytes;
  return scan_integer(reader, length_bytes, &bytes) && skip(reader, bytes) &&
         push(reader, place);
}

/* What a code does with values of the stack; false: also where there is no such code. */
static bool use_stack(struct reader *reader, unsigned char code)
{
  static const char classes[] = "cRioPQb\x93\x81\x92\x82\x83\x84";
  size_t first, top = reader->stack.count;
  switch (code) {
  case '0':
    return pickle_find_values(reader, 1, &first) && cut(reader, first);
  case '1':
    return pickle_find_marked(reader, &first) && cut(reader, first - 1);
  case ']':
  case ')':
    return pickle_make(reader, TAG_LIST, top, top);
  case '}':
    return pickle_make(reader, TAG_DICT, top, top);
  case 0x85:
  case 0x86:
  case 0x87:
    return pickle_find_values(reader, code - 0x84u, &first) &&
           pickle_make(reader, TAG_LIST, first, first);
  case 'l':
  case 't':
    return pickle_find_marked(reader, &first) &&
           pickle_make(reader, TAG_LIST, first, first - 1);
  case 'd':
    return pickle_find_marked(reader, &first) &&
           pickle_make(reader, TAG_DICT, first, first - 1);
  case 'a':
    return pickle_find_values(reader, 1, &first) &&
           pickle_fill(reader, TAG_LIST, first, first);
  case 's':
    return pickle_find_values(reader, 2, &first) &&
           pickle_fill(reader, TAG_DICT, first, first);
  case 'e':
    return pickle_find_marked(reader, &first) &&
           pickle_fill(reader, TAG_LIST, first, first - 1);
  case 'u':
    return pickle_find_marked(reader, &first) &&
           pickle_fill(reader, TAG_DICT, first, first - 1);
  default:
    return fail(reader, memchr(classes, code, sizeof classes - 1) != NULL
                            ? "the pickle has an object of a class, which is "
                              "not read"
                            : "the pickle has an unknown operation");
  }
}

/* Pushes the value of a code; others are left to use_stack. */
static bool push_scalar(struct reader *reader, unsigned char code)
{
  switch (code) {
  case 0x80: /* protocol */
    return skip(reader, 1);
  case 0x95: /* the length of a part */
    return skip(reader, 8);
  case '(':
    return push(reader, TAG_MARK);
  case 'N':
  case 0x88:
  case 0x89:
    return push_place(reader, 0);
  case 'G':
    return push_place(reader, 8);
  case 'J':
    return push_place(reader, 4);
  case 'K':
    return push_place(reader, 1);
  case 'M':
    return push_place(reader, 2);
  case 0x8a:
  case 0x8c:
  case 'C':
  case 'U':
    return push_long(reader, 1);
  case 0x8b:
  case 'X':
  case 'B':
  case 'T':
    return push_long(reader, 4);
  case 0x8d:
  case 0x8e:
    return push_long(reader, 8);
  default:
    return use_stack(reader, code);
  }
}

/* What a code does. Those that use the memo are the most frequent ones. */
static bool step(struct reader *reader, unsigned char code)
{
  uint64_t number;
  switch (code) {
  case 0x94:
    return pickle_memoize(reader, reader->memo.count);
  case 'q':
    return scan_integer(reader, 1, &number) && pickle_memoize(reader, number);
  case 'r':
    return scan_integer(reader, 4, &number) && pickle_memoize(reader, number);
  case 'h':
    return scan_integer(reader, 1, &number) && recall(reader, number);
  case 'j':
    return scan_integer(reader, 4, &number) && recall(reader, number);
  default:
    return push_scalar(reader, code);
  }
}

/* Runs a pickle up to its end, '.', whose value is above all others. */
static bool run(struct reader *reader)
{
  size_t first;
  for (;;) {
    size_t at = reader->at;
    if (!skip(reader, 1))
      return false;
    if (reader->text[at] == '.')
      break;
    if (!step(reader, reader->text[at]))
      return false;
  }
  if (!pickle_find_values(reader, 1, &first))
    return false;
  reader->pickle->root = reader->stack.items[first];
  return true;
}

const char *pickle_read(struct pickle *pickle, const char *text, size_t bytes)
{
  struct reader reader = {
      .pickle = pickle, .text = (const unsigned char *)text, .bytes = bytes};
  *pickle = (struct pickle){.text = text};
  if (!run(&reader))
    pickle_close(pickle);
  pickle->at = reader.at;
  free(reader.stack.items);
  free(reader.memo.items);
  return reader.problem;
}
