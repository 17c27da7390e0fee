/*
** The name of a geometry: its profile, and each field in which it differs from
** the profile, such as "3.6, pool_bytes 16384".
*/
#ifndef BINDING_GEOMETRY_NAME_H
#define BINDING_GEOMETRY_NAME_H

#include "pymalloc.h"

#define GEOMETRY_NAME_BYTES 256u

/* Writes the name. 'profile' is the name of a profile. */
void geometry_name_write(char name[GEOMETRY_NAME_BYTES], const char *profile,
                         const pym_geometry *geometry);

#endif
