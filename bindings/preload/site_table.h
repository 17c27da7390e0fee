/*
** The sites that are defined in the log, by their text and the site of their
** caller: equal call stacks are one site. It calls no malloc, and any thread
** may use it. In a forked child it is empty, as is the child's log.
*/
#ifndef SITE_TABLE_H
#define SITE_TABLE_H

#include <stddef.h>
#include <stdint.h>

/*
** A hash that is used in place of a text. In a log of a million texts, the
** probability that two texts have the same label is 3 in 10^8.
*/
uint64_t site_table_label(const char *text, size_t bytes);

/*
** The site of a frame, called by the frame 'parent' (0: by none). 0: it is not
** defined.
*/
uint32_t site_table_find(uint32_t parent, uint64_t label);

/* The same; defines it if it is new. 0: there is no open log. */
uint32_t site_table_define(uint32_t parent, uint64_t label, const char *text,
                           size_t bytes);

/*
** Maps zeros, which are zeros again in a forked child. NULL: there is no
** memory.
*/
void *site_table_pages(size_t bytes);

#endif
