/* Scans of one element type: included once a type with T (the type), ACC (what is added up in:
 * double for f32, so that an error does not grow along the line; unsigned for i32, whose results
 * wrap around) and F(name) (name with the type's suffix) defined. */

/* [outer, n, inner], along n; a few neighbouring lines at a time,
 * so that memory is read in order. */
static void F(cumsum)(int64_t outer, int64_t n, int64_t inner, T *y, const T *x)
{
    for (int64_t o = 0; o < outer; o++, x += n * inner, y += n * inner)
        for (int64_t j = 0; j < inner; j += LINES) {
            int64_t lines = inner - j < LINES ? inner - j : LINES;
            ACC sum[LINES] = {0};
            for (int64_t i = 0; i < n; i++)
                for (int64_t l = 0; l < lines; l++)
                    y[i * inner + j + l] = (T)(sum[l] += (ACC)x[i * inner + j + l]);
        }
}

static void F(recurrence)(int64_t outer, int64_t n, T *r, const T *a, const T *b)
{
    for (int64_t o = 0; o < outer; o++, a += n, b += n, r += n) {
        ACC last = 0;
        for (int64_t i = 0; i < n; i++) {
            last = i ? (ACC)b[i] + (ACC)a[i] * last : (ACC)b[i];
            r[i] = (T)last;
        }
    }
}
