#define _POSIX_C_SOURCE 200809L
#include "pictures.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "folder.h"
#include "launch.h"
#include "sheet.h"

static bool complain(const char *folder, const char *name, const char *wants, int error)
{
    fprintf(stderr, "digits: \"%s%s%s\": wants %s: %s\n", folder, *name ? "/" : "", name, wants,
            strerror(error));
    return false;
}

bool make_folder(const char *path)
{
    int error = make_folders(path);
    return error == 0 || complain(path, "", "a folder that exists or can be made", error);
}

/* ---- what the pictures are made from ---- */

typedef struct story {
    const step *drawing;
    const history *h;
    const set *test_set;
} story;

static bool write_network(FILE *f, const story *s)
{
    return wg_write_dot(s->drawing->outputs, s->drawing->output, f) == WG_OK;
}

static bool write_curves(FILE *f, const story *s)
{
    fputs("epoch,cost,accuracy\n", f);
    for (int64_t e = 0; e < s->h->epochs; e++)
        fprintf(f, "%lld,%.9g,%.4f\n", (long long)e + 1, s->h->cost[e], 100 * s->h->correct[e]);
    return true;
}

static bool write_curves_script(FILE *f, const story *s)
{
    (void)s;
    fputs("set terminal pngcairo size 900,700 font ',11'\n"
          "set output 'curves.png'\n"
          "set datafile separator ','\n"
          "set grid\n"
          "set style data linespoints\n"
          "set lmargin 10\n"
          "set multiplot layout 2,1\n"
          "set ylabel 'cost while training'\n"
          "plot 'curves.csv' using 1:2 skip 1 notitle lw 2 pt 7 ps 0.5 lc rgb '#1f5fa8'\n"
          "set xlabel 'epoch'\n"
          "set ylabel 'test digits told right, %'\n"
          "plot 'curves.csv' using 1:3 skip 1 notitle lw 2 pt 7 ps 0.5 lc rgb '#2e8b57'\n"
          "unset multiplot\n",
          f);
    return true;
}

static bool write_pixels(FILE *f, const story *s)
{
    write_sheet_pixels(f, s->test_set, s->h->said);
    return true;
}

static bool write_script(FILE *f, const story *s)
{
    write_sheet_script(f, s->test_set, s->h->said, "digits.txt");
    return true;
}

typedef struct input {
    const char *name;
    bool (*write)(FILE *f, const story *s);
} input;

static bool write_input(const char *folder, const input *in, const story *s)
{
    size_t room = strlen(folder) + strlen(in->name) + 2;
    char *path = malloc(room);
    FILE *f = NULL;
    errno = ENOMEM;
    if (path) {
        snprintf(path, room, "%s/%s", folder, in->name);
        f = fopen(path, "w");
    }
    free(path);
    bool good = f && in->write(f, s) && !ferror(f);
    if (f && fclose(f))
        good = false;
    return good || complain(folder, in->name, "a file that can be written", errno);
}

/* ---- one a line ---- */

/* Programs run in the folder, so that their words are these and nothing of the user's. */
static const struct picture {
    const char *name;
    input from[2];
    const char *command[6];
} pictures[] = {
    {"network.svg",
     {{"network.dot", write_network}},
     {"dot", "-Tsvg", "network.dot", "-o", "network.svg"}},
    {"curves.png",
     {{"curves.gp", write_curves_script}, {"curves.csv", write_curves}},
     {"gnuplot", "-d", "curves.gp"}},
    {"digits.png",
     {{"digits.gp", write_script}, {"digits.txt", write_pixels}},
     {"gnuplot", "-d", "digits.gp"}},
};

bool make_pictures(const char *folder, const step *drawing, const history *h, const set *test_set)
{
    const story s = {drawing, h, test_set};
    for (size_t i = 0; i < sizeof pictures / sizeof *pictures; i++) {
        const struct picture *p = &pictures[i];
        for (int k = 0; k < 2 && p->from[k].name; k++)
            if (!write_input(folder, &p->from[k], &s))
                return false;
        char said[LAUNCH_LINE];
        launch result = launch_in(folder, p->command, said);
        if (result == LAUNCH_DONE)
            printf("picture: %s/%s\n", folder, p->name);
        else
            printf("no %s: %s %s%s%s%s; its input is left: %s/%s\n", p->name, p->command[0],
                   result == LAUNCH_NOT_FOUND ? "was not found" : "failed", *said ? " (" : "", said,
                   *said ? ")" : "", folder, p->from[0].name);
    }
    return true;
}
