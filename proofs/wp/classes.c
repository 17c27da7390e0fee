/*
** Size classes, and the rule of three quarters.
**
** prove: pym_class_count pym_class_bytes pym_class_of geometry_class_bytes
** prove: heap_class_of heap_class_bytes heap_fits_in_place size_of_number
*/
#include "geometry/geometry.c"
#include "state/heap.h"

/*@ axiomatic Shifts {
      axiom right: \forall integer x, bits; 0 <= x && 0 <= bits <= 63 ==>
        0 <= (x >> bits) <= x;
      axiom left: \forall integer x, bits; 0 <= x <= 512 && 0 <= bits <= 9 ==>
        0 <= (x << bits) <= 262144;
    }

    // what pym_geometry_check ensures
    predicate sized{L}(pym_geometry *g) =
      \valid_read(g) &&
      (g->alignment == 8 || g->alignment == 16 || g->alignment == 32 ||
       g->alignment == 64 || g->alignment == 128 || g->alignment == 256 ||
       g->alignment == 512) &&
      g->threshold % g->alignment == 0 && 0 < g->threshold <= 262144;
*/

/*@ requires sized(geometry);
    assigns \nothing;
    ensures \result * geometry->alignment == geometry->threshold;
*/
size_t pym_class_count(const pym_geometry *geometry);

/*@ requires sized(geometry);
    requires szidx < geometry->threshold / geometry->alignment;
    assigns \nothing;
    ensures \result == (szidx + 1) * geometry->alignment;
*/
size_t pym_class_bytes(const pym_geometry *geometry, size_t szidx);

/*@ requires sized(geometry);
    requires szidx < geometry->threshold / geometry->alignment;
    assigns \nothing;
    ensures \result == (szidx + 1) * geometry->alignment;
*/
static inline size_t geometry_class_bytes(const pym_geometry *geometry,
                                          size_t szidx);

/*@ requires sized(geometry);
    assigns \nothing;
    ensures raw_serves_0_bytes: request == 0 ==> \result == -1;
    ensures raw_serves_what_is_large:
      request > geometry->threshold ==> \result == -1;
    ensures one_class_for_each_alignment:
      1 <= request <= geometry->threshold ==>
        \result == (request - 1) / geometry->alignment;
*/
ptrdiff_t pym_class_of(const pym_geometry *geometry, size_t request);

/*@ requires \valid_read(&heap->geometry.threshold);
    requires \valid_read(&heap->alignment_shift);
    requires 0 < heap->geometry.threshold <= 262144;
    requires 3 <= heap->alignment_shift <= 9;
    assigns \nothing;
    ensures raw_serves_0_bytes: bytes == 0 ==> \result == -1;
    ensures raw_serves_what_is_large:
      bytes > heap->geometry.threshold ==> \result == -1;
    ensures one_class_for_each_alignment:
      1 <= bytes <= heap->geometry.threshold ==>
        \result == ((bytes - 1) >> heap->alignment_shift);
*/
static inline ptrdiff_t heap_class_of(const pym_heap *heap, size_t bytes);

/*@ requires \valid_read(&heap->alignment_shift);
    requires heap->alignment_shift <= 9;
    requires szidx < 512;
    assigns \nothing;
    ensures \result == ((szidx + 1) << heap->alignment_shift);
*/
static inline size_t heap_class_bytes(const pym_heap *heap, size_t szidx);

/*@ requires block_bytes <= 262144;
    assigns \nothing;
    ensures more_than_three_quarters_stay_in_use: \result <==>
      bytes <= block_bytes && 4 * bytes > 3 * block_bytes;
*/
static inline bool heap_fits_in_place(uint64_t bytes, size_t block_bytes);

/*@ assigns \nothing;
    ensures \result == number;
*/
static inline size_t size_of_number(uint64_t number);
