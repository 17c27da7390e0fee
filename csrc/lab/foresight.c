#include "lab/foresight.h"

#include <stdlib.h>

#include "lab/live_count.h"

/* The state of computing a foresight. */
struct looking {
  struct foresight *foresight;
  const pym_geometry *geometry;
  size_t requests;
  uint16_t *classes;  /* by birth; LIVES_RAW: no block of a pool begins */
  uint32_t *births;   /* by death; 0: none */
  uint32_t *in_order; /* births by class, and within a class by time */
  uint32_t *chain;    /* see find_most */
};

/* Notes each birth, and the pools and arenas needed after it. */
static bool note_births(struct looking *looking,
                        const struct loaded_trace *loaded)
{
  struct foresight *foresight = looking->foresight;
  struct live_count count = {.geometry = looking->geometry};
  struct lives lives;
  struct life_change change;
  if (!lives_open(&lives, loaded, looking->geometry))
    return false;
  while (lives_next(&lives, &change)) {
    live_count_change(&count, &change);
    looking->classes[lives.done] = LIVES_RAW;
    if (!life_begins(&change))
      continue;
    size_t szidx = change.after.szidx;
    looking->classes[lives.done] = (uint16_t)szidx;
    looking->births[foresight->deaths[lives.done]] = (uint32_t)lives.done;
    foresight->first_rank[szidx + 1]++;
    foresight->pools[lives.done] = (uint32_t)live_count_pools(&count, szidx);
    foresight->arenas[lives.done] = (uint32_t)live_count_arenas(&count);
  }
  lives_close(&lives);
  return true;
}

static void number_blocks(struct looking *looking)
{
  struct foresight *foresight = looking->foresight;
  uint32_t next[CLASS_COUNT_MAX], next_in_order[CLASS_COUNT_MAX];
  uint64_t weight = 0;
  for (size_t szidx = 0; szidx < CLASS_COUNT_MAX; szidx++) {
    foresight->first_rank[szidx + 1] += foresight->first_rank[szidx];
    next[szidx] = next_in_order[szidx] = foresight->first_rank[szidx];
  }
  for (uint32_t death = 1; death < foresight->end; death++) {
    uint32_t birth = looking->births[death];
    foresight->weights[death] = weight;
    if (birth == 0)
      continue;
    foresight->ranks[birth] = next[looking->classes[birth]]++;
    weight += geometry_class_bytes(looking->geometry, looking->classes[birth]);
  }
  for (uint32_t birth = 1; birth <= looking->requests; birth++)
    if (looking->classes[birth] != LIVES_RAW)
      looking->in_order[next_in_order[looking->classes[birth]]++] = birth;
}

/*
** Replaces the value of each of 'count' births, which are in the order of time,
** by the largest of the values from the birth to its death.
**
** Goes from the last birth to the first. The chain is a stack of births: the
** top is the present birth, and below each birth is the next later one with a
** larger value. The last birth of the chain before the death has the largest
** value.
*/
static void find_most(struct looking *looking, const uint32_t *births,
                      size_t count, uint32_t *values)
{
  uint32_t *chain = looking->chain;
  uint32_t *most = looking->chain + looking->requests + 1;
  size_t length = 0;
  for (size_t i = count; i-- > 0;) {
    uint32_t birth = births[i], death = looking->foresight->deaths[birth];
    while (length > 0 && values[chain[length - 1]] <= values[birth])
      length--;
    chain[length++] = birth;
    size_t low = 0, high = length - 1; /* chain[high] is not after it */
    while (low < high) {
      size_t middle = (low + high) / 2;
      if (chain[middle] < death)
        high = middle;
      else
        low = middle + 1;
    }
    most[i] = values[chain[high]];
  }
  for (size_t i = 0; i < count; i++)
    values[births[i]] = most[i];
}

static void find_needs(struct looking *looking)
{
  struct foresight *foresight = looking->foresight;
  size_t count = 0;
  for (size_t szidx = 0; szidx < CLASS_COUNT_MAX; szidx++) {
    uint32_t first = foresight->first_rank[szidx];
    find_most(looking, looking->in_order + first,
              foresight->first_rank[szidx + 1] - first, foresight->pools);
  }
  for (uint32_t birth = 1; birth <= looking->requests; birth++)
    if (looking->classes[birth] != LIVES_RAW)
      looking->in_order[count++] = birth;
  find_most(looking, looking->in_order, count, foresight->arenas);
}

static bool open_arrays(struct looking *looking)
{
  struct foresight *foresight = looking->foresight;
  size_t count = looking->requests + 1;
  looking->classes = malloc(count * sizeof *looking->classes);
  looking->births = calloc((size_t)foresight->end + 1, sizeof(uint32_t));
  looking->in_order = malloc(count * sizeof *looking->in_order);
  looking->chain = malloc(2 * count * sizeof *looking->chain);
  foresight->ranks = malloc(count * sizeof *foresight->ranks);
  foresight->pools = malloc(count * sizeof *foresight->pools);
  foresight->arenas = malloc(count * sizeof *foresight->arenas);
  foresight->weights =
      malloc(((size_t)foresight->end + 1) * sizeof *foresight->weights);
  return looking->classes != NULL && looking->births != NULL &&
         looking->in_order != NULL && looking->chain != NULL &&
         foresight->ranks != NULL && foresight->pools != NULL &&
         foresight->arenas != NULL && foresight->weights != NULL;
}

bool foresight_open(struct foresight *foresight,
                    const struct loaded_trace *loaded,
                    const pym_geometry *geometry)
{
  struct looking looking = {
      .foresight = foresight, .geometry = geometry, .requests = loaded->count};
  *foresight = (struct foresight){0};
  foresight->deaths = lives_deaths(loaded, geometry, &foresight->end);
  bool is_done = foresight->deaths != NULL && open_arrays(&looking) &&
                 note_births(&looking, loaded);
  if (is_done) {
    number_blocks(&looking);
    find_needs(&looking);
  }
  free(looking.classes);
  free(looking.births);
  free(looking.in_order);
  free(looking.chain);
  return is_done;
}

void foresight_close(struct foresight *foresight)
{
  free(foresight->deaths);
  free(foresight->ranks);
  free(foresight->pools);
  free(foresight->arenas);
  free(foresight->weights);
  *foresight = (struct foresight){0};
}
