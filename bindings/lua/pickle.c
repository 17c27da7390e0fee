#include "pickle_pack.h"

#include <stdlib.h>

const struct pickle_code pickle_codes[256] = {
    [0x80] = {1, false}, /* protocol */
    [0x95] = {8, false}, /* the length of a part */
    ['G'] = {8, false},  ['J'] = {4, false}, ['K'] = {1, false},
    ['M'] = {2, false},  ['q'] = {1, false}, ['r'] = {4, false},
    ['h'] = {1, false},  ['j'] = {4, false}, [0x8a] = {1, true},
    [0x8b] = {4, true},  [0x8c] = {1, true}, ['C'] = {1, true},
    ['U'] = {1, true},   ['X'] = {4, true},  ['B'] = {4, true},
    ['T'] = {4, true},   [0x8d] = {8, true}, [0x8e] = {8, true},
};

/* What a code does with values of the stack; false: also where there is no such code. */
static bool use_stack(struct pickle *pickle, unsigned char code)
{
  static const char classes[] = "cRioPQb\x93\x81\x92\x82\x83\x84";
  size_t first;
  switch (code) {
  case '0':
    return pickle_find_values(pickle, 1, &first) &&
           pickle_pop(pickle, first, first);
  case '1':
    return pickle_find_marked(pickle, &first) &&
           pickle_pop(pickle, first, first - 1);
  case 0x85:
  case 0x86:
  case 0x87:
    return pickle_find_values(pickle, code - 0x84u, &first) &&
           pickle_make(pickle, PICKLE_LIST, first, first);
  case 'l':
  case 't':
    return pickle_find_marked(pickle, &first) &&
           pickle_make(pickle, PICKLE_LIST, first, first - 1);
  case 'd':
    return pickle_find_marked(pickle, &first) &&
           pickle_make(pickle, PICKLE_DICT, first, first - 1);
  case 'a':
    return pickle_find_values(pickle, 1, &first) &&
           pickle_fill(pickle, PICKLE_LIST, first, first);
  case 's':
    return pickle_find_values(pickle, 2, &first) &&
           pickle_fill(pickle, PICKLE_DICT, first, first);
  case 'e':
    return pickle_find_marked(pickle, &first) &&
           pickle_fill(pickle, PICKLE_LIST, first, first - 1);
  case 'u':
    return pickle_find_marked(pickle, &first) &&
           pickle_fill(pickle, PICKLE_DICT, first, first - 1);
  default:
    return pickle_fail(pickle,
                       memchr(classes, code, sizeof classes - 1) != NULL
                           ? "the pickle has an object of a class, which is "
                             "not read"
                           : "the pickle has an unknown operation");
  }
}

/* The last operation: its value is above all others. */
static bool end(struct pickle *pickle)
{
  size_t first;
  pickle->is_ended = pickle_find_values(pickle, 1, &first);
  return pickle->is_ended;
}

/* Pushes a value without a text. */
static inline bool push_scalar(struct pickle *pickle, const unsigned char *head)
{
  return pickle_push(pickle, head, 1u + pickle_codes[head[0]].operand_bytes);
}

/* Pushes a value, and waits for its text. */
static bool push_text(struct pickle *pickle, const unsigned char *head)
{
  pickle->text_bytes =
      pickle_load(head + 1, pickle_codes[head[0]].operand_bytes);
  pickle->text_missing = pickle->text_bytes;
  return push_scalar(pickle, head);
}

/* What an operation does that is neither a number nor uses the memo. */
static bool use(struct pickle *pickle, const unsigned char *head)
{
  if (pickle_codes[head[0]].has_text)
    return push_text(pickle, head);
  switch (head[0]) {
  case 0x80:
  case 0x95:
    return true;
  case '(':
    return pickle_push_place(pickle, PICKLE_MARK);
  case 'N':
  case 0x88:
  case 0x89:
  case 'G':
    return push_scalar(pickle, head);
  case ']':
  case ')':
    return pickle_push_empty(pickle, PICKLE_LIST);
  case '}':
    return pickle_push_empty(pickle, PICKLE_DICT);
  case '.':
    return end(pickle);
  default:
    return use_stack(pickle, head[0]);
  }
}

