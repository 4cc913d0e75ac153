/* Making folders. */
#ifndef DIGITS_FOLDER_H
#define DIGITS_FOLDER_H

/* Makes the folder and those that it lies in, where they are missing: 0, else what errno says.  A
 * path that names something else than a folder gives ENOTDIR. */
int make_folders(const char *path);

#endif
