/*
** The operators new and delete of C++. In most libraries they call malloc and
** free, and those calls are recorded. An allocator with operators of its own
** does not call malloc for them: such calls are recorded here.
**
** The names are those of the C++ ABI of Linux with a size_t of 64 bits: 'nw' is
** new, 'na' new[], 'dl' delete, 'da' delete[]; 'm' is a size, 'St11align_val_t'
** an alignment, 'RKSt9nothrow_t' the address of std::nothrow.
*/
#define _GNU_SOURCE

#include <dlfcn.h>
#include <limits.h>
#include <stdint.h>
#include <string.h>

#include "next.h"
#include "recorder.h"

#if ULONG_MAX == UINT64_MAX && SIZE_MAX == UINT64_MAX

typedef size_t word; /* each of the parameters fits into one register */
typedef void *operator_new(word bytes, word second, word third);
typedef void operator_delete(void *block, word second, word third);

/* X(symbol, is_aligned): the second parameter is an alignment */
#define OPERATORS_NEW(X)                      \
  X(_Znwm, false)                             \
  X(_Znam, false)                             \
  X(_ZnwmRKSt9nothrow_t, false)               \
  X(_ZnamRKSt9nothrow_t, false)               \
  X(_ZnwmSt11align_val_t, true)               \
  X(_ZnamSt11align_val_t, true)               \
  X(_ZnwmSt11align_val_tRKSt9nothrow_t, true) \
  X(_ZnamSt11align_val_tRKSt9nothrow_t, true)

#define OPERATORS_DELETE(X)              \
  X(_ZdlPv)                              \
  X(_ZdaPv)                              \
  X(_ZdlPvm)                             \
  X(_ZdaPvm)                             \
  X(_ZdlPvRKSt9nothrow_t)                \
  X(_ZdaPvRKSt9nothrow_t)                \
  X(_ZdlPvSt11align_val_t)               \
  X(_ZdaPvSt11align_val_t)               \
  X(_ZdlPvmSt11align_val_t)              \
  X(_ZdaPvmSt11align_val_t)              \
  X(_ZdlPvSt11align_val_tRKSt9nothrow_t) \
  X(_ZdaPvSt11align_val_tRKSt9nothrow_t)

void *malloc(size_t bytes);
void *memalign(size_t alignment, size_t bytes);
void free(void *block);

/* An operator behind the recorder. */
struct operator
{
  const char *symbol;
  void *function;    /* NULL: not looked up yet, or not there */
  bool is_allocator; /* it does not call malloc or free */
};

/*
** If a C program loads a plugin in C++, dlsym does not search the C++ library.
** This function finds that library by its name.
*/
static void *find_in_library(const char *symbol)
{
  static const char *const libraries[] = {"libstdc++.so.6", "libc++.so.1"};
  for (size_t i = 0; i < sizeof libraries / sizeof libraries[0]; i++) {
    void *library = dlopen(libraries[i], RTLD_LAZY | RTLD_NOLOAD);
    void *function = library == NULL ? NULL : dlsym(library, symbol);
    if (function != NULL)
      return function;
  }
  (void)dlerror();
  return NULL;
}

/* Looks an operator up. Requests of the dynamic linker are not recorded. */
static void find(struct operator* operator)
{
  (void)recorder_enter();
  void *function = next_find(operator->symbol);
  if (function == NULL)
    function = find_in_library(operator->symbol);
  else
    operator->is_allocator = next_is_allocator(function);
  __atomic_store_n(&operator->function, function, __ATOMIC_RELEASE);
  recorder_leave();
}

static void *function_of(struct operator* operator)
{
  if (__atomic_load_n(&operator->function, __ATOMIC_ACQUIRE) == NULL)
    find(operator);
  return operator->function;
}

/*
** The operator may still call malloc: for the block, which malloc has then
** recorded, or for an exception that it throws.
*/
static ALWAYS_INLINE void *record_new(operator_new *function, word bytes,
                                      word second, word third)
{
  recorder_last = NULL;
  void *block = function(bytes, second, third);
  return recorder_got(block != recorder_last, block, bytes);
}

/* Without any library of C++, an operator is malloc. */
static ALWAYS_INLINE void *call_new(struct operator* operator, bool is_aligned,
                                    word bytes, word second, word third)
{
  void *address = function_of(operator);
  operator_new *function;
  memcpy(&function, &address, sizeof function);
  if (address == NULL)
    return is_aligned ? memalign(second, bytes) : malloc(bytes);
  if (operator->is_allocator)
    return record_new(function, bytes, second, third);
  return function(bytes, second, third);
}

static void call_delete(struct operator* operator, void * block, word second,
                        word third)
{
  void *address = function_of(operator);
  operator_delete *function;
  memcpy(&function, &address, sizeof function);
  if (address == NULL || next_is_early(block)) {
    free(block);
  } else if (operator->is_allocator) {
    if (recorder_enter() && block != NULL)
      recorder_end(LOG_FREE, block);
    function(block, second, third);
    recorder_leave();
  } else {
    function(block, second, third);
  }
}

#define X(symbol, is_aligned)                                  \
  EXPORT void *symbol(word bytes, word second, word third);    \
  void *symbol(word bytes, word second, word third)            \
  {                                                            \
    static struct operator own = {#symbol, NULL, false};       \
    return call_new(&own, (is_aligned), bytes, second, third); \
  }
OPERATORS_NEW(X)
#undef X

#define X(symbol)                                           \
  EXPORT void symbol(void *block, word second, word third); \
  void symbol(void *block, word second, word third)         \
  {                                                         \
    static struct operator own = {#symbol, NULL, false};    \
    call_delete(&own, block, second, third);                \
  }
OPERATORS_DELETE(X)
#undef X

#endif
