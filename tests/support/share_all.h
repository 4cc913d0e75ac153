/* White-box: programs whose instructions are shared however small they are. */
#ifndef TESTS_SUPPORT_SHARE_ALL_H
#define TESTS_SUPPORT_SHARE_ALL_H

#include <wengert.h>

/* Where the program has threads.  Pieces as small as they can be. */
void share_all(wg_program *p);

#endif
