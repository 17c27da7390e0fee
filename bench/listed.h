/*
** Lists of names in options, such as --only one,two.
*/
#ifndef LISTED_H
#define LISTED_H

#include <stdbool.h>
#include <string.h>

/* Is a name in a list separated by commas? If 'list' is NULL, each name is. */
static inline bool is_listed(const char *list, const char *name)
{
  size_t length = strlen(name);
  if (list == NULL)
    return true;
  for (; list != NULL; list = strchr(list, ',')) {
    list += *list == ',';
    if (strncmp(list, name, length) == 0 &&
        (list[length] == ',' || list[length] == '\0'))
      return true;
  }
  return false;
}

#endif
