#include "debug/guard_bytes.h"

#include <string.h>

#define WORD_BYTES POINTER_BYTES

static const struct guard_layout layouts[] = {{.version = "3.6",
                                               .clean = 0xcb,
                                               .dead = 0xdb,
                                               .forbidden = 0xfb,
                                               .has_serial = true,
                                               .extra_bytes = 4 * WORD_BYTES},
                                              {.version = "3.8",
                                               .clean = 0xcd,
                                               .dead = 0xdd,
                                               .forbidden = 0xfd,
                                               .erases = true,
                                               .extra_bytes = 3 * WORD_BYTES}};

const struct guard_layout *guard_layout_of(pym_debug debug)
{
  /* GCOVR_EXCL_BR_START: the switch has a case for each value of its enum */
  switch (debug) {
  /* GCOVR_EXCL_BR_STOP */
  case PYM_DEBUG_OFF:
    return NULL;
  case PYM_DEBUG_3_6:
    return &layouts[0];
  case PYM_DEBUG_3_8:
    return &layouts[1];
  }
  return NULL;
}

/* Big-endian, so that a hex dump reads as a number. */
static void write_word(unsigned char *place, uint64_t value)
{
  for (size_t i = WORD_BYTES; i > 0; i--, value >>= 8)
    place[i - 1] = (unsigned char)value;
}

static uint64_t read_word(const unsigned char *place)
{
  uint64_t value = 0;
  for (size_t i = 0; i < WORD_BYTES; i++)
    value = value << 8 | place[i];
  return value;
}

/* The first of 'bytes' bytes that is not 'value', or NULL. */
static const unsigned char *first_other(const unsigned char *place,
                                        size_t bytes, unsigned char value)
{
  for (size_t i = 0; i < bytes; i++)
    if (place[i] != value)
      return &place[i];
  return NULL;
}

void guard_bytes_write(const struct guard_layout *layout, unsigned char *data,
                       size_t bytes, char api, uint64_t serial)
{
  unsigned char *head = data - GUARD_HEAD_BYTES, *tail = data + bytes;
  assert(layout->extra_bytes >= GUARD_HEAD_BYTES + GUARD_PAD_BYTES);
  write_word(head, bytes);
  head[WORD_BYTES] = (unsigned char)api;
  memset(head + WORD_BYTES + 1, layout->forbidden, WORD_BYTES - 1);
  memset(tail, layout->forbidden, GUARD_PAD_BYTES);
  if (layout->has_serial)
    write_word(tail + GUARD_PAD_BYTES, serial);
}

uint64_t guard_bytes_size(const unsigned char *data)
{
  return read_word(data - GUARD_HEAD_BYTES);
}

char guard_bytes_api(const unsigned char *data)
{
  return (char)data[-(ptrdiff_t)WORD_BYTES];
}

uint64_t guard_bytes_serial(const unsigned char *data, size_t bytes)
{
  return read_word(data + bytes + GUARD_PAD_BYTES);
}

bool guard_bytes_head_is_whole(const struct guard_layout *layout,
                               const unsigned char *data)
{
  return first_other(data - (WORD_BYTES - 1), WORD_BYTES - 1,
                     layout->forbidden) == NULL;
}

bool guard_bytes_tail_is_whole(const struct guard_layout *layout,
                               const unsigned char *data, size_t bytes)
{
  return first_other(data + bytes, GUARD_PAD_BYTES, layout->forbidden) == NULL;
}

void guard_bytes_fill_dead(const struct guard_layout *layout,
                           unsigned char *data, size_t bytes)
{
  memset(data - GUARD_HEAD_BYTES, layout->dead, bytes + layout->extra_bytes);
}

const unsigned char *
guard_bytes_first_not_dead(const struct guard_layout *layout,
                           const unsigned char *data, size_t bytes)
{
  return first_other(data - GUARD_HEAD_BYTES, bytes + layout->extra_bytes,
                     layout->dead);
}

void guard_bytes_erase(const struct guard_layout *layout, unsigned char *data,
                       size_t bytes, struct guard_saved *saved)
{
  saved->bytes = bytes;
  if (bytes <= sizeof saved->content) {
    memcpy(saved->content, data, bytes);
    guard_bytes_fill_dead(layout, data, bytes);
    return;
  }
  unsigned char *end = data + bytes - GUARD_ERASED_BYTES;
  memcpy(saved->content, data, GUARD_ERASED_BYTES);
  memcpy(saved->content + GUARD_ERASED_BYTES, end, GUARD_ERASED_BYTES);
  memset(data - GUARD_HEAD_BYTES, layout->dead,
         GUARD_HEAD_BYTES + GUARD_ERASED_BYTES);
  memset(end, layout->dead,
         GUARD_ERASED_BYTES + layout->extra_bytes - GUARD_HEAD_BYTES);
}

static size_t smaller(size_t a, size_t b)
{
  return a < b ? a : b;
}

void guard_bytes_restore(unsigned char *data, size_t bytes,
                         const struct guard_saved *saved)
{
  if (saved->bytes <= sizeof saved->content) {
    memcpy(data, saved->content, smaller(bytes, saved->bytes));
    return;
  }
  size_t end = saved->bytes - GUARD_ERASED_BYTES;
  memcpy(data, saved->content, smaller(bytes, GUARD_ERASED_BYTES));
  if (bytes > end)
    memcpy(data + end, saved->content + GUARD_ERASED_BYTES,
           smaller(bytes - end, GUARD_ERASED_BYTES));
}
