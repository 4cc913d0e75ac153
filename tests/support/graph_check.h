/* Holds optimised programs of random graphs to the bits of plain ones, and finds the smallest
 * graph and the pass that break that. */
#ifndef TESTS_SUPPORT_GRAPH_CHECK_H
#define TESTS_SUPPORT_GRAPH_CHECK_H

#include <stdint.h>

/* Graphs of seeds first .. first + graphs - 1: with every pass, with every pass but views, and,
 * `mixtures` times, with a random choice of passes, on 1, 2, 3 or 8 threads.  Fails the running
 * test with a readable graph where bits differ.
 * With WENGERT_GRAPH=seed in the environment that graph alone. */
void graph_check(uint64_t first, uint64_t graphs, int mixtures);

/* The same graphs with every pass on 1, 2, 3 and 8 threads,
 * which share every instruction that can be shared. */
void graph_check_threads(uint64_t first, uint64_t graphs);

#endif
