/*
** Finds out what an address that is not of the heap belongs to, from the
** operating system's map of the process, if there is one. For reports of misuse
** only.
*/
#ifndef ADDRESS_OWNER_H
#define ADDRESS_OWNER_H

#include "base/base.h"

#define ADDRESS_OWNER_BYTES 160u

/* Writes what an address belongs to, as in "on the stack". Does not read it. */
void address_owner(const void *address, char text[ADDRESS_OWNER_BYTES]);

#endif
