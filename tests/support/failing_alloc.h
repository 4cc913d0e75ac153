/* Allocations that fail on demand.  A test that is linked with its malloc, calloc, realloc,
 * aligned_alloc and free wrapped (a line `wraps: ...` in its first comment) counts what the
 * library allocates between failing_arm and failing_disarm, and makes one fail, or all from one
 * on.  Only what is linked statically is seen: neither libc's own allocations nor cmocka's.  Not
 * for several threads. */
#ifndef TESTS_SUPPORT_FAILING_ALLOC_H
#define TESTS_SUPPORT_FAILING_ALLOC_H

#include <stdbool.h>
#include <stdint.h>

typedef enum failing_how { FAIL_NONE, FAIL_ONCE, FAIL_FROM_THEN_ON } failing_how;

/* From now on the allocations are counted from 0, and number `at` fails. */
void failing_arm(failing_how how, int64_t at);
/* Everything succeeds again; gives how many were asked for since failing_arm. */
int64_t failing_disarm(void);
/* Whether one has failed since failing_arm. */
bool failing_happened(void);
/* Blocks allocated and not yet freed, by the library or the test, since the program began. */
int64_t failing_live(void);
/* Their bytes, as large as the allocator made them,
 * and the most that these were since failing_arm. */
int64_t failing_live_bytes(void);
int64_t failing_most_bytes(void);

#endif
