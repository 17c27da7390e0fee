/*
** Whose is an address that no heap knows? The operating system's map of the
** process tells, where there is one. For the text of a report of misuse only.
*/
#ifndef ADDRESS_OWNER_H
#define ADDRESS_OWNER_H

#include "base/base.h"

#define ADDRESS_OWNER_BYTES 160u

/* Writes what lies at an address, as in "on the stack". Reads no byte of it. */
void address_owner(const void *address, char text[ADDRESS_OWNER_BYTES]);

#endif
