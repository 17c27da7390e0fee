/*
** A block is a fixed number of bytes of one size class. A free block keeps in
** its first word the address of the next free block of its pool; NULL ends
** the chain. Nothing else is stored in it: no size, no owner, no guard.
**
**   live   | the caller's bytes ........................... |
**   free   | next | whatever the caller left .............. |
**
** Taught in lesson 4.
*/
#ifndef BLOCK_H
#define BLOCK_H

#include <string.h>

#include "base/base.h"

typedef unsigned char block;

/* memcpy: the caller may have stored anything here, of any type. */
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
