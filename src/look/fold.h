/* Which nodes a drawing leaves out because others look like them: of a stretch of nodes that comes
 * again and again, each time fed by the one before, the first is shown, and stands for all.
 *
 * Nodes look alike if they are of one op, shape and dtype and their texts differ in numbers at
 * most.  Stretches are alike if their nodes look alike, one by one, and so do the inputs: nodes at
 * the same places of their stretches, or nodes outside that look alike.
 * Attributes are not shown and not compared, but for the numbers that stand in a drawing. */
#ifndef WG_LOOK_FOLD_H
#define WG_LOOK_FOLD_H

#include <wengert/base.h>

typedef struct wg_fold {
    int64_t count;    /* nodes, by their places on the tape */
    int32_t *shown;   /* the node in whose place each is shown: itself,
                       * or the first that it is like */
    int32_t *next;    /* the next node that is shown in the same place; -1: none.
                       * From a shown node on all are met */
    int32_t *last;    /* of a shown node: the last of them */
    int32_t *times;   /* of a shown node: how many it stands for */
    int32_t *stretch; /* which stretch the node is part of; -1: none */
    int32_t *copy;    /* the how manieth repeat of its stretch it is in */
    int32_t stretches;
} wg_fold;

enum { WG_FOLD_REACHED = 1, WG_FOLD_OUTPUT = 2 };

/* mark: of each node, whether it is part of the drawing and an output of it.  A stretch is folded
 * if it comes at least `least` times and `hidden` nodes or more then go;
 * never, if least is below 2. */
wg_status wg_fold_nodes(wg_fold *f, wg_tape *t, int64_t count, const unsigned char *mark, int least,
                        int64_t hidden);
void wg_fold_free(wg_fold *f);

#endif
