/*
** system_file.h on WASI, where no folder lists the open files of a process, no
** descriptor can be duplicated, and files have no owner and no permissions.
*/
#include "system_file.h"

#include "base/platform.h"

#if !PLATFORM_PROCESSES

#include <errno.h>

bool system_file_is_in_proc(const char *folder, bool *is_own)
{
  (void)folder;
  (void)is_own;
  return false;
}

int system_file_duplicate(int fd)
{
  (void)fd;
  errno = ENOTSUP;
  return -1;
}

bool system_file_copy_permissions(int fd, const struct stat *about)
{
  (void)fd;
  (void)about;
  return true;
}

#endif
