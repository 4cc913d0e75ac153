/* Rows and columns of one element type: included once a type with T (the type), ACC (the type that is added and multiplied in: unsigned
 * for i32, whose results wrap around) and F(name) (name with the type's suffix) defined.
 *
 * A row is reduced by a tree whose form depends on the number of elements alone: a block of at most BLOCK elements is folded in halves
 * until SHORT or fewer are left, and a binary counter joins the blocks' results, two of equal size at a time.  So the bits are the same
 * for every stride and instruction set, and the error of a sum of n grows with log2 n: at most log2 n + SHORT roundings lie between an
 * element and the result.  Folding halves is elementwise work, which compilers vectorise as it stands. */

typedef T F(combine)(T a, T b);

/* Halves: y[l] = x[l] . x[l + h] for the upper m - h elements; an odd one in the middle stays. */
static inline ALWAYS_INLINE void F(halve)(int64_t m, int64_t h, T *restrict y, const T *restrict x, F(combine) *f)
{
    for (int64_t l = 0; l < m - h; l++)
        y[l] = f(x[l], x[l + h]);
    if (h > m - h)
        y[h - 1] = x[h - 1];
}

/* BLOCK elements, the extents written out for the compiler. */
static inline ALWAYS_INLINE T F(block)(const T *x, F(combine) *f)
{
    T a[BLOCK / 2], b[BLOCK / 4];
    F(halve)(BLOCK, BLOCK / 2, a, x, f);
    F(halve)(BLOCK / 2, BLOCK / 4, b, a, f);
    F(halve)(BLOCK / 4, BLOCK / 8, a, b, f);
    F(halve)(BLOCK / 8, BLOCK / 16, b, a, f);
    F(halve)(BLOCK / 16, BLOCK / 32, a, b, f);
    F(halve)(BLOCK / 32, BLOCK / 64, b, a, f);
    F(halve)(BLOCK / 64, BLOCK / 128, a, b, f);
    F(halve)(BLOCK / 128, BLOCK / 256, b, a, f);
    return f(f(b[0], b[1]), f(b[2], b[3]));
}

/* Fewer elements than a block, at least one. */
static inline ALWAYS_INLINE T F(rest)(int64_t m, const T *x, F(combine) *f)
{
    T a[BLOCK / 2], b[BLOCK / 4], *y = a;
    while (m > SHORT) {
        int64_t h = (m + 1) / 2;
        F(halve)(m, h, y, x, f);
        x = y;
        y = y == a ? b : a;
        m = h;
    }
    T s = x[0];
    for (int64_t i = 1; i < m; i++)
        s = f(s, x[i]);
    return s;
}

static inline ALWAYS_INLINE T F(piece)(int64_t m, const T *x, int64_t stride, F(combine) *f)
{
    T gathered[BLOCK];
    if (stride != 1) {
        for (int64_t i = 0; i < m; i++)
            gathered[i] = x[i * stride];
        x = gathered;
    }
    return m == BLOCK ? F(block)(x, f) : F(rest)(m, x, f);
}

/* A long row, n >= BLOCK.  level[k] holds the result of 2^k blocks while bit k of the number of blocks is set. */
static inline ALWAYS_INLINE T F(long_row)(int64_t n, const T *x, int64_t stride, F(combine) *f)
{
    T level[64], s;
    int64_t blocks = 0;
    for (; n >= BLOCK; n -= BLOCK, x += BLOCK * stride) {
        int k = 0;
        for (s = F(piece)(BLOCK, x, stride, f); blocks >> k & 1; k++)
            s = f(level[k], s);
        level[k] = s;
        blocks++;
    }
    bool any = n > 0;
    s = any ? F(piece)(n, x, stride, f) : 0;
    for (int k = 0; blocks >> k; k++)
        if (blocks >> k & 1) {
            s = any ? f(level[k], s) : level[k];
            any = true;
        }
    return s;
}

/* A row of at least one element. */
static inline ALWAYS_INLINE T F(row)(int64_t n, const T *x, int64_t stride, F(combine) *f)
{
    if (n >= BLOCK)
        return F(long_row)(n, x, stride, f);
    if (n > SHORT)
        return F(piece)(n, x, stride, f);
    T s = x[0];
    for (int64_t i = 1; i < n; i++)
        s = f(s, x[i * stride]);
    return s;
}

static inline ALWAYS_INLINE void F(column)(int64_t n, T *restrict y, const T *restrict x, F(combine) *f)
{
    for (int64_t j = 0; j < n; j++)
        y[j] = f(y[j], x[j]);
}

/* One reduction: how two partial results a and b become one, and the result r of a whole row from the tree's. */
#define REDUCTION(name, nothing, combined, result)                                         \
    static inline ALWAYS_INLINE T F(name##_two)(T a, T b) { return (T)(combined); }        \
    static void F(name##_row)(int64_t n, void *y, const void *x, int64_t stride)           \
    {                                                                                      \
        T r = n > 0 ? F(row)(n, x, stride, F(name##_two)) : (T)(nothing);                  \
        *(T *)y = (T)(result);                                                             \
    }                                                                                      \
    static void F(name##_column)(int64_t n, void *y, const void *x) { F(column)(n, y, x, F(name##_two)); }

REDUCTION(sum, 0, (ACC)a + (ACC)b, r)
REDUCTION(prod, 1, (ACC)a * (ACC)b, r)
REDUCTION(max, LOWEST, ((b > a) | (b != b)) ? b : a, r)
REDUCTION(min, HIGHEST, ((b < a) | (b != b)) ? b : a, r)
REDUCTION(any, 0, (a != 0) | (b != 0), r != 0)
REDUCTION(all, 1, (a != 0) & (b != 0), r != 0)
#undef REDUCTION
