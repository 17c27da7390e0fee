#include "geometry_name.h"

#include <stdio.h>
#include <string.h>

#include "geometry/geometry.h"

#define NAME_FIELDS(X) \
  X(alignment)         \
  X(threshold)         \
  X(pool_bytes)        \
  X(arena_bytes)       \
  X(arena_offset)      \
  X(address_bits)

static void append(char *name, const char *text)
{
  size_t used = strlen(name);
  (void)snprintf(name + used, GEOMETRY_NAME_BYTES - used, "%s", text);
}

static void append_number(char *name, const char *field, size_t value)
{
  char text[64];
  (void)snprintf(text, sizeof text, ", %s %zu", field, value);
  append(name, text);
}

void geometry_name_write(char name[GEOMETRY_NAME_BYTES], const char *profile,
                         const pym_geometry *geometry)
{
  const pym_geometry *plain = &pym_profile_find(profile)->geometry;
  name[0] = '\0';
  append(name, profile);
#define X(field)                       \
  if (geometry->field != plain->field) \
    append_number(name, #field, geometry->field);
  NAME_FIELDS(X)
#undef X
  if (geometry->release != plain->release) {
    append(name, ", release ");
    append(name, geometry_release_name(geometry->release));
  }
}
