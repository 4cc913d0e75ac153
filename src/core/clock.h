/* The time that goes by, for waiting and for profiles. */
#ifndef WG_CORE_CLOCK_H
#define WG_CORE_CLOCK_H

#include <stdint.h>

/* Nanoseconds since some moment; never goes back. */
int64_t wg_now_ns(void);

#endif
