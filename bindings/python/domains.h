/*
** PyMemAllocatorEx and PyMemAllocatorDomain, as in Python's headers from 3.5 on,
** for code that is compiled without them.
*/
#ifndef DOMAINS_H
#define DOMAINS_H

#include <stddef.h>

struct allocator {
  void *context;
  void *(*malloc)(void *context, size_t bytes);
  void *(*calloc)(void *context, size_t count, size_t bytes);
  void *(*realloc)(void *context, void *old, size_t bytes);
  void (*free)(void *context, void *block);
};

enum { DOMAIN_MEMORY = 1, DOMAIN_OBJECT = 2 };

#endif
