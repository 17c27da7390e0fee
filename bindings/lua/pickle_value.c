#include <string.h>

#include "pickle_reader.h"

struct pickle_list *pickle_list(pickle_value value)
{
  return tag_of(value) == TAG_LIST ? list_of(value) : NULL;
}

struct pickle_list *pickle_dict(pickle_value value)
{
  return tag_of(value) == TAG_DICT ? list_of(value) : NULL;
}

/* An integer with a sign. */
static int64_t load_signed(const unsigned char *from, uint64_t bytes)
{
  uint64_t value = load(from, bytes);
  if (bytes > 0 && bytes < 8 && from[bytes - 1] >= 128)
    value |= UINT64_MAX << 8 * bytes;
  return (int64_t)value;
}

/* The code of a scalar, and what belongs to it; 0: the value is a list. */
static unsigned char code_of(const struct pickle *pickle, pickle_value value,
                             const unsigned char **rest)
{
  if (tag_of(value) != TAG_PLACE)
    return 0;
  *rest = (const unsigned char *)pickle->text + (value >> 2) + 1;
  return (*rest)[-1];
}

bool pickle_integer(const struct pickle *pickle, pickle_value value,
                    int64_t *integer)
{
  const unsigned char *rest;
  switch (code_of(pickle, value, &rest)) {
  case 'J':
    *integer = load_signed(rest, 4);
    return true;
  case 'K':
    *integer = rest[0];
    return true;
  case 'M':
    *integer = (int64_t)load(rest, 2);
    return true;
  case 0x8a:
    *integer = load_signed(rest + 1, rest[0]);
    return true;
  case 0x8b:
    *integer = load_signed(rest + 4, load(rest, 4));
    return true;
  default:
    return false;
  }
}

const char *pickle_text(const struct pickle *pickle, pickle_value value,
                        size_t *bytes)
{
  const unsigned char *rest;
  unsigned length_bytes = 0;
  switch (code_of(pickle, value, &rest)) {
  case 0x8c:
  case 'C':
  case 'U':
    length_bytes = 1;
    break;
  case 'X':
  case 'B':
  case 'T':
    length_bytes = 4;
    break;
  case 0x8d:
  case 0x8e:
    length_bytes = 8;
    break;
  default:
    return NULL;
  }
  *bytes = (size_t)load(rest, length_bytes);
  return (const char *)rest + length_bytes;
}

bool pickle_is(const struct pickle *pickle, pickle_value value,
               const char *word)
{
  size_t bytes;
  const char *text = pickle_text(pickle, value, &bytes);
  return text != NULL && bytes == strlen(word) &&
         memcmp(text, word, bytes) == 0;
}

pickle_value pickle_get(const struct pickle *pickle,
                        const struct pickle_list *dict, struct pickle_key *key)
{
  if (dict == NULL || dict->count > 2 * PICKLE_PAIRS_MAX)
    return PICKLE_NOTHING;
  if (key->value != 0 && key->index < dict->count &&
      dict->items[key->index] == key->value)
    return dict->items[key->index + 1];
  for (uint32_t i = 0; i < dict->count; i += 2)
    if (pickle_is(pickle, dict->items[i], key->word)) {
      key->index = i;
      key->value = dict->items[i];
      return dict->items[i + 1];
    }
  return PICKLE_NOTHING;
}
