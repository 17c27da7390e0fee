/*
** A block is a fixed number of bytes of one size class. The first word of a
** free block holds the address of the next free block of its pool; NULL ends
** the chain. The allocator stores nothing else in a block. The word has
** POINTER_BYTES: 64 bits on machines of 32 bits, too.
**
**   live   | the caller's bytes ........................... |
**   free   | next | bytes that the caller left ............ |
**
** Taught in lesson 4.
*/
#ifndef BLOCK_H
#define BLOCK_H

#include <string.h>

#include "base/base.h"

#define LINK_BYTES POINTER_BYTES

#ifdef PYM_NATURAL_POINTERS
typedef uint32_t link_word;
#else
typedef uint64_t link_word;
#endif

typedef unsigned char block;

/*
** Reads with memcpy, because the caller may have stored any type here. A word
** that is not an address of the machine becomes the last one, where no block
** lies.
*/
static inline block *block_link(const block *free_block)
{
  link_word next;
  static_assert(sizeof next == LINK_BYTES, "a link is one word");
  memcpy(&next, free_block, sizeof next);
  return (block *)(uintptr_t)size_of_number(next);
}

static inline void block_set_link(block *free_block, block *next)
{
  link_word word = (uintptr_t)next;
  memcpy(free_block, &word, sizeof word);
}

#endif
