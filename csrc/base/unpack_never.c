/*
** base/unpack.h on a platform without processes.
*/
#include "base/platform.h"
#include "base/unpack.h"

#if !PLATFORM_PROCESSES

#include <stdio.h>

int unpack_start(const char *tool, int from, pid_t *child, char *why,
                 size_t why_bytes)
{
  (void)from;
  (void)child;
  (void)snprintf(why, why_bytes,
                 "needs the program '%s' to be read, and this platform cannot "
                 "start programs: unpack it before",
                 tool);
  return -1;
}

bool unpack_wait(pid_t child)
{
  (void)child;
  return false;
}

void unpack_stop(pid_t child)
{
  (void)child;
}

#endif
