/*
** The version of the library that runs.
*/
#include "pymalloc.h"

int pym_version(void)
{
  return PYM_VERSION_NUM;
}
