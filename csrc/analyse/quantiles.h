/*
** Quantiles of a list of numbers, exact.
**
** Tested by spec/unit/analyse_spec.lua.
*/
#ifndef QUANTILES_H
#define QUANTILES_H

#include "base/base.h"

/* X(per cent): the quantiles that are read. */
#define QUANTILES(X) X(1) X(10) X(25) X(50) X(75) X(90) X(99) X(100)

#define X(percent) +1
enum { QUANTILE_COUNT = 0 QUANTILES(X) };
#undef X

/*
** Writes, for each percentage of QUANTILES, the least of the numbers that at
** least this percentage of them does not exceed; 0 if there are no numbers.
** Changes the order of the numbers. 'room' has space for as many.
*/
void quantiles_read(uint64_t *numbers, uint64_t *room, size_t count,
                    uint64_t quantiles[QUANTILE_COUNT]);

#endif
