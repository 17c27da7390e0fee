/*
** Measures a heap while the requests of a loaded trace run on it.
**
** The trace is run twice: the second pass ends at the peak, where the kinds of
** bytes are counted by a walk over the heap. The calls of the system are those of
** pym_pages.
**
** A heap with a cache counts free blocks of the cache as 'free'. Its touched
** pages may miss blocks that went through the cache and were never served.
**
** Tested by spec/unit/experiment_measures_spec.lua.
*/
#ifndef MEASURE_H
#define MEASURE_H

#include "trace/loaded_trace.h"
#include "trace/measures.h"

/*
** Measures, with a series of this many points. false: there is no memory. In
** either case, measures_close frees the series.
*/
bool measure_trace(const struct loaded_trace *loaded,
                   const pym_options *options, size_t series_count,
                   struct measures *measures);

#endif
