/* Arrays that grow. */
#ifndef RESERVE_H
#define RESERVE_H

#include <stdlib.h>

#include "base/base.h"

/*
** Makes room in an array of 'count' elements for 'more' of them. 'array' is the
** address of the pointer. false: there is no memory, and nothing has changed.
*/
static inline bool reserve(void *array, size_t *capacity, size_t count,
                           size_t more, size_t bytes)
{
  void **elements = array;
  if (likely(count + more <= *capacity))
    return true;
  size_t wanted = count + more + count / 2;
  void *grown = realloc(*elements, wanted * bytes);
  if (grown == NULL)
    return false;
  *elements = grown;
  *capacity = wanted;
  return true;
}

#endif
