/* Examples of wengert/elementwise.h: what a statement prints stands behind it. */
#include <math.h>
#include <wengert.h>

int main(void)
{
    wg_tape *t = wg_tape_new(WG_F64);
    wg_tensor *a = wg_constant(t, WG_SHAPE(3), (double[]){1, 4, 9});
    wg_tensor *b = wg_constant(t, WG_SHAPE(3), (double[]){2, 2, -3});
    wg_tensor *column = wg_constant(t, WG_SHAPE(2, 1), (double[]){10, 20});

    /* arithmetic */
    wg_print(wg_add(a, b));                                /* [3, 6, 6] */
    wg_print(wg_add(a, column));                           /* [[11, 14, 19], [21, 24, 29]] */
    wg_print(wg_sub(a, b));                                /* [-1, 2, 12] */
    wg_print(wg_mul(a, b));                                /* [2, 8, -27] */
    wg_print(wg_div(a, b));                                /* [0.5, 2, -3] */
    wg_print(wg_pow(a, b));                                /* [1, 16, 0.00137174] */
    wg_print(wg_maximum(a, b));                            /* [2, 4, 9] */
    wg_print(wg_minimum(a, b));                            /* [1, 2, -3] */
    wg_print(wg_atan2(wg_scalar(t, 1), wg_scalar(t, -1))); /* 2.35619 */
    wg_print(wg_hypot(wg_scalar(t, 3), wg_scalar(t, 4)));  /* 5 */

    /* with a number */
    wg_print(wg_add_scalar(a, 2));   /* [3, 6, 11] */
    wg_print(wg_sub_scalar(a, 2));   /* [-1, 2, 7] */
    wg_print(wg_rsub(a, 2));         /* [1, -2, -7] */
    wg_print(wg_mul_scalar(a, 2));   /* [2, 8, 18] */
    wg_print(wg_div_scalar(a, 2));   /* [0.5, 2, 4.5] */
    wg_print(wg_rdiv(a, 36));        /* [36, 9, 4] */
    wg_print(wg_pow_scalar(a, 0.5)); /* [1, 2, 3] */

    /* comparisons and choice */
    wg_tensor *x = wg_constant(t, WG_SHAPE(4), (double[]){-2, -0.5, 0, 3});
    wg_tensor *y = wg_constant(t, WG_SHAPE(4), (double[]){-1, -0.5, 1, 2});
    wg_print(wg_lt(x, y));                    /* [1, 0, 1, 0] */
    wg_print(wg_le(x, y));                    /* [1, 1, 1, 0] */
    wg_print(wg_gt(x, y));                    /* [0, 0, 0, 1] */
    wg_print(wg_ge(x, y));                    /* [0, 1, 0, 1] */
    wg_print(wg_eq(x, y));                    /* [0, 1, 0, 0] */
    wg_print(wg_ne(x, y));                    /* [1, 0, 1, 1] */
    wg_print(wg_logical_and(x, wg_gt(y, x))); /* [1, 0, 0, 0] */
    wg_print(wg_logical_or(x, wg_gt(y, x)));  /* [1, 1, 1, 1] */
    wg_print(wg_logical_not(x));              /* [0, 0, 1, 0] */
    wg_print(wg_where(wg_lt(x, y), x, y));    /* [-2, -0.5, 0, 2] */

    /* one argument */
    wg_print(wg_neg(x));                              /* [2, 0.5, -0, -3] */
    wg_print(wg_abs(x));                              /* [2, 0.5, 0, 3] */
    wg_print(wg_sign(x));                             /* [-1, -1, 0, 1] */
    wg_print(wg_square(x));                           /* [4, 0.25, 0, 9] */
    wg_print(wg_sqrt(a));                             /* [1, 2, 3] */
    wg_print(wg_rsqrt(a));                            /* [1, 0.5, 0.333333] */
    wg_print(wg_reciprocal(a));                       /* [1, 0.25, 0.111111] */
    wg_print(wg_exp(x));                              /* [0.135335, 0.606531, 1, 20.0855] */
    wg_print(wg_expm1(wg_scalar(t, 1e-10)));          /* 1e-10 */
    wg_print(wg_log(a));                              /* [0, 1.38629, 2.19722] */
    wg_print(wg_log1p(wg_scalar(t, 1e-10)));          /* 1e-10 */
    wg_print(wg_log2(a));                             /* [0, 2, 3.16993] */
    wg_print(wg_sin(x));                              /* [-0.909297, -0.479426, 0, 0.14112] */
    wg_print(wg_cos(x));                              /* [-0.416147, 0.877583, 1, -0.989992] */
    wg_print(wg_tan(x));                              /* [2.18504, -0.546302, 0, -0.142547] */
    wg_print(wg_asin(wg_scalar(t, 0.5)));             /* 0.523599 */
    wg_print(wg_acos(wg_scalar(t, 0.5)));             /* 1.0472 */
    wg_print(wg_atan(wg_scalar(t, 1)));               /* 0.785398 */
    wg_print(wg_sinh(x));                             /* [-3.62686, -0.521095, 0, 10.0179] */
    wg_print(wg_cosh(x));                             /* [3.7622, 1.12763, 1, 10.0677] */
    wg_print(wg_tanh(x));                             /* [-0.964028, -0.462117, 0, 0.995055] */
    wg_print(wg_asinh(x));                            /* [-1.44364, -0.481212, 0, 1.81845] */
    wg_print(wg_acosh(a));                            /* [0, 2.06344, 2.88727] */
    wg_print(wg_atanh(wg_scalar(t, 0.5)));            /* 0.549306 */
    wg_print(wg_erf(x));                              /* [-0.995322, -0.5205, 0, 0.999978] */
    wg_print(wg_erfc(x));                             /* [1.99532, 1.5205, 1, 2.20905e-05] */
    wg_print(wg_lgamma(a));                           /* [0, 1.79176, 10.6046] */
    wg_print(wg_digamma(a));                          /* [-0.577216, 1.25612, 2.14064] */
    wg_print(wg_polygamma(1, a));                     /* [1.64493, 0.283823, 0.117512] */
    wg_print(wg_floor(x));                            /* [-2, -1, 0, 3] */
    wg_print(wg_ceil(x));                             /* [-2, -0, 0, 3] */
    wg_print(wg_round(wg_mul_scalar(x, 3)));          /* [-6, -2, 0, 9] */
    wg_print(wg_clamp(x, -1, 1));                     /* [-1, -0.5, 0, 1] */
    wg_print(wg_isfinite(wg_div(x, x)));              /* [1, 1, 0, 1] */
    wg_print(wg_cast(wg_mul_scalar(x, 1.5), WG_I32)); /* [-3, 0, 0, 4] */

    /* activations */
    wg_print(wg_sigmoid(x));          /* [0.119203, 0.377541, 0.5, 0.952574] */
    wg_print(wg_relu(x));             /* [0, 0, 0, 3] */
    wg_print(wg_leaky_relu(x, 0.1));  /* [-0.2, -0.05, 0, 3] */
    wg_print(wg_elu(x, 1));           /* [-0.864665, -0.393469, 0, 3] */
    wg_print(wg_selu(x));             /* [-1.52017, -0.691758, 0, 3.1521] */
    wg_print(wg_silu(x));             /* [-0.238406, -0.18877, 0, 2.85772] */
    wg_print(wg_gelu(x));             /* [-0.0455003, -0.154269, 0, 2.99595] */
    wg_print(wg_gelu_tanh(x));        /* [-0.0454023, -0.154286, 0, 2.99636] */
    wg_print(wg_softplus(x));         /* [0.126928, 0.474077, 0.693147, 3.04859] */
    wg_print(wg_hard_sigmoid(x));     /* [0.166667, 0.416667, 0.5, 1] */
    wg_print(wg_piecewise_linear(x)); /* [0, 0, 0.5, 1] */
    wg_print(wg_heaviside(x));        /* [0, 0, 0.5, 1] */

    wg_tape_free(t);
}
