/*
** Templates of lines: a fast way to read the most frequent lines of a log, of
** which there may be millions. A line that no template matches is read in Lua.
**
**   malloc(%s) = %a          malloc(24)      = 0x55d0
**   %p free(%a) = <void>     1234 free(0x55d0) = <void>
**
** In a template a blank stands for one or more blanks or tabs, and these are
** the fields:
**
**   %a  an address, in hexadecimal, not 0    %s  a size
**   %o  the old address of a realloc         %c  a count of elements
**   %i  the id of a block, in decimal        %p  a process, in decimal
**   %x  a size in hexadecimal without 0x     %h  an address like this
**   %k  the number of a site like this
**   %*  any bytes, up to the next place where the text behind it stands
**   %_  blanks or tabs, or nothing
**
** These are what ltrace may write around a call; each may be missing:
**
**   %P  a process: "1234 " or "[pid 1234] "
**   %d  times, [CALLER] and LIBRARY->, such as "12:00:01.5 [0x5d] a.out->"
**   %l  @LIBRARY behind a name               %e  a duration: " <0.000012>"
**
** A size or count is decimal, or hexadecimal with 0x. Blanks at the end of a
** line are skipped.
*/
#ifndef LINE_TEMPLATE_H
#define LINE_TEMPLATE_H

#include "base/base.h"

struct line_fields {
  uint64_t address, old, size, count, id, site;
  uint64_t process; /* its key; 0: the template has no such field */
};

/*
** Processes as keys of a table. NO_PROCESS is the key of lines that do not name
** their process, and PROCESS_MAX the largest number that has a key.
*/
#define NO_PROCESS UINT64_MAX
#define PROCESS_MAX (UINT64_MAX - 2)

static inline uint64_t process_key(uint64_t number)
{
  assert(number <= PROCESS_MAX);
  return number + 1;
}

/*
** Does the line, whose '\n' is at 'end', match the pattern? If so, '*fields' has
** the fields that the pattern names.
*/
bool line_template_match(const char *pattern, const char *line, const char *end,
                         struct line_fields *fields);

/* Are all fields of a pattern known? */
bool line_template_is_valid(const char *pattern);

/*
** Gets the key of the process that a line begins with, like %P: NO_PROCESS if it
** does not name one. false: it is in doubt whether it names one.
*/
bool line_process(const char *line, uint64_t *key);

#endif
