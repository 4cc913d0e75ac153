/* Saving a model and going on later: parameters by their names, and the run counter, from which
 * draws go on.  What was loaded trains on to the same bits as what never stopped.
 * The network learns sin x on [-3, 3]; its update has momentum, which is state as well. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wengert.h>

/* ---- any tape's parameters, as records of name, count and values ---- */

static bool save(const wg_tape *t, FILE *f)
{
    const uint64_t run = wg_run_counter(t);
    bool fine = fwrite(&run, sizeof run, 1, f) == 1;
    for (int64_t i = 0; fine && i < wg_node_count(t); i++) {
        wg_tensor *p = wg_node(t, i);
        if (wg_leaf_kind_of(p) != WG_PARAM)
            continue;
        const int64_t head[] = {(int64_t)strlen(wg_name(p)), wg_count_of(p)};
        const size_t length = (size_t)head[0], count = (size_t)head[1];
        double *v = malloc(count * sizeof *v + 1); /* f64 holds every f32 */
        fine = v && wg_get_f64(p, v) == WG_OK && fwrite(head, sizeof head, 1, f) == 1
               && fwrite(wg_name(p), 1, length, f) == length
               && fwrite(v, sizeof *v, count, f) == count;
        free(v);
    }
    return fine;
}

/* Into parameters that are there already: the model is recorded first. */
static bool load(wg_tape *t, FILE *f)
{
    uint64_t run;
    int64_t head[2];
    char name[100];
    if (fread(&run, sizeof run, 1, f) != 1)
        return false;
    wg_set_run_counter(t, run);
    while (fread(head, sizeof head, 1, f) == 1) {
        if (head[0] < 1 || head[0] >= (int64_t)sizeof name
            || fread(name, 1, (size_t)head[0], f) != (size_t)head[0])
            return false;
        name[head[0]] = 0;
        wg_tensor *p = wg_find(t, name);
        if (!p || wg_leaf_kind_of(p) != WG_PARAM || wg_count_of(p) != head[1])
            return false;
        const size_t count = (size_t)head[1];
        double *v = malloc(count * sizeof *v + 1);
        const bool fine = v && fread(v, sizeof *v, count, f) == count && !wg_set_f64(p, v);
        free(v);
        if (!fine)
            return false;
    }
    return feof(f) != 0;
}

/* ---- what is trained ---- */

enum { WIDTH = 16, BATCH = 32, PARAMS = 4 };

static wg_program *record(wg_tape *t)
{
    wg_seed(t, 1);
    wg_tensor *w[PARAMS] = {wg_param(t, "first/W", WG_SHAPE(1, WIDTH), wg_init_glorot()),
                            wg_param(t, "first/b", WG_SHAPE(WIDTH), wg_init_zeros()),
                            wg_param(t, "second/W", WG_SHAPE(WIDTH, 1), wg_init_glorot()),
                            wg_param(t, "second/b", WG_SHAPE(1), wg_init_zeros())};
    wg_tensor *x = wg_uniform(t, WG_SHAPE(BATCH, 1), -3, 3);
    wg_tensor *h = wg_tanh(wg_add(wg_matmul(x, w[0]), w[1])),
              *loss = wg_mse(wg_add(wg_matmul(h, w[2]), w[3]), wg_sin(x)), *g[PARAMS];
    wg_grad(loss, PARAMS, w, g);
    wg_tensor *out[1 + 2 * PARAMS] = {loss};
    for (int i = 0; i < PARAMS; i++) {
        char name[40];
        snprintf(name, sizeof name, "%s/momentum", wg_name(w[i]));
        wg_tensor *m = wg_param(t, name, wg_shape_of(w[i]), wg_init_zeros()),
                  *m1 = wg_add(wg_mul_scalar(m, 0.9), g[i]);
        out[1 + 2 * i] = wg_assign(m, m1);
        out[2 + 2 * i] = wg_assign(w[i], wg_sub(w[i], wg_mul_scalar(m1, 0.02)));
    }
    return wg_compile(1 + 2 * PARAMS, out);
}

static float train(wg_program *p, int steps)
{
    for (int k = 0; k < steps; k++)
        wg_run(p);
    const float *loss = wg_output(p, 0);
    return loss ? *loss : -1;
}

int main(void)
{
    wg_tape *t = wg_tape_new(WG_F32), *later = wg_tape_new(WG_F32);
    wg_program *p = record(t), *q = record(later);
    FILE *f = tmpfile();
    printf("step  500  loss %.2e\n", (double)train(p, 500));
    const bool saved = f && save(t, f);
    if (saved)
        rewind(f);
    printf("saved: %s, loaded: %s\n", saved ? "yes" : "no", saved && load(later, f) ? "yes" : "no");
    const float went_on = train(p, 500), loaded = train(q, 500);
    printf("step 1000  loss %.2e, and of what was loaded %.2e\n", (double)went_on, (double)loaded);
    printf("the same bits: %s\n", memcmp(&went_on, &loaded, sizeof loaded) == 0 ? "yes" : "no");
    if (f)
        fclose(f);
    wg_tape_free(t);
    wg_tape_free(later);
}
