/*
** A block is a fixed number of bytes of one size class. The first word of a
** free block holds the address of the next free block of its pool; NULL ends
** the chain. The allocator stores nothing else in a block.
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

typedef unsigned char block;

/* Reads with memcpy, because the caller may have stored any type here. */
static inline block *block_link(const block *free_block)
{
  block *next;
  memcpy(&next, free_block, sizeof next);
  return next;
}

static inline void block_set_link(block *free_block, block *next)
{
  memcpy(free_block, &next, sizeof next);
}

#endif
