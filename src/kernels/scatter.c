/* Rows added at an index, for each type that has sums. */
#include <string.h>

#include "kernels/gather.h"

#define KERNELS "kernels/scatter.inc"
#include "kernels/each_type.inc"
