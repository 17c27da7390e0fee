#include "debug/address_owner.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TINY_BYTES 65536u /* the system maps no memory below this address */

/* The name at the end of a line of the map: "[stack]", "/usr/bin/lua5.4". */
static const char *name_in(char *line)
{
  char *name = strpbrk(line, "/[");
  /* GCOVR_EXCL_BR_START: a line of the map without a name is of memory that is
     not mapped from a file */
  if (name != NULL)
    name[strcspn(name, "\n")] = '\0';
  /* GCOVR_EXCL_BR_STOP */
  return name;
}

static void tell(const char *name, char text[ADDRESS_OWNER_BYTES])
{
  /* GCOVR_EXCL_BR_START: a line of the map without a name is of memory that is
     not mapped from a file */
  if (name == NULL)
    (void)snprintf(text, ADDRESS_OWNER_BYTES,
                   "in memory that is not mapped from a file");
  /* GCOVR_EXCL_BR_STOP */
  else if (strcmp(name, "[stack]") == 0)
    (void)snprintf(text, ADDRESS_OWNER_BYTES, "on the stack");
  else if (strcmp(name, "[heap]") == 0)
    (void)snprintf(text, ADDRESS_OWNER_BYTES, "in the C library's heap");
  else
    (void)snprintf(text, ADDRESS_OWNER_BYTES,
                   "in memory that is mapped from %.100s", name);
}

static bool holds(const char *line, uintptr_t address)
{
  char *behind;
  uint64_t first = strtoull(line, &behind, 16);
  /* GCOVR_EXCL_BR_START: each line of the map has two addresses */
  uint64_t end = *behind == '-' ? strtoull(behind + 1, NULL, 16) : 0;
  /* GCOVR_EXCL_BR_STOP */
  return first <= address && address < end;
}

void address_owner(const void *address, char text[ADDRESS_OWNER_BYTES])
{
  char line[512];
  FILE *map = fopen("/proc/self/maps", "r");
  (void)snprintf(text, ADDRESS_OWNER_BYTES, "%s",
                 (uintptr_t)address < TINY_BYTES ? "too small for an address"
                 : map == NULL                   ? "not of this heap"
                                                 : "where no memory is mapped");
  while (map != NULL && fgets(line, sizeof line, map) != NULL) {
    if (holds(line, (uintptr_t)address)) {
      tell(name_in(line), text);
      break;
    }
  }
  if (map != NULL)
    (void)fclose(map);
}
