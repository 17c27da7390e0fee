/*
** Oracles: what a placement holds that knows the whole trace.
**
** ORACLE_BYTES, ORACLE_ARENAS and ORACLE_POOLS count live blocks and place
** none. They are true lower bounds:
**
**   ORACLE_BYTES   the bytes that are requested and live, of the blocks that
**                  pools serve. No allocator holds less.
**   ORACLE_ARENAS  the same in whole arenas. No allocator that holds whole
**                  arenas of that size holds less.
**   ORACLE_POOLS   as many pools of each class as the live blocks of the class
**                  fill, in whole arenas. No placement with these classes,
**                  pools and arenas holds less, even if it moves blocks.
**
** ORACLE_LIFETIMES places every block under the geometry, knowing when each
** block will die. What it holds can be held, so it is an upper bound of what
** perfect knowledge of deaths needs; it is a heuristic, and a better placement
** may exist. Its rule:
**
**   Blocks that die together lie together: of the pools of the class with a
**   free block, a block takes the one whose last death is the next one after
**   its own, so that the pool is not in use for longer; or else the one whose
**   last death is the last one before. Neither is near if many blocks of the
**   class die between the two deaths: more than fill 'reach' pools. Then a new
**   pool is begun, unless the class has already as many pools in use as it
**   will need while the block lives; then the pool that is not near is taken.
**   The arena of a new pool is chosen in the same way, by the bytes of blocks
**   that die between, among the arenas with a free pool. The lowest free block
**   and pool are taken. An arena without live blocks is released at once.
**
**   The trace is placed with each of several pairs of 'reach', of which the one
**   counts for which held_peak and held_mean add up to the least.
**
** Tested by spec/unit/oracle_spec.lua.
*/
#ifndef ORACLE_H
#define ORACLE_H

#include "geometry/geometry.h"
#include "trace/loaded_trace.h"
#include "trace/measures.h"

#define ORACLE_REACH_ANY UINT32_MAX /* every death is near */

enum oracle { ORACLE_BYTES, ORACLE_ARENAS, ORACLE_POOLS, ORACLE_LIFETIMES };

/* Deaths are near if the blocks that die between them fill less than this. */
struct oracle_reach {
  uint32_t pools, arenas;
};

struct oracle_result {
  struct measures measures;  /* opened by the caller, or zeros */
  struct oracle_reach reach; /* ORACLE_LIFETIMES: the pair that counts */
  uint64_t *addresses; /* ORACLE_LIFETIMES: the caller's array, or NULL: for
                          each request the address of its block in a pool, else
                          0 */
};

/*
** Runs an oracle on a trace. Before the call, 'result' is zero but for open
** measures and the array of the caller, which is as long as the trace. false:
** there is no memory.
*/
bool oracle_run(enum oracle oracle, const struct loaded_trace *loaded,
                const pym_geometry *geometry, struct oracle_result *result);

struct foresight;

/* ORACLE_LIFETIMES with the pair that is in the result. */
bool oracle_place(const struct loaded_trace *loaded,
                  const pym_geometry *geometry,
                  const struct foresight *foresight,
                  struct oracle_result *result);

#endif
