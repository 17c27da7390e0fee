/*
** Compares the guard bytes of a block with its record. The layout may be NULL:
** then there are no guard bytes, and nothing is wrong.
*/
#ifndef GUARD_CHECK_H
#define GUARD_CHECK_H

#include "debug/block_table.h"
#include "debug/guard_bytes.h"

/* CPython's name of what is wrong with a live block's guard bytes, or NULL. */
const char *guard_check_live(const struct guard_layout *layout,
                             const struct block_record *record);

/* The first byte of a held block that is not dead, or NULL. */
const unsigned char *guard_check_held(const struct guard_layout *layout,
                                      const struct block_record *record);

#endif
