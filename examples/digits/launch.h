/* Running another program without a shell: nothing in a path can be taken for a command. */
#ifndef DIGITS_LAUNCH_H
#define DIGITS_LAUNCH_H

typedef enum launch { LAUNCH_DONE, LAUNCH_NOT_FOUND, LAUNCH_FAILED } launch;

/* Runs command[0], searched along PATH, in the given folder, with nothing to read and its output
 * thrown away, and waits for it.  The words of the command end in a NULL.  said: the last line
 * that it wrote to stderr, where programs say why they gave up; empty if it wrote none. */
enum { LAUNCH_LINE = 200 };
launch launch_in(const char *folder, const char *const command[], char said[LAUNCH_LINE]);

#endif
