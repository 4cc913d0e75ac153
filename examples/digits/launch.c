#define _POSIX_C_SOURCE 200809L
#include "launch.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

enum { NOT_FOUND = 127 }; /* as a shell says it */

static void become(const char *folder, const char *const command[])
{
    int nothing = open("/dev/null", O_RDWR);
    if (nothing < 0 || chdir(folder) || dup2(nothing, 0) < 0 || dup2(nothing, 1) < 0 ||
        dup2(nothing, 2) < 0)
        _exit(1);
    execvp(command[0], (char *const *)command); /* which does not write to it */
    _exit(errno == ENOENT || errno == EACCES || errno == ENOTDIR ? NOT_FOUND : 1);
}

launch launch_in(const char *folder, const char *const command[])
{
    fflush(NULL);
    pid_t child = fork();
    if (child < 0)
        return LAUNCH_FAILED;
    if (child == 0)
        become(folder, command);
    int status = 0;
    while (waitpid(child, &status, 0) < 0)
        if (errno != EINTR)
            return LAUNCH_FAILED;
    if (WIFEXITED(status) && WEXITSTATUS(status) == NOT_FOUND)
        return LAUNCH_NOT_FOUND;
    return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? LAUNCH_DONE : LAUNCH_FAILED;
}
