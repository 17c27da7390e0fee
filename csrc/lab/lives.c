#include "lab/lives.h"

#include <stdlib.h>

#include "state/heap.h"

bool lives_open(struct lives *lives, const struct loaded_trace *loaded,
                const pym_geometry *geometry)
{
  *lives = (struct lives){.geometry = geometry, .loaded = loaded};
  lives->of_handle = calloc(loaded->handle_count + 1, sizeof(struct life));
  return lives->of_handle != NULL;
}

void lives_close(struct lives *lives)
{
  free(lives->of_handle);
  lives->of_handle = NULL;
}

/* The block after a request: a new one, or the old one with another size. */
static struct life after(const struct lives *lives,
                         const struct request *request,
                         const struct life *before)
{
  const pym_geometry *geometry = lives->geometry;
  struct life life = {request->bytes, (uint32_t)lives->done, LIVES_RAW};
  if (request->letter == TRACE_FREE)
    return (struct life){0};
  if (request->bytes > REQUEST_MAX_64)
    return *before;
  if (before->birth != 0 && before->szidx == LIVES_RAW)
    life.birth = before->birth; /* a raw block stays one, whatever its size */
  else if (life_is_small(before) &&
           heap_fits_in_place(request->bytes,
                              geometry_class_bytes(geometry, before->szidx))) {
    life.birth = before->birth;
    life.szidx = before->szidx;
  } else if (pym_class_of(geometry, size_of_number(request->bytes)) >= 0)
    life.szidx =
        (uint16_t)pym_class_of(geometry, size_of_number(request->bytes));
  return life;
}

bool lives_next(struct lives *lives, struct life_change *change)
{
  if (lives->done == lives->loaded->count)
    return false;
  const struct request *request = &lives->loaded->items[lives->done++];
  *change = (struct life_change){0};
  if (request->handle == LOADED_TRACE_NO_HANDLE)
    return true; /* a free of an id that is not live */
  change->before = lives->of_handle[request->handle];
  change->after = after(lives, request, &change->before);
  lives->of_handle[request->handle] = change->after;
  return true;
}

void lives_count_served(const struct lives *lives,
                        const struct life_change *change,
                        struct measures *measures)
{
  const struct request *request = &lives->loaded->items[lives->done - 1];
  if (request->letter == TRACE_FREE || request->bytes > REQUEST_MAX_64)
    return;
  if (life_is_small(&change->after))
    measures->small++;
  else
    measures->raw++;
}

/* Sets the deaths of the blocks that are live at the end, in order of birth. */
static uint32_t end_lives(uint32_t *deaths, size_t count)
{
  uint32_t next = (uint32_t)count + 1;
  for (size_t i = 1; i <= count; i++)
    if (deaths[i] == 0)
      deaths[i] = next++;
  return next;
}

uint32_t *lives_deaths(const struct loaded_trace *loaded,
                       const pym_geometry *geometry, uint32_t *end)
{
  struct lives lives;
  struct life_change change;
  /* GCOVR_EXCL_BR_START: a trace of 2,147,483,647 requests does not fit in the
     memory of this machine */
  if (loaded->count >= UINT32_MAX / 2) /* deaths must fit 32 bits */
    return NULL;
  /* GCOVR_EXCL_BR_STOP */
  uint32_t *deaths = calloc(loaded->count + 1, sizeof *deaths);
  if (!lives_open(&lives, loaded, geometry) || deaths == NULL) {
    lives_close(&lives);
    free(deaths);
    return NULL;
  }
  while (lives_next(&lives, &change))
    if (life_dies(&change))
      deaths[change.before.birth] = (uint32_t)lives.done;
  lives_close(&lives);
  *end = end_lives(deaths, loaded->count);
  return deaths;
}
