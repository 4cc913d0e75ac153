/* The boxes of a drawing: nodes whose texts begin alike up to a slash, "layer1/", stand in one,
 * boxes within boxes, and what a fold shows once stands in a box that says how often it comes. */
#ifndef WG_LOOK_CLUSTER_H
#define WG_LOOK_CLUSTER_H

#include <wengert/base.h>

#include "look/fold.h"

/* What a node is for: for the value, for a derivative, or it uses a derivative,
 * as an update does. */
typedef enum wg_look_part { WG_PART_VALUE, WG_PART_GRADIENT, WG_PART_AFTER } wg_look_part;

/* A text's beginning up to a slash. */
typedef struct wg_path {
    const char *text;
    size_t length; /* with the slash; 0: no path */
} wg_path;

typedef struct wg_cluster {
    int32_t parent;             /* the box around it; -1: none */
    int32_t last_child, before; /* the last box within, and the one made before it; -1: none */
    int32_t first_node, last_node;
    int32_t stretch; /* whose repeats it shows; -1: none */
    int32_t times;   /* how often it comes */
    wg_look_part part;
    char title[64];
} wg_cluster;

typedef struct wg_clusters {
    wg_path *path;       /* of each node, by its place on the tape */
    unsigned char *part; /* wg_look_part */
    int32_t *next;       /* the next shown node of the same box */
    wg_cluster *box;     /* box[0] is the whole picture */
    int32_t boxes;
    int64_t capacity;
    int32_t *table; /* boxes by what tells them apart, with room for twice as many; -1: free */
    size_t places;  /* in the table: a power of two */
} wg_clusters;

/* boxes: whether texts make boxes; repeats get theirs in any case. */
wg_status wg_clusters_make(wg_clusters *c, wg_tape *t, const wg_fold *f, const unsigned char *mark,
                           bool boxes);
void wg_clusters_free(wg_clusters *c);

#endif
