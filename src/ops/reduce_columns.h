/* Columns of one element type: included once a type with T (the type), ACC (the type that is added
 * and multiplied in: unsigned for i32, whose results wrap around) and F(name) (name with the
 * type's suffix) defined. */

/* One reduction: how two partial results a and b become one. */
#define REDUCTION(name, combined)                                                          \
    static inline ALWAYS_INLINE T F(name##_two)(T a, T b) { return (T)(combined); }        \
    static void F(name##_column)(int64_t n, void *y_, const void *x_)                      \
    {                                                                                      \
        T *restrict y = y_;                                                                \
        const T *restrict x = x_;                                                          \
        for (int64_t j = 0; j < n; j++)                                                    \
            y[j] = F(name##_two)(y[j], x[j]);                                              \
    }

REDUCTION(sum, (ACC)a + (ACC)b)
REDUCTION(prod, (ACC)a * (ACC)b)
REDUCTION(max, ((b > a) | (b != b)) ? b : a)
REDUCTION(min, ((b < a) | (b != b)) ? b : a)
REDUCTION(any, (a != 0) | (b != 0))
REDUCTION(all, (a != 0) & (b != 0))
#undef REDUCTION
