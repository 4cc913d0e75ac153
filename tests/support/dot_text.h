/* Drawings as text, and read back: nodes with what they say, the boxes around them, edges. */
#ifndef WG_TESTS_DOT_TEXT_H
#define WG_TESTS_DOT_TEXT_H

#include <wengert.h>

/* The drawing, in a buffer that the next call overwrites.
 * Fails the test if it cannot be written. */
const char *dot_text(int n, wg_tensor *const *outputs, const wg_dot_options *options);

/* Feeds the text to `dot -Tsvg` and fails the test if it is refused;
 * says so where there is no dot. */
void dot_takes(const char *text);

typedef struct dot_node {
    int64_t id;
    int64_t times;   /* how many nodes it stands for */
    char label[400]; /* as it stands in the file */
    char box[200];   /* titles of the boxes around it, outermost first,
                      * each with a slash behind it */
} dot_node;

typedef struct dot_edge {
    int64_t from, to;
    char attributes[400];
} dot_edge;

enum { DOT_MOST = 4096 };
typedef struct dot_graph {
    int64_t nodes, edges;
    dot_node node[DOT_MOST];
    dot_edge edge[DOT_MOST];
} dot_graph;

/* What a text says, valid until the next call.  Fails the test if it does not hang together: an
 * edge of an unknown node, a node twice, a brace too many. */
const dot_graph *dot_read(const char *text);

/* The node of that id; NULL if it is not drawn. */
const dot_node *dot_find(const dot_graph *g, int64_t id);

#endif
