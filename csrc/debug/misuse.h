/*
** Reports of misuse: a wrong request of a caller, or damaged memory. A report
** is written while the request is served and goes to the handler when it ends.
*/
#ifndef MISUSE_H
#define MISUSE_H

#include "debug/debug.h"

/*
** Reports wrong guard bytes of a live block. 'kind' is CPython's name for them,
** 'api' the id that the guard bytes should have.
*/
void misuse_pads(struct debug *debug, const struct block_record *record,
                 const char *kind, char api);

/*
** Reports an address that cannot be freed or resized. 'request' is "free" or
** "realloc".
*/
void misuse_address(struct debug *debug, const void *address,
                    const char *request);

/* Reports a size that is not the block's. */
void misuse_size(struct debug *debug, const struct block_record *record,
                 size_t bytes);

/*
** Reports a write to a block in quarantine; 'written' is the first byte that is
** not dead.
*/
void misuse_dead(struct debug *debug, const struct block_record *record,
                 const unsigned char *written);

/* Reports a broken invariant; 'address' is that of a block it concerns or NULL. */
void misuse_fault(struct debug *debug, const pym_fault *fault,
                  const void *address);

/*
** Ends the request: its report of misuse, if it has one, goes to the handler.
*/
void misuse_deliver(struct debug *debug);

/*
** Reports a request during another one. It writes nothing to 'debug', which the
** other request is using in another thread.
*/
void misuse_threads(const struct debug *debug);

#endif
