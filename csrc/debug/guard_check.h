/*
** Reads the guard bytes of a block that has a record, and tells what differs.
** The layout may be NULL: there are no guard bytes then, and nothing differs.
*/
#ifndef GUARD_CHECK_H
#define GUARD_CHECK_H

#include "debug/block_table.h"
#include "debug/guard_bytes.h"

/* What is wrong with the bytes around a live block, or NULL. */
const char *guard_check_live(const struct guard_layout *layout,
                             const struct block_record *record);

/* The first byte of a held block that is not dead, or NULL. */
const unsigned char *guard_check_held(const struct guard_layout *layout,
                                      const struct block_record *record);

#endif
