/* uthash as the library uses it: running out of memory is reported instead of ending the process,
 * memory comes from core/alloc.h.
 * After HASH_ADD..., hh.tbl == NULL means that there was no memory and nothing was added. */
#ifndef WG_CORE_HASH_H
#define WG_CORE_HASH_H

#include "core/alloc.h"

#define HASH_NONFATAL_OOM 1
#define HASH_BKT_CAPACITY_THRESH 4U /* short chains: on large tables each step along one is a cache
                                     * miss */
#define uthash_malloc(size) wg_mem_alloc(size)
#define uthash_free(p, size) wg_mem_free(p)

#if defined(__GNUC__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wconversion"
#pragma GCC diagnostic ignored "-Wsign-conversion"
#pragma GCC diagnostic ignored "-Wshadow"
#endif
#include <uthash.h>
#if defined(__GNUC__)
#pragma GCC diagnostic pop
#endif

#endif
