#include "pickle_pack.h"

/*
** {==================================================================
** Lists and dicts
** ===================================================================
*/

static bool begin(pickle_value value, enum pickle_head head,
                  struct pickle_walk *walk)
{
  if (value == NULL || value[0] != head)
    return false;
  walk->at = value + PICKLE_HEAD_BYTES;
  walk->end = walk->at + pickle_load_word(value + 1);
  return true;
}

bool pickle_list(pickle_value value, struct pickle_walk *walk)
{
  return begin(value, PICKLE_LIST, walk);
}

bool pickle_dict(pickle_value value, struct pickle_walk *walk)
{
  return begin(value, PICKLE_DICT, walk);
}

/* The bytes of a value. */
static ALWAYS_INLINE size_t bytes_of(const unsigned char *value)
{
  if (value[0] >= PICKLE_LIST)
    return PICKLE_HEAD_BYTES + pickle_load_word(value + 1);
  struct pickle_code code = pickle_codes[value[0]];
  size_t bytes = 1u + code.operand_bytes;
  if (code.has_text)
    bytes += (size_t)pickle_load(value + 1, code.operand_bytes);
  return bytes;
}

static inline pickle_value find_value(const struct pickle *pickle,
                                      pickle_value value)
{
  if (value[0] == 'h')
    return pickle->packed + pickle->memo[value[1]];
  if (value[0] == 'j')
    return pickle->packed + pickle->memo[pickle_load(value + 1, 4)];
  return value;
}

/* The same, of a value of the pickle that refers to no other. */
static inline pickle_value next(const struct pickle *pickle,
                                struct pickle_walk *walk)
{
  while (walk->at < walk->end) {
    pickle_value value = walk->at;
    walk->at += bytes_of(value);
    if (value[0] != PICKLE_HIDDEN)
      return find_value(pickle, value);
  }
  return NULL;
}

pickle_value pickle_next(const struct pickle *pickle, struct pickle_walk *walk)
{
  return next(pickle, walk);
}

uint64_t pickle_count(const struct pickle *pickle, struct pickle_walk walk)
{
  uint64_t count = 0;
  while (next(pickle, &walk) != NULL)
    count++;
  return count;
}

uint32_t pickle_number(pickle_value value)
{
  return pickle_load_word(value + 5);
}

void pickle_set_number(pickle_value value, uint32_t number)
{
  memcpy(value + 5, &number, sizeof number);
}

/* }================================================================== */

/*
** {==================================================================
** Scalars
** ===================================================================
*/

/* An integer with a sign. */
static int64_t load_signed(const unsigned char *from, uint64_t bytes)
{
  uint64_t value = pickle_load(from, bytes);
  if (bytes > 0 && bytes < 8 && from[bytes - 1] >= 128)
    value |= UINT64_MAX << 8 * bytes;
  return (int64_t)value;
}

bool pickle_integer(pickle_value value, int64_t *integer)
{
  switch (value != NULL ? value[0] : 'N') {
  case 'J':
    *integer = load_signed(value + 1, 4);
    return true;
  case 'K':
    *integer = value[1];
    return true;
  case 'M':
    *integer = (int64_t)pickle_load(value + 1, 2);
    return true;
  case 0x8a:
    *integer = load_signed(value + 2, value[1]);
    return true;
  case 0x8b:
    *integer = load_signed(value + 5, pickle_load(value + 1, 4));
    return true;
  default:
    return false;
  }
}

const char *pickle_text(pickle_value value, size_t *bytes)
{
  if (value == NULL || value[0] == 0x8a || value[0] == 0x8b)
    return NULL;
  struct pickle_code code = pickle_codes[value[0]];
  if (!code.has_text)
    return NULL;
  *bytes = (size_t)pickle_load(value + 1, code.operand_bytes);
  return (const char *)value + 1 + code.operand_bytes;
}

bool pickle_is(pickle_value value, const char *word)
{
  size_t bytes;
  const char *text = pickle_text(value, &bytes);
  return text != NULL && bytes == strlen(word) &&
         memcmp(text, word, bytes) == 0;
}

/* }================================================================== */

static unsigned find_word(const struct pickle_keys *keys, pickle_value key)
{
  for (unsigned i = 0; i < PICKLE_KEYS_MAX && keys->words[i] != NULL; i++)
    if (pickle_is(key, keys->words[i]))
      return i;
  return PICKLE_KEYS_MAX;
}

/* The index of the word that a key is, or PICKLE_KEYS_MAX. */
static inline unsigned index_of(struct pickle_keys *keys, pickle_value key)
{
  unsigned slot = (unsigned)((uintptr_t)key % PICKLE_KEYS_SEEN);
  if (unlikely(keys->seen[slot].key != key)) {
    keys->seen[slot].index = find_word(keys, key);
    keys->seen[slot].key = key;
  }
  return keys->seen[slot].index;
}

void pickle_get(const struct pickle *pickle, pickle_value dict,
                struct pickle_keys *keys, pickle_value *values)
{
  struct pickle_walk walk;
  pickle_value found[PICKLE_KEYS_MAX + 1] = {NULL};
  unsigned pairs = 0;
  if (pickle_dict(dict, &walk)) {
    pickle_value key = next(pickle, &walk);
    for (; key != NULL && pairs++ < PICKLE_PAIRS_MAX;
         key = next(pickle, &walk)) {
      unsigned index = index_of(keys, key);
      pickle_value value = next(pickle, &walk);
      if (found[index] == NULL)
        found[index] = value;
    }
    if (key != NULL) /* there are more pairs */
      memset(found, 0, sizeof found);
  }
  for (unsigned i = 0; i < PICKLE_KEYS_MAX && keys->words[i] != NULL; i++)
    values[i] = found[i];
}
