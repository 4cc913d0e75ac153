#include "support/op_calls.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static wg_dtype dtype_of(char kind, op_mutation how)
{
    if (how == AS_F32 || how == AS_F64)
        return how == AS_F32 ? WG_F32 : WG_F64;
    return how == AS_I32 || kind == 'i' ? WG_I32 : kind == 'd' ? WG_F64 : WG_F32;
}

bool op_make_operand(void *user, const char *token, wg_tensor **x)
{
    op_maker *m = user;
    const char *colon = strchr(token, ':');
    op_mutation how = m->made++ == m->at ? m->how : AS_WRITTEN;
    if (!colon || colon - token > 15 || !strchr("fdio-", colon[1]))
        return false;
    *x = NULL;
    if (colon[1] == '-' || how == AS_NULL)
        return true;
    if (colon[2] != '[')
        return false;
    int64_t dim[WG_MAX_RANK + 2];
    int n = 0;
    const char *s = colon + 3;
    for (char *end; *s && *s != ']' && n < WG_MAX_RANK + 2; s = end + strspn(end, " ")) {
        dim[n++] = strtoll(s, &end, 10);
        if (end == s)
            return false;
    }
    char name[16];
    snprintf(name, sizeof name, "%.*s", (int)(colon - token), token);
    wg_tape *t = how == ON_ANOTHER_TAPE || colon[1] == 'o' ? m->other : m->tape;
    *x = wg_find(t, name);
    if (!*x)
        *x = wg_input_as(t, name, dtype_of(colon[1], how), wg_make_shape(n, dim));
    return *x != NULL;
}

