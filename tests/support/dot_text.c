/* Drawings as text: one statement a line, as the library writes them. */
#include "support/dot_text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

enum { MOST = 1 << 22 };

const char *dot_text(int n, wg_tensor *const *outputs, const wg_dot_options *options)
{
    static char text[MOST];
    FILE *f = tmpfile();
    assert_non_null(f);
    wg_status s = options ? wg_write_dot_with(n, outputs, options, f) : wg_write_dot(n, outputs, f);
    assert_int_equal(s, WG_OK);
    rewind(f);
    text[fread(text, 1, MOST - 1, f)] = 0;
    fclose(f);
    return text;
}

void dot_takes(const char *text)
{
    FILE *f = tmpfile();
    assert_non_null(f);
    fputs(text, f);
    fflush(f);
    rewind(f);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        if (dup2(fileno(f), 0) < 0 || !freopen("/dev/null", "w", stdout))
            _exit(1);
        execlp("dot", "dot", "-Tsvg", (char *)NULL);
        _exit(127);
    }
    fclose(f);
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    if (WEXITSTATUS(status) == 127)
        print_message("not drawn: dot was not found\n");
    else
        assert_int_equal(WEXITSTATUS(status), 0);
}

/* ---- reading ---- */

/* What stands between before and the next quote that is not escaped. */
static void quoted(const char *line, const char *before, char *to, size_t size)
{
    const char *start = strstr(line, before);
    size_t n = 0;
    to[0] = 0;
    for (start = start ? start + strlen(before) : ""; *start && *start != '"'; start++) {
        if (*start == '\\' && n + 2 < size)
            to[n++] = *start++;
        if (n + 1 < size)
            to[n++] = *start;
    }
    to[n] = 0;
}

static void read_node(dot_graph *g, const char *line, int64_t id, const char *box)
{
    assert_true(g->nodes < DOT_MOST);
    if (dot_find(g, id))
        fail_msg("node %lld is drawn twice", (long long)id);
    dot_node *n = &g->node[g->nodes++];
    *n = (dot_node){.id = id, .times = 1};
    quoted(line, ", label=\"", n->label, sizeof n->label);
    snprintf(n->box, sizeof n->box, "%s", box);
    const char *others = strstr(line, " like it");
    if (others) {
        const char *and = others;
        while (strncmp(and, " and ", 5) != 0)
            and--;
        n->times += atoll(and + 5);
    }
}

static void read_edge(dot_graph *g, const char *line, int64_t from, int64_t to)
{
    assert_true(g->edges < DOT_MOST);
    dot_edge *e = &g->edge[g->edges++];
    *e = (dot_edge){.from = from, .to = to};
    const char *start = strchr(line, '[');
    if (start)
        snprintf(e->attributes, sizeof e->attributes, "%s", start);
}

static const char *line_after(const char *line)
{
    const char *end = strchr(line, '\n');
    return end ? end + 1 : line + strlen(line);
}

const dot_graph *dot_read(const char *text)
{
    static dot_graph g;
    static char line[1 << 16];
    char box[200] = "", title[200];
    int depth = 0;
    g.nodes = g.edges = 0;
    for (const char *at = text; *at; at = line_after(at)) {
        long long from, to;
        size_t length = (size_t)(line_after(at) - at);
        assert_true(length < sizeof line);
        memcpy(line, at, length);
        line[length] = 0;
        if (strncmp(line, "  subgraph cluster_", 19) == 0) {
            depth++;
            quoted(line_after(at), "label=\"", title, sizeof title);
            assert_true(strlen(box) + strlen(title) + 1 < sizeof box);
            strcat(strcat(box, title), "/");
        } else if (strcmp(line, "  }\n") == 0) {
            assert_true(depth-- > 0);
            box[strlen(box) - 1] = 0;
            char *last = strrchr(box, '/');
            *(last ? last + 1 : box) = 0;
        } else if (sscanf(line, "  n%lld -> n%lld", &from, &to) == 2) {
            read_edge(&g, line, from, to);
        } else if (sscanf(line, "  n%lld [", &from) == 1) {
            read_node(&g, line, from, box);
        }
    }
    assert_int_equal(depth, 0);
    for (int64_t i = 0; i < g.edges; i++)
        if (!dot_find(&g, g.edge[i].from) || !dot_find(&g, g.edge[i].to))
            fail_msg("the edge n%lld -> n%lld has an end that is not drawn",
                     (long long)g.edge[i].from, (long long)g.edge[i].to);
    return &g;
}

const dot_node *dot_find(const dot_graph *g, int64_t id)
{
    for (int64_t i = 0; i < g->nodes; i++)
        if (g->node[i].id == id)
            return &g->node[i];
    return NULL;
}
