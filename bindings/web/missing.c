#define _POSIX_C_SOURCE 200809L

/*
** Functions of the C library that wasi-libc lacks and Lua's libraries call.
** There are no processes, and files are in memory, in the only folder.
*/
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define NAMES 1000000

int system(const char *command)
{
  if (command == NULL)
    return 0; /* there is no shell */
  errno = ENOSYS;
  return -1;
}

/* Makes an empty file with a new name, and opens it. -1: there is none. */
static int open_new(char name[L_tmpnam])
{
  for (int number = 0; number < NAMES; number++) {
    (void)snprintf(name, L_tmpnam, "/temporary-%d", number);
    int file = open(name, O_RDWR | O_CREAT | O_EXCL, 0600);
    if (file >= 0 || errno != EEXIST)
      return file;
  }
  return -1;
}

/* Also makes the file, so that the name is not given twice. */
char *tmpnam(char *name)
{
  int file = open_new(name);
  return file >= 0 && close(file) == 0 ? name : NULL;
}

FILE *tmpfile(void)
{
  char name[L_tmpnam];
  int file = open_new(name);
  if (file < 0)
    return NULL;
  (void)unlink(name);
  return fdopen(file, "w+b");
}