const op_good_call op_good[] = {
    {"add a:f[2 3] b:f[3]", TAKES_I32},
    {"sub a:f[2 3] b:f[3]", TAKES_I32},
    {"mul a:f[2 3] b:f[3]", TAKES_I32},
    {"div a:f[2 3] b:f[3]", FLOATS},
    {"pow a:f[2 3] b:f[3]", FLOATS},
    {"maximum a:f[2 3] b:f[3]", TAKES_I32},
    {"minimum a:f[2 3] b:f[3]", TAKES_I32},
    {"atan2 a:f[2 3] b:f[3]", FLOATS},
    {"hypot a:f[2 3] b:f[3]", FLOATS},
    {"add_scalar x:f[3] 2", OPEN_I32},
    {"sub_scalar x:f[3] 2", OPEN_I32},
    {"rsub x:f[3] 2", OPEN_I32},
    {"mul_scalar x:f[3] 2", OPEN_I32},
    {"div_scalar x:f[3] 2", OPEN_I32},
    {"rdiv x:f[3] 2", OPEN_I32},
    {"pow_scalar x:f[3] 2", OPEN_I32},
    {"lt a:f[2 3] b:f[3]", TAKES_I32},
    {"le a:f[2 3] b:f[3]", TAKES_I32},
    {"gt a:f[2 3] b:f[3]", TAKES_I32},
    {"ge a:f[2 3] b:f[3]", TAKES_I32},
    {"eq a:f[2 3] b:f[3]", TAKES_I32},
    {"ne a:f[2 3] b:f[3]", TAKES_I32},
    {"logical_and a:f[2 3] b:f[3]", TAKES_I32},
    {"logical_or a:f[2 3] b:f[3]", TAKES_I32},
    {"logical_not x:f[3]", TAKES_I32},
    {"where c:i[2 1] a:f[2 3] b:f[3]", TAKES_I32 | FIRST_ANY},
    {"neg x:f[3]", TAKES_I32},
    {"abs x:f[3]", TAKES_I32},
    {"sign x:f[3]", TAKES_I32},
    {"square x:f[3]", TAKES_I32},
    {"sqrt x:f[3]", FLOATS},
    {"rsqrt x:f[3]", FLOATS},
    {"reciprocal x:f[3]", FLOATS},
    {"exp x:f[3]", FLOATS},
    {"expm1 x:f[3]", FLOATS},
    {"log x:f[3]", FLOATS},
    {"log1p x:f[3]", FLOATS},
    {"log2 x:f[3]", FLOATS},
    {"sin x:f[3]", FLOATS},
    {"cos x:f[3]", FLOATS},
    {"tan x:f[3]", FLOATS},
    {"asin x:f[3]", FLOATS},
    {"acos x:f[3]", FLOATS},
    {"atan x:f[3]", FLOATS},
    {"sinh x:f[3]", FLOATS},
    {"cosh x:f[3]", FLOATS},
    {"tanh x:f[3]", FLOATS},
    {"asinh x:f[3]", FLOATS},
    {"acosh x:f[3]", FLOATS},
    {"atanh x:f[3]", FLOATS},
    {"erf x:f[3]", FLOATS},
    {"erfc x:f[3]", FLOATS},
    {"lgamma x:f[3]", FLOATS},
    {"digamma x:f[3]", FLOATS},
    {"polygamma x:f[3] 1", FLOATS},
    {"floor x:f[3]", FLOATS},
    {"ceil x:f[3]", FLOATS},
    {"round x:f[3]", FLOATS},
    {"clamp x:f[3] -1 1", TAKES_I32},
    {"isfinite x:f[3]", FLOATS},
    {"cast x:f[3] 1", TAKES_I32},
    {"sigmoid x:f[3]", FLOATS},
    {"relu x:f[3]", FLOATS},
    {"leaky_relu x:f[3] 0.5", FLOATS},
    {"elu x:f[3] 1", FLOATS},
    {"selu x:f[3]", FLOATS},
    {"silu x:f[3]", FLOATS},
    {"gelu x:f[3]", FLOATS},
    {"gelu_tanh x:f[3]", FLOATS},
    {"softplus x:f[3]", FLOATS},
    {"hard_sigmoid x:f[3]", FLOATS},
    {"piecewise_linear x:f[3]", FLOATS},
    {"heaviside x:f[3]", FLOATS},

    {"sum x:f[2 3]", OPEN_I32},
    {"sum_axes x:f[2 3] [0] 1", OPEN_I32},
    {"mean x:f[2 3]", FLOATS},
    {"mean_axes x:f[2 3] [0] 1", FLOATS},
    {"prod x:f[2 3]", OPEN_I32},
    {"prod_axes x:f[2 3] [0] 1", OPEN_I32},
    {"max x:f[2 3]", OPEN_I32},
    {"max_axes x:f[2 3] [0] 1", OPEN_I32},
    {"min x:f[2 3]", OPEN_I32},
    {"min_axes x:f[2 3] [0] 1", OPEN_I32},
    {"logsumexp x:f[2 3]", FLOATS},
    {"logsumexp_axes x:f[2 3] [0] 1", FLOATS},
    {"var x:f[2 3] 1", FLOATS},
    {"var_axes x:f[2 3] [0] 1 1", FLOATS},
    {"std x:f[2 3] 1", FLOATS},
    {"std_axes x:f[2 3] [0] 1 1", FLOATS},
    {"norm x:f[2 3] 2", FLOATS},
    {"norm_axes x:f[2 3] [0] 1 2", FLOATS},
    {"any x:f[2 3]", OPEN_I32},
    {"any_axes x:f[2 3] [0] 1", OPEN_I32},
    {"all x:f[2 3]", OPEN_I32},
    {"all_axes x:f[2 3] [0] 1", OPEN_I32},
    {"argmax x:f[2 3] 1 0", OPEN_I32},
    {"argmin x:f[2 3] 1 0", OPEN_I32},
    {"cumsum x:f[2 3] 1", OPEN_I32},
    {"cumprod x:f[2 3] 1", OPEN_I32},
    {"linear_recurrence a:f[2 3] b:f[2 3]", FLOATS},
    {"sort x:f[2 3] 1 0", OPEN_I32},
    {"argsort x:f[2 3] 1 0", OPEN_I32},
    {"topk x:f[2 3] 2 1 1 0", OPEN_I32},

    {"reshape x:f[2 3] [6]", TAKES_I32},
    {"flatten x:f[2 3]", TAKES_I32},
    {"squeeze x:f[2 1] [1]", TAKES_I32},
    {"unsqueeze x:f[2 3] 0", TAKES_I32},
    {"transpose x:f[2 3]", TAKES_I32},
    {"permute x:f[2 3] [1 0]", TAKES_I32},
    {"broadcast_to x:f[3] [2 3]", TAKES_I32},
    {"sum_to x:f[2 3] [3]", OPEN_I32},
    {"slice x:f[5] 0 1 4 2", TAKES_I32},
    {"select x:f[2 3] 0 1", TAKES_I32},
    {"flip x:f[2 3] [0]", TAKES_I32},
    {"pad x:f[2] [1] [1] 0", TAKES_I32},
    {"repeat x:f[2] [3]", TAKES_I32},
    {"repeat_interleave x:f[2] 3 0", TAKES_I32},
    {"concat a:f[2] b:f[3] 0", TAKES_I32},
    {"stack a:f[2] b:f[2] 0", TAKES_I32},
    {"split x:f[5] 0 [2 3] 1", TAKES_I32},
    {"diag x:f[3] 0", TAKES_I32},
    {"trace x:f[3 3]", OPEN_I32},
    {"tril x:f[3 3] 0", OPEN_I32},
    {"triu x:f[3 3] 0", OPEN_I32},
    {"arange 0 3 1", FLOATS},
    {"arange_as 2 0 3 1", FLOATS},
    {"linspace 0 1 3", FLOATS},
    {"eye 2 3", FLOATS},
    {"zeros_like x:f[3]", TAKES_I32},
    {"ones_like x:f[3]", TAKES_I32},

    {"take x:f[4 2] i:i[3] 0", TAKES_I32},
    {"take_along_axis x:f[4 2] i:i[3 2] 0", TAKES_I32},
    {"scatter_add x:f[4 2] i:i[3 2] s:f[3 2] 0", OPEN_I32},
    {"one_hot i:i[3] 4", FLOATS},

    {"matmul a:f[2 3] b:f[3 2]", OPEN_I32},
    {"dot a:f[3] b:f[3]", OPEN_I32},
    {"outer a:f[3] b:f[2]", OPEN_I32},
    {"einsum \"ij,jk->ik\" a:f[2 3] b:f[3 2]", OPEN_I32},

    {"softmax x:f[2 3] 1", FLOATS},
    {"log_softmax x:f[2 3] 1", FLOATS},
    {"mse p:f[2 3] y:f[2 3]", OPEN_I32},
    {"mse_as p:f[2 3] y:f[2 3] 1", OPEN_I32},
    {"mae p:f[2 3] y:f[2 3]", OPEN_I32},
    {"mae_as p:f[2 3] y:f[2 3] 1", OPEN_I32},
    {"huber p:f[2 3] y:f[2 3] 1", OPEN_I32},
    {"huber_as p:f[2 3] y:f[2 3] 1 1", OPEN_I32},
    {"bce p:f[2 3] y:f[2 3]", FLOATS},
    {"bce_as p:f[2 3] y:f[2 3] 1", FLOATS},
    {"bce_with_logits p:f[2 3] y:f[2 3]", FLOATS},
    {"bce_with_logits_as p:f[2 3] y:f[2 3] 1", FLOATS},
    {"hinge p:f[2 3] y:f[2 3]", OPEN_I32},
    {"hinge_as p:f[2 3] y:f[2 3] 1", OPEN_I32},
    {"kl_div p:f[2 3] y:f[2 3]", FLOATS},
    {"kl_div_as p:f[2 3] y:f[2 3] 1", FLOATS},
    {"nll x:f[2 3] y:i[2]", FLOATS},
    {"nll_as x:f[2 3] y:i[2] 1", FLOATS},
    {"cross_entropy x:f[2 3] y:i[2]", FLOATS},
    {"cross_entropy_as x:f[2 3] y:i[2] 1", FLOATS},

    {"stop_gradient x:f[3]", TAKES_I32},
    {"scalar 2", FLOATS},
    {"full [2 3] 2", FLOATS},
    {"full_like x:f[3] 2", TAKES_I32},
    {"uniform [3] 0 1", FLOATS},
    {"normal [3] 0 1", FLOATS},
    {"bernoulli [3] 0.5", FLOATS},
    {"permutation 3", FLOATS},
    {"dropout x:f[3] 0.5", FLOATS},
};
const int op_good_size = (int)(sizeof op_good / sizeof *op_good);
