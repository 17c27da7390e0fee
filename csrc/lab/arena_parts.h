/*
** Functions that the files about the arenas of the simulator share.
** arena_supply.c obtains and releases arenas; arena_slots.c has the slots and
** the records of pools; arena_rank.c has the order of the usable arenas;
** arena_pages.c counts calls of the system. pool_supply.c takes pools of arenas
** and gives them back.
*/
#ifndef ARENA_PARTS_H
#define ARENA_PARTS_H

#include "lab/simulator.h"

static inline struct lab_arena *arena_more(const struct lab_group *group,
                                           const struct arena_object *arena)
{
  return &group->more[arena - group->arenas];
}

/* Doubles the slots of a group of which none is unused and no arena usable. */
bool arena_grow_slots(struct lab_group *group);

/* Makes the records of pools of a slot that gets its first arena. */
bool arena_make_pools(struct simulator *sim, uint32_t group_number,
                      uint32_t slot);

/* Opens the region of a group. false: there is no memory. */
bool arena_open_region(struct simulator *sim, struct lab_group *group);

/* Count the calls that a heap makes for the arena of a slot. */
void arena_count_obtain(struct lab_group *group, size_t slot);
void arena_count_release(struct lab_group *group, size_t slot);

/* The usable arena that gives the next pool, or NULL. */
struct arena_object *arena_first(struct simulator *sim,
                                 const struct lab_group *group);

/* A new arena, all of it free, becomes the only usable one. */
void arena_start(struct simulator *sim, struct lab_group *group,
                 struct arena_object *arena);

/* The first arena has lost a free pool; an arena has got one. */
void arena_lost_pool(struct simulator *sim, struct lab_group *group,
                     struct arena_object *arena);
void arena_gained_pool(struct simulator *sim, struct lab_group *group,
                       struct arena_object *arena);

/*
** Takes an arena out of the usable ones. 'nfreepools' is the group of order.h
** in which it is; 0: it was full, and is in none.
*/
void arena_drop(const struct simulator *sim, struct lab_group *group,
                struct arena_object *arena, uint32_t nfreepools);

/*
** Does RELEASE_KEEP_LAST keep an arena? With ARENA_FULLEST it does if the list
** of usable arenas ends with it, as in CPython, otherwise if no other arena is
** usable. An arena of one pool, which was full, is in no list.
*/
bool arena_is_last(const struct simulator *sim, const struct lab_group *group,
                   const struct arena_object *arena);

/*
** The usable arena that gives the next pool; if there is none, a new one. NULL:
** none can be obtained, or the simulator has failed.
*/
struct arena_object *arena_next(struct simulator *sim, uint32_t group_number);

/*
** To be called when the last pool of an arena has become free: releases the
** arena or keeps it, as the policy says.
*/
void arena_emptied(struct simulator *sim, uint32_t group_number,
                   struct arena_object *arena);

/* The facts that a function of the caller gets about an arena. */
struct arena_facts arena_tell(const struct simulator *sim,
                              const struct lab_group *group,
                              const struct arena_object *arena);

#endif
