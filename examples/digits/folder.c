#define _POSIX_C_SOURCE 200809L
#include "folder.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

int make_folders(const char *path)
{
    size_t length = strlen(path);
    char *part = malloc(length + 1);
    int error = part ? 0 : ENOMEM;
    for (size_t i = 1; part && i <= length; i++) {
        if (path[i] != '/' && path[i] != 0)
            continue;
        memcpy(part, path, i);
        part[i] = 0;
        error = mkdir(part, 0777) ? errno : 0;
    }
    free(part);
    struct stat s;
    if (error == EEXIST || error == 0)
        error = stat(path, &s) ? errno : S_ISDIR(s.st_mode) ? 0 : ENOTDIR;
    return error;
}
