/*
** A set of numbers below a limit, which finds the next and the previous number
** of any number. Each number of the set has an owner.
**
** A bit for each number, a bit for each word of these that is not 0, and so on:
** with 64 bits a word, six levels are enough for 2^32 numbers.
*/
#ifndef NUMBER_SET_H
#define NUMBER_SET_H

#include "base/base.h"

#define NUMBER_SET_LEVELS 6
#define NUMBER_SET_NONE UINT32_MAX

struct number_set {
  uint64_t *levels[NUMBER_SET_LEVELS]; /* the lowest first */
  uint32_t *owners;
  uint32_t limit;
};

/* false: there is no memory. */
bool number_set_open(struct number_set *set, uint32_t limit);
void number_set_close(struct number_set *set);

void number_set_add(struct number_set *set, uint32_t number, uint32_t owner);
void number_set_remove(struct number_set *set, uint32_t number);

/* The least number that is 'number' or above; NUMBER_SET_NONE: none. */
uint32_t number_set_next(const struct number_set *set, uint32_t number);

/* The greatest number below 'number'; NUMBER_SET_NONE: none. */
uint32_t number_set_before(const struct number_set *set, uint32_t number);

#endif
