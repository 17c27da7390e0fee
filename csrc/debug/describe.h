/*
** The lines of a report that tell what is known of an address. What the debug
** hooks of CPython print is printed in the same lines; where more is known,
** more is printed.
*/
#ifndef DESCRIBE_H
#define DESCRIBE_H

#include "debug/debug.h"

/* What is known of an address, in lines. */
void describe_address(const struct debug *debug, struct writer *writer,
                      const void *address);

/* The lines of CPython's dump of a live block with its guard bytes. */
void describe_live(const struct debug *debug, struct writer *writer,
                   const struct block_record *record);

/* When a recorded block was made, and freed. */
void describe_record(struct writer *writer, const struct block_record *record);

/* The arena, the pool and the offset of an address in a carved pool. */
void describe_place(const struct debug *debug, struct writer *writer,
                    const void *address);

#endif
