/* Running another program without a shell: nothing in a path can be taken for a command. */
#ifndef DIGITS_LAUNCH_H
#define DIGITS_LAUNCH_H

typedef enum launch { LAUNCH_DONE, LAUNCH_NOT_FOUND, LAUNCH_FAILED } launch;

/* Runs command[0], searched along PATH, in the given folder, with nothing to read and its output
 * thrown away, and waits for it.  The words of the command end in a NULL. */
launch launch_in(const char *folder, const char *const command[]);

#endif