/* Pushes the value that the memo has under a number. */
static inline bool recall(struct pickle *pickle, const unsigned char *head,
                          uint64_t number, size_t bytes)
{
  if (unlikely(number >= pickle->memo_count))
    return pickle_fail(pickle, "the pickle refers to what is not there");
  return pickle_push(pickle, head, bytes);
}

/* What an operation does, the most frequent ones first; its text comes later. */
static inline bool step(struct pickle *pickle, const unsigned char *head)
{
  switch (head[0]) {
  case 'h':
    return recall(pickle, head, head[1], 2);
  case 'j':
    return recall(pickle, head, pickle_load(head + 1, 4), 5);
  case 'K':
    return pickle_push(pickle, head, 2);
  case 'M':
    return pickle_push(pickle, head, 3);
  case 'J':
    return pickle_push(pickle, head, 5);
  case 0x94:
    return pickle_memoize(pickle, pickle->memo_count);
  case 'q':
    return pickle_memoize(pickle, head[1]);
  case 'r':
    return pickle_memoize(pickle, pickle_load(head + 1, 4));
  default:
    return use(pickle, head);
  }
}

struct piece {
  const unsigned char *at, *end;
};

static size_t left_of(const struct piece *piece)
{
  return (size_t)(piece->end - piece->at);
}

/* Adds to the text of an operation. */
static bool add_text(struct pickle *pickle, struct piece *piece)
{
  size_t count = left_of(piece);
  if (count > pickle->text_missing)
    count = (size_t)pickle->text_missing;
  if (!pickle_reserve(pickle, count))
    return false;
  memcpy(pickle->packed + pickle->packed_count, piece->at, count);
  pickle->packed_count += count;
  piece->at += count;
  pickle->text_missing -= count;
  return true;
}

/*
** Reads an operation up to its text, from the bytes that were kept, and those of
** the piece. If they end before, it keeps them.
*/
static bool read_split(struct pickle *pickle, struct piece *piece)
{
  unsigned char *head = pickle->head;
  while (piece->at < piece->end) {
    head[pickle->head_count++] = *piece->at++;
    if (pickle->head_count > pickle_codes[head[0]].operand_bytes) {
      pickle->head_count = 0;
      return step(pickle, head);
    }
  }
  return true;
}

/*
** Reads operations without a text, as long as those that are begun are whole.
*/
static bool read_whole(struct pickle *pickle, struct piece *piece)
{
  const unsigned char *at = piece->at;
  bool is_right = true;
  while (is_right && pickle->text_missing == 0 &&
         (size_t)(piece->end - at) >= PICKLE_HEAD_BYTES && !pickle->is_ended) {
    const unsigned char *head = at;
    at += 1u + pickle_codes[head[0]].operand_bytes;
    is_right = step(pickle, head);
  }
  piece->at = at;
  return is_right;
}

static bool read_on(struct pickle *pickle, struct piece *piece)
{
  if (pickle->text_missing > 0)
    return add_text(pickle, piece);
  if (pickle->head_count == 0 && left_of(piece) >= PICKLE_HEAD_BYTES)
    return read_whole(pickle, piece);
  return read_split(pickle, piece);
}

bool pickle_add(struct pickle *pickle, const char *text, size_t bytes)
{
  const unsigned char *first = (const unsigned char *)text;
  struct piece piece = {first, first + bytes};
  while (pickle->problem == NULL && piece.at < piece.end && !pickle->is_ended)
    read_on(pickle, &piece);
  pickle->at += (uint64_t)(piece.at - first);
  return pickle->problem == NULL;
}

/* What was read last is cut off: 'at' is before its text, or behind its code. */
static bool fail_cut(struct pickle *pickle)
{
  if (pickle->text_missing > 0)
    pickle->at -= pickle->text_bytes - pickle->text_missing;
  else if (pickle->head_count > 0)
    pickle->at -= pickle->head_count - 1;
  return pickle_fail(pickle, "the pickle is cut off");
}

bool pickle_end(struct pickle *pickle)
{
  if (pickle->problem != NULL || (!pickle->is_ended && !fail_cut(pickle)))
    return false;
  uint32_t place = pickle->stack[pickle->stack_count - 1].place;
  pickle->root = pickle->packed + pickle_find_place(pickle, place);
  return true;
}
