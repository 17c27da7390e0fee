/*
** Writes the lines of a report that describe an address. The lines that the
** debug hooks of CPython print are printed as there; other lines are added.
*/
#ifndef DESCRIBE_H
#define DESCRIBE_H

#include "debug/debug.h"

/* Writes all that is known of an address. */
void describe_address(const struct debug *debug, struct writer *writer,
                      const void *address);

/* Writes the lines of CPython's dump of a live block with its guard bytes. */
void describe_live(const struct debug *debug, struct writer *writer,
                   const struct block_record *record);

/* Writes by which requests a recorded block was made and freed. */
void describe_record(struct writer *writer, const struct block_record *record);

/* Writes the arena, the pool and the offset of an address in a carved pool. */
void describe_place(const struct debug *debug, struct writer *writer,
                    const void *address);

#endif
