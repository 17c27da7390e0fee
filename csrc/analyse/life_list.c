#include "analyse/life_list.h"

#include <stdlib.h>

#include "analyse/life.h"

/* The state of making a list. */
struct listing {
  struct life_list *list;
  const struct loaded_trace *trace;
  struct life *lives;
  uint32_t *places; /* by handle: the index of its block in list->lives */
};

/* Adds the births and the deaths, and counts the reallocs of each block. */
static void add_request(struct listing *listing, const struct request *request,
                        uint32_t number)
{
  struct life_list *list = listing->list;
  struct life *life = life_of(listing->lives, request);
  /* GCOVR_EXCL_BR_START: the switch has a case for each value of its enum */
  switch (life_step_of(life, request)) {
  /* GCOVR_EXCL_BR_STOP */
  case LIFE_NOTHING:
  case LIFE_REFUSED:
    return;
  case LIFE_BEGINS:
    listing->places[request->handle] = (uint32_t)list->life_count;
    list->lives[list->life_count++] =
        (struct listed_life){.bytes = request->bytes, .born = number};
    life->born = number;
    return;
  case LIFE_CHANGES:
    list->lives[listing->places[request->handle]].resize_count++;
    list->resize_count++;
    return;
  case LIFE_ENDS:
    list->lives[listing->places[request->handle]].died = number;
    life->born = 0;
    return;
  }
}

/* Gives each block as many places in 'resizes' as it has reallocs. */
static void place_resizes(struct life_list *list)
{
  uint32_t place = 0;
  for (size_t i = 0; i < list->life_count; i++) {
    list->lives[i].resize = place;
    place += list->lives[i].resize_count;
    list->lives[i].resize_count = 0; /* add_resize counts them again */
  }
}

/* Adds the reallocs: 'next' is the number of blocks that were born so far. */
static void add_resize(struct listing *listing, const struct request *request,
                       uint32_t number, size_t *next)
{
  struct life_list *list = listing->list;
  struct life *life = life_of(listing->lives, request);
  enum life_step step = life_step_of(life, request);
  if (step == LIFE_BEGINS) {
    listing->places[request->handle] = (uint32_t)(*next)++;
    life->born = number;
  } else if (step == LIFE_ENDS) {
    life->born = 0;
  } else if (step == LIFE_CHANGES) {
    struct listed_life *listed = &list->lives[listing->places[request->handle]];
    list->resizes[listed->resize + listed->resize_count++] =
        (struct listed_resize){request->bytes, number};
  }
}

static void end_all(struct listing *listing)
{
  for (size_t i = 0; i < listing->trace->handle_count; i++)
    listing->lives[i].born = 0;
}

/* false: there is no memory for the reallocs. */
static bool fill(struct listing *listing)
{
  const struct loaded_trace *trace = listing->trace;
  struct life_list *list = listing->list;
  size_t next = 0;
  for (size_t i = 0; i < trace->count; i++)
    add_request(listing, &trace->items[i], (uint32_t)i + 1);
  list->resizes = calloc(list->resize_count + 1, sizeof list->resizes[0]);
  if (list->resizes == NULL)
    return false;
  place_resizes(list);
  end_all(listing);
  for (size_t i = 0; i < trace->count; i++)
    add_resize(listing, &trace->items[i], (uint32_t)i + 1, &next);
  assert(next == list->life_count);
  return true;
}

bool life_list_open(struct life_list *list, const struct loaded_trace *trace)
{
  struct listing listing = {.list = list, .trace = trace};
  *list = (struct life_list){0};
  list->lives = calloc(trace->count + 1, sizeof list->lives[0]);
  listing.lives = calloc(trace->handle_count + 1, sizeof listing.lives[0]);
  listing.places = calloc(trace->handle_count + 1, sizeof listing.places[0]);
  bool is_done = list->lives != NULL && listing.lives != NULL &&
                 listing.places != NULL && fill(&listing);
  free(listing.lives);
  free(listing.places);
  if (!is_done)
    life_list_close(list);
  return is_done;
}

void life_list_close(struct life_list *list)
{
  free(list->lives);
  free(list->resizes);
  *list = (struct life_list){0};
}
