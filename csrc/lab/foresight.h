/*
** The future of each block of a trace that pools serve: the request at which it
** dies, its rank, and how many pools and arenas are needed while it lives.
**
** Ranks number the blocks by class, and within a class by death. The weight of
** a death is the sum of the block bytes of all blocks that die earlier. So the
** distance of two ranks, or of two weights, tells how many blocks die between
** two deaths.
**
** Arrays are indexed by the number of the request that begins a block, from 1.
*/
#ifndef FORESIGHT_H
#define FORESIGHT_H

#include "lab/lives.h"

struct foresight {
  uint32_t *deaths;
  uint32_t *ranks;
  uint32_t first_rank[CLASS_COUNT_MAX + 1]; /* of each class */
  uint32_t *pools;   /* the most of the class while the block lives */
  uint32_t *arenas;  /* the most of all classes together */
  uint64_t *weights; /* by death */
  uint32_t end;      /* all deaths are below this */
};

/* false: there is no memory; foresight_close is to be called all the same. */
bool foresight_open(struct foresight *foresight,
                    const struct loaded_trace *loaded,
                    const pym_geometry *geometry);
void foresight_close(struct foresight *foresight);

#endif
