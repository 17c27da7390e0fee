#define _DEFAULT_SOURCE
#define _POSIX_C_SOURCE 200809L

#include "system_file.h"

#include "base/platform.h"

#if PLATFORM_PROCESSES

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PERMISSIONS 07777

bool system_file_is_in_proc(const char *folder, bool *is_own)
{
  char real[PATH_MAX], own[64];
  if (realpath(folder, real) == NULL || strncmp(real, "/proc/", 6) != 0)
    return false;
  (void)snprintf(own, sizeof own, "/proc/%ld/fd", (long)getpid());
  *is_own = strcmp(real, own) == 0;
  return true;
}

int system_file_duplicate(int fd)
{
  return fcntl(fd, F_DUPFD_CLOEXEC, 3);
}

bool system_file_copy_permissions(int fd, const struct stat *about)
{
  if (fchown(fd, about->st_uid, about->st_gid) != 0 && errno != EPERM)
    return false;
  return fchmod(fd, about->st_mode & PERMISSIONS) == 0;
}

#endif
