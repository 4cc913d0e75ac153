#define _POSIX_C_SOURCE 200809L
#include "launch.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

enum { NOT_FOUND = 127 }; /* as a shell says it */

static void become(const char *folder, const char *const command[], FILE *errors)
{
    int nothing = open("/dev/null", O_RDWR);
    int error = errors ? fileno(errors) : nothing;
    if (nothing < 0 || chdir(folder) || dup2(nothing, 0) < 0 || dup2(nothing, 1) < 0
        || dup2(error, 2) < 0)
        _exit(1);
    execvp(command[0], (char *const *)command); /* which does not write to it */
    _exit(errno == ENOENT || errno == EACCES || errno == ENOTDIR ? NOT_FOUND : 1);
}

/* The last line of f that is not blank, without blanks around it. */
static void read_last_line(FILE *f, char said[LAUNCH_LINE])
{
    char line[LAUNCH_LINE];
    rewind(f);
    while (fgets(line, sizeof line, f)) {
        char *start = line + strspn(line, " \t\r\n"), *end = start + strlen(start);
        while (end > start && strchr(" \t\r\n", end[-1]))
            *--end = 0;
        if (*start)
            memmove(said, start, strlen(start) + 1);
    }
}

static launch run(const char *folder, const char *const command[], FILE *errors)
{
    fflush(NULL);
    pid_t child = fork();
    if (child < 0)
        return LAUNCH_FAILED;
    if (child == 0)
        become(folder, command, errors);
    int status = 0;
    while (waitpid(child, &status, 0) < 0)
        if (errno != EINTR)
            return LAUNCH_FAILED;
    if (WIFEXITED(status) && WEXITSTATUS(status) == NOT_FOUND)
        return LAUNCH_NOT_FOUND;
    return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? LAUNCH_DONE : LAUNCH_FAILED;
}

launch launch_in(const char *folder, const char *const command[], char said[LAUNCH_LINE])
{
    FILE *errors = tmpfile(); /* without one, what the command says is lost and nothing else */
    launch result = run(folder, command, errors);
    said[0] = 0;
    if (errors) {
        read_last_line(errors, said);
        fclose(errors);
    }
    return result;
}
