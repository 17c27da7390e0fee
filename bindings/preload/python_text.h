/*
** The text of a str of CPython, in UTF-8. It is read from memory, because
** CPython's functions would allocate.
*/
#ifndef PYTHON_TEXT_H
#define PYTHON_TEXT_H

#include <stddef.h>

/*
** Writes as many characters of the beginning as fit into 'most' bytes. Returns
** their bytes. A surrogate is written as '?'.
*/
size_t python_text_head(const void *str, char *text, size_t most);

/* The same for the end; "..." replaces the characters that are left out. */
size_t python_text_tail(const void *str, char *text, size_t most);

#endif
