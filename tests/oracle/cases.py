"""The cases themselves: leaves, and the calls that lead from them to one output.

Floating leaves are dyadic numbers, exact in float32 as well, drawn by a generator that is seeded with the
case's name: adding a case leaves the others as they are.
"""
import math

import torch

from reference import END, MEAN, NONE, SUM, inf, nan

F32, F64, I32 = 0, 1, 2  # wg_dtype


class Leaf:
    """Floating values drawn from [lo, hi] in steps of 1/64 (0 left out unless zero), or those given; or indices."""
    def __init__(self, shape, lo=-2.0, hi=2.0, values=None, integer=False, grad=True):
        self.shape, self.lo, self.hi = list(shape), lo, hi
        self.values, self.integer, self.grad = values, integer, grad and not integer

    def make(self, rng):
        n = math.prod(self.shape)
        if self.values is not None:
            v = [float(x) for x in self.values]
            assert len(v) == n, (self.shape, self.values)
        elif self.integer:
            v = [rng.randint(int(self.lo), int(self.hi)) for _ in range(n)]
        else:
            v = [self.draw(rng) for _ in range(n)]
        kind = torch.int64 if self.integer else torch.float64
        return torch.tensor(v, dtype=torch.float64).reshape(self.shape).to(kind)

    def draw(self, rng):
        while True:
            v = rng.randint(math.ceil(self.lo * 64), math.floor(self.hi * 64)) / 64
            if v or self.lo == self.hi:
                return v


def A(*shape, lo=-2.0, hi=2.0, grad=True):
    return Leaf(shape, lo, hi, grad=grad)


def V(*values, shape=None, grad=True):
    return Leaf(shape if shape is not None else [len(values)], values=values, grad=grad)


def I(*shape, lo=0, hi=1):
    return Leaf(shape, lo, hi, integer=True)


def IV(*values, shape=None):
    return Leaf(shape if shape is not None else [len(values)], values=values, integer=True)


# ---- cases ---------------------------------------------------------------------------------------

CASES = []
NAMES = set()


def case(name, leaves, steps, **options):
    """steps: (result, op, operands, arguments); options: second, each, only_f64, tolerance, scale, cot."""
    assert name not in NAMES, name
    NAMES.add(name)
    CASES.append((name, leaves, steps, options))


def one(op, label, leaves, *args, **options):
    """One call of op on leaves a, b, c ..; a leaf given as a name means the same tensor again."""
    named, operands = {}, []
    for i, leaf in enumerate(leaves):
        if not isinstance(leaf, str):
            named["abcdefgh"[i]] = leaf
        operands.append(leaf if isinstance(leaf, str) else "abcdefgh"[i])
    case(f"{op}/{label}", named, [("y", op, operands, list(args))], **options)



# ---- elementwise, one argument -------------------------------------------------------------------

BIG = [-inf, -1e300, -1e5, -0.0, 0.0, 1e5, 1e300, inf, nan]
SPREAD = [-1e3, -50, -20, -1e-3, -1e-9, 1e-9, 1e-3, 20, 50, 1e3]

# op: interval of ordinary arguments, arguments at the rim (kinks, roots, limits), whether the second derivative
# is stored there
UNARY = {
    "neg": (-3, 3, BIG), "abs": (-3, 3, BIG), "sign": (-3, 3, BIG),
    "square": (-3, 3, [-1e100, -1e-100, -0.0, 0, 1e-5, 1e100, nan]),
    "sqrt": (0.125, 4, [0, 1e-300, 1e-10, 1e10, 1e300, -1, nan]),
    "rsqrt": (0.125, 4, [1e-100, 1e-10, 1e10, 1e100, -1, nan]),
    "reciprocal": (0.25, 3, [-1e100, -1e-5, 1e-5, 1e100, nan]),
    "exp": (-3, 3, [-inf, -745, -700, -1e-9, 0, 1e-9, 700, 710, inf, nan]),
    "expm1": (-3, 3, [-inf, -745, -40, -1e-9, 0, 1e-9, 40, 700, nan]),
    "log": (0.125, 4, [1e-300, 1e-5, 1 - 2**-40, 1, 1 + 2**-40, 1e5, 1e300, nan]),
    "log1p": (-0.875, 4, [-1 + 2**-40, -1e-9, 0, 1e-9, 1e5, 1e300, nan]),
    "log2": (0.125, 4, [1e-300, 0.5, 1, 2, 1024, 1e300, nan]),
    "sin": (-4, 4, [-1e3, -1e-9, 0, 1e-9, 3.140625, 1e3, inf, nan]),
    "cos": (-4, 4, [-1e3, -1e-9, 0, 1e-9, 1.5703125, 1e3, inf, nan]),
    "tan": (-1.25, 1.25, [-1e3, -1e-9, 0, 1e-9, 1.5, 4.7, inf, nan]),
    "asin": (-0.875, 0.875, [-1, -1 + 2**-20, -1e-9, 0, 1e-9, 1 - 2**-20, 1, 1.5, nan]),
    "acos": (-0.875, 0.875, [-1, -1 + 2**-20, -1e-9, 0, 1e-9, 1 - 2**-20, 1, 1.5, nan]),
    "atan": (-4, 4, [-inf, -1e10, -1e-9, 0, 1e-9, 1e10, inf, nan]),
    "sinh": (-3, 3, [-700, -20, -1e-9, 0, 1e-9, 20, 700, nan]),
    "cosh": (-3, 3, [-700, -20, -1e-9, 0, 1e-9, 20, 700, nan]),
    "tanh": (-3, 3, [-inf, -1e3, -20, -1e-9, 0, 1e-9, 20, 1e3, inf, nan]),
    "asinh": (-4, 4, [-1e100, -1e5, -1e-9, 0, 1e-9, 1e5, 1e100, nan]),
    "acosh": (1.125, 4, [1, 1 + 2**-20, 1e5, 1e100, 0.5, nan]),
    "atanh": (-0.875, 0.875, [-1, -1 + 2**-20, -1e-9, 0, 1e-9, 1 - 2**-20, 1, nan]),
    "erf": (-3, 3, [-inf, -30, -5, -1e-9, 0, 1e-9, 5, 30, inf, nan]),
    "erfc": (-3, 3, [-inf, -30, -5, -1e-9, 0, 1e-9, 5, 20, 30, inf, nan]),
    "lgamma": (0.25, 5, [-3.5, -0.5, 1e-5, 1, 2, 30, 1e5, inf, nan]),
    "digamma": (0.25, 5, [-3.5, -0.5, 1e-5, 1, 30, 1e5, inf, nan]),
    "floor": (-4, 4, BIG + [-1.5, 1, 2.5]), "ceil": (-4, 4, BIG + [-1.5, 1, 2.5]),
    "round": (-4, 4, BIG + [-2.5, -1.5, -0.5, 0.5, 1.5, 2.5, 3.5]),
    "isfinite": (-3, 3, BIG), "logical_not": (-1, 1, BIG),
    "sigmoid": (-4, 4, [-inf] + SPREAD + [-745, -40, 0, 745, inf, nan]),
    "relu": (-3, 3, [-inf, -1, -0.0, 0, 1, inf, nan]),
    "selu": (-3, 3, [-inf, -50, -1e-9, 0, 1e-9, 50]), "silu": (-4, 4, SPREAD + [0, nan]),
    "gelu": (-3, 3, [-1e3, -20, -1e-9, 0, 1e-9, 20, 1e3, nan]),
    "gelu_tanh": (-3, 3, [-1e3, -20, -1e-9, 0, 1e-9, 20, 1e3, nan]),
    "softplus": (-4, 4, [-inf] + SPREAD + [-745, 0, 745, inf, nan]),
    "hard_sigmoid": (-4, 4, [-inf, -1e3, -3, -2.5, 0, 2.5, 3, 1e3, inf, nan]),
    "piecewise_linear": (-1, 1, [-inf, -1e3, -0.5, 0, 0.5, 1e3, inf, nan]),
    "heaviside": (-2, 2, [-inf, -1, -0.0, 0, 1, inf]),
    "stop_gradient": (-2, 2, BIG), "zeros_like": (-2, 2, BIG), "ones_like": (-2, 2, BIG),
}
# Cancellation below the rounding of 1 is PyTorch's as well (x (1 + erf(..)) / 2 far left): the largest element
# is the measure there.
BY_LARGEST = {"gelu", "gelu_tanh", "lgamma", "log", "acos", "selu"}

for op, (lo, hi, rim) in UNARY.items():
    one(op, "scalar", [A(lo=lo, hi=hi)])
    one(op, "vector", [A(5, lo=lo, hi=hi)])
    one(op, "matrix", [A(2, 3, lo=lo, hi=hi)])
    one(op, "empty", [A(2, 0, lo=lo, hi=hi)], second=False)
    one(op, "rim", [V(*rim)], each=op not in BY_LARGEST, second=False)

# Left out: where PyTorch's formula gives NaN although there is a limit (silu, gelu), or a number outside the
# domain (acosh).
WITHOUT = {"silu": [inf, -inf], "gelu": [inf, -inf], "gelu_tanh": [inf, -inf],
           "acosh": [-inf, 0, -0.0, -1, 0.5], "heaviside": [nan], "selu": [nan]}
for op in UNARY:
    special = [v for v in (-inf, inf, nan, 0.0, -0.0, 1.0, -1.0, 0.5)
               if not any(v == w or (v != v and w != w) for w in WITHOUT.get(op, []))]
    one(op, "special", [V(*special)], second=False)

for n in (0, 1, 2, 3):
    one("polygamma", f"order {n}", [A(2, 3, lo=0.25, hi=5)], n)
    one("polygamma", f"left of 0, order {n}", [V(-2.75, -1.5, -0.25)], n, second=False)
    one("polygamma", f"large, order {n}", [V(8, 30, 1e3, 1e5)], n, each=True, second=False)

one("cast", "to i32", [V(-2.75, -1, -0.5, 0, 0.5, 1.75, 100.25)], I32)
one("cast", "from i32", [IV(-3, 0, 7)], F64, only_f64=True)
one("cast", "to f32", [A(3)], F32, only_f64=True)
case("cast/through f32", {"a": A(2, 3)}, [("h", "cast", ["a"], [F32]), ("y", "cast", ["h"], [F64])],
     only_f64=True)
case("cast/same dtype", {"a": A(2, 3)}, [("y", "cast", ["a"], [F64])], only_f64=True)
one("neg", "i32", [IV(-3, 0, 7)])
one("abs", "i32", [IV(-3, 0, 7)])
one("sign", "i32", [IV(-3, 0, 7)])
one("square", "i32", [IV(-3, 0, 7)])
one("logical_not", "i32", [IV(-3, 0, 7)])

for lo, hi in ((-1, 1), (0, inf), (-inf, 0.5), (0.5, 0.5), (1, -1)):
    one("clamp", f"{lo} to {hi}", [V(-inf, -2, -1, -0.5, 0, 0.5, 1, 2, inf, nan)], lo, hi)
    one("clamp", f"matrix {lo} to {hi}", [A(2, 3)], lo, hi)
one("clamp", "i32", [IV(-5, -1, 0, 3, 9)], -1, 3)

one("selu", "NaN", [V(nan, grad=False)])
for slope in (0.01, 0.25, -0.5, 0.0):
    one("leaky_relu", f"slope {slope}", [V(-1e3, -1, -0.0, 0, 1, 1e3, nan)], slope)
    one("leaky_relu", f"matrix, slope {slope}", [A(2, 3)], slope)
for alpha in (1.0, 0.5, 2.0):
    # at 0 PyTorch's first derivative is the left one, its second the right one
    one("elu", f"alpha {alpha}", [V(-1e3, -1, -1e-9, 0, 1, 1e3)], alpha, second=False)
    one("elu", f"NaN, alpha {alpha}", [V(nan, grad=False)], alpha)
    one("elu", f"matrix, alpha {alpha}", [A(2, 3)], alpha)

# ---- elementwise, with a number ------------------------------------------------------------------

for op in ("add_scalar", "sub_scalar", "rsub", "mul_scalar", "div_scalar", "rdiv"):
    for c in (2.5, -0.75):
        one(op, f"{c}", [A(2, 3, lo=0.25)], c)
    one(op, "scalar", [A(lo=0.25)], 3.0)
    one(op, "not finite", [V(-inf, -2, 2, inf, nan)], 1.5, second=False)
one("add_scalar", "0", [A(3)], 0.0)
one("mul_scalar", "0", [V(-2, 0, 3)], 0.0)
one("mul_scalar", "inf", [V(-2, 3)], inf, second=False)
one("rdiv", "0", [V(-2, 0.5, 3)], 0.0)
for c in (2.0, 3.0, -1.0, -2.0, 0.5, -0.5, 1.0, 0.0, 2.75):
    one("pow_scalar", f"{c}", [A(2, 3, lo=0.25)], c)
for c in (0.0, 1.0, 2.0, 3.0):
    one("pow_scalar", f"{c} at 0", [V(-1.5, 0, 2)], c)
for c in (0.5, 1.5, -1.0, -2.0):
    one("pow_scalar", f"{c} at 0", [V(0, 2)], c, second=False)
for c in (0.0, 1.0, 2.0, 3.0, -1.0):
    one("pow_scalar", f"{c} special", [V(0, -0.0, -2, inf, -inf, nan)], c, second=False)

# ---- elementwise, two arguments ------------------------------------------------------------------

PATTERNS = {
    "scalars": ([], []), "vectors": ([4], [4]), "equal": ([2, 3], [2, 3]), "row": ([2, 3], [3]),
    "column": ([2, 3], [2, 1]),
    "both stretched": ([2, 1], [1, 3]), "ranks": ([3], [2, 2, 3]), "with a scalar": ([], [2, 3]),
    "middle": ([2, 3, 2], [2, 1, 2]),
    "empty": ([0, 3], [3]), "one": ([1, 1], [3]),
}
BINARY = {
    "add": (-2, 2, -2, 2), "sub": (-2, 2, -2, 2), "mul": (-2, 2, -2, 2), "div": (-2, 2, 0.25, 2),
    "pow": (0.25, 2, -2, 3),
    "maximum": (-2, 2, -2, 2), "minimum": (-2, 2, -2, 2), "atan2": (-2, 2, -2, 2), "hypot": (-2, 2, -2, 2),
}
for op, (lo, hi, lo2, hi2) in BINARY.items():
    for label, (s, s2) in PATTERNS.items():
        one(op, label, [A(*s, lo=lo, hi=hi), A(*s2, lo=lo2, hi=hi2)], second=label != "empty")
    one(op, "with itself", [A(2, 3, lo=max(lo, lo2), hi=hi), "a"],
        **({"scale": (1.0, "derivatives that are 0")} if op in ("div", "hypot") else {}))

one("add", "not finite", [V(inf, -inf, nan, inf), V(1, 2, 3, -inf)], second=False)
one("sub", "not finite", [V(inf, -inf, nan, inf), V(1, 2, 3, inf)], second=False)
one("mul", "not finite", [V(inf, -inf, nan, inf), V(2, 2, 3, 0)], second=False)
one("div", "not finite", [V(inf, 1, -1, 0, nan), V(2, 0, 0, 0, 1)], second=False)
one("div", "large", [V(1e300, 1e-300, 1), V(1e100, 1e10, 1e200)], second=False, each=True)
one("add", "i32", [IV(-3, 0, 7), IV(2, 2, 2)])
one("sub", "i32", [IV(-3, 0, 7), IV(2, 2, 2)])
one("mul", "i32", [IV(-3, 0, 7), IV(2, 2, 2)])
one("maximum", "i32", [IV(-3, 0, 7), IV(2, 0, -2)])
one("minimum", "i32", [IV(-3, 0, 7), IV(2, 0, -2)])
for op in ("maximum", "minimum"):
    one(op, "ties", [V(1, 2, 0, -0.0, 3), V(1, 1, 0, 0, 3)])
    one(op, "infinite", [V(inf, -inf, inf, 1), V(1, 1, inf, -inf)])
SPECIAL = [0.0, -0.0, 1.0, -2.0, 0.5, inf, -inf, nan]
for op in BINARY:  # where both adjoints are NaN, infinite, 0, or go to both sides (maximum of NaN)
    one(op, "special pairs", [V(*[a for a in SPECIAL for _ in SPECIAL]), V(*SPECIAL * len(SPECIAL))],
        second=False)
# PyTorch's second derivatives are NaN at 0^0
one("pow", "base 0", [V(0, 0, 0, 0), V(0, 1, 2, 3)], second=False)
one("pow", "base 0, exponent 0.5", [V(0), V(0.5)], second=False)
one("pow", "negative base", [V(-2, -2, -1.5, -0.5), V(2, 3, -1, -2, grad=False)])
one("pow", "negative base, broken exponent", [V(-2, grad=False), V(0.5, grad=False)])
one("pow", "exponent 0", [V(-2, 0.5, 3), V(0, 0, 0)], second=False)
one("pow", "exponent 1", [V(0.5, 3), V(1, 1)])
one("pow", "not finite", [V(inf, 2, 0.5, inf, 1, nan, nan, grad=False),
                          V(2, inf, inf, -1, nan, 0, 1, grad=False)])
one("atan2", "quadrants", [V(1, 1, -1, -1, 0, 0, 1, -1), V(1, -1, 1, -1, 1, -1, 0, 0)])
one("atan2", "infinite", [V(inf, 1, inf, -inf, 0, -0.0, grad=False), V(1, inf, inf, -inf, 0, -1, grad=False)])
one("atan2", "large", [V(1e100, 1e-100), V(1e100, 1e-100)], each=True, second=False, only_f64=True)
one("hypot", "large and small", [V(3e300, 3e-300, 1e10), V(4e300, 4e-300, 1e-10)], each=True, second=False)
one("hypot", "at 0", [V(0, 3), V(0, 4)], second=False)
one("hypot", "one side 0", [V(0, 3, -2), V(2, 0, 0)])
one("hypot", "not finite", [V(inf, 1, nan, grad=False), V(1, -inf, 1, grad=False)])

A_, B_ = [1, 2, 3, -0.0, nan, inf, -inf, 0.5, nan], [2, 2, 1, 0, 1, inf, 1, nan, nan]
for op in ("lt", "le", "gt", "ge", "eq", "ne", "logical_and", "logical_or"):
    one(op, "ties and NaN", [V(*A_), V(*B_)])
    one(op, "row", [A(2, 3), A(3)])
    one(op, "both stretched", [A(2, 1), A(1, 3)])
    one(op, "i32", [IV(-3, 0, 2, 7), IV(2, 0, 2, 0)])
    one(op, "with itself", [A(4), "a"])

C_ = V(1, 0, nan, -2, 0, grad=False)
one("where", "vectors", [C_, A(5), A(5)])
one("where", "not chosen NaN", [V(1, 0, 1, 0, grad=False), V(1, nan, 2, inf), V(nan, 3, -inf, 4)])
one("where", "condition i32", [IV(1, 0, 2), A(3), A(3)])
one("where", "condition stretched", [V(1, 0, shape=[2, 1], grad=False), A(2, 3), A(3)])
one("where", "choices stretched", [V(1, 0, 0, 1, shape=[2, 2], grad=False), A(1, 2), A(2, 1)])
one("where", "scalars", [V(0, shape=[], grad=False), A(), A()])
one("where", "condition scalar", [V(1, shape=[], grad=False), A(2, 2), A(2)])
one("where", "condition wide", [V(1, 0, 1, 0, 0, 1, shape=[2, 3], grad=False), A(), A()])
one("where", "same tensor", [V(1, 0, grad=False), A(2), "b"])
one("where", "empty", [A(0, grad=False), A(0), A(0)], second=False)

# ---- reductions ----------------------------------------------------------------------------------

REDUCTIONS = {"sum": (-2, 2), "mean": (-2, 2), "prod": (-2, 2), "max": (-2, 2), "min": (-2, 2),
              "logsumexp": (-2, 2), "any": (-1, 1), "all": (-1, 1)}
for op, (lo, hi) in REDUCTIONS.items():
    fx = op + "_axes"
    one(op, "scalar", [A(lo=lo, hi=hi)])
    one(op, "vector", [A(5, lo=lo, hi=hi)])
    one(op, "matrix", [A(2, 3, lo=lo, hi=hi)])
    one(op, "one element", [A(1, 1, lo=lo, hi=hi)])
    one(fx, "rows", [A(2, 3, lo=lo, hi=hi)], [0], False)
    one(fx, "columns", [A(2, 3, lo=lo, hi=hi)], [-1], False)
    one(fx, "columns kept", [A(2, 3, lo=lo, hi=hi)], [1], True)
    one(fx, "middle of three", [A(2, 3, 2, lo=lo, hi=hi)], [1], False)
    one(fx, "outer two of three, kept", [A(2, 3, 2, lo=lo, hi=hi)], [0, -1], True)
    one(fx, "two of four", [A(2, 2, 2, 2, lo=lo, hi=hi)], [1, 3], False)
    one(fx, "all, kept", [A(2, 3, lo=lo, hi=hi)], [0, 1], True)
    one(fx, "none", [A(2, 3, lo=lo, hi=hi)], [], False, scale=(1.0, "second derivatives that are 0"))
    one(fx, "extent 1", [A(3, 1, lo=lo, hi=hi)], [1], False, scale=(1.0, "second derivatives that are 0"))
    one(op, "long", [A(37, lo=lo, hi=hi if op != "prod" else 1.25)], second=False)
    if op not in ("max", "min"):
        one(op, "empty", [A(0)], second=False)
        one(fx, "empty rows", [A(0, 2)], [0], False, second=False)
    one(fx, "no row left", [A(0, 2)], [1], False, second=False)
one("sum", "not finite", [V(inf, 1, -inf)], second=False)
one("sum", "infinite", [V(inf, 1, 2)], second=False)
one("mean", "infinite", [V(inf, 1, 2)], second=False)
one("sum", "cancelling", [V(2.0**30, 1, -(2.0**30), 0.5)], only_f64=True)
one("prod", "one zero", [V(2, 0, 3, -1)])
one("prod", "two zeros", [V(2, 0, 3, 0)])
one("prod", "three zeros", [V(0, 0, 3, 0)])
one("prod_axes", "zeros here and there", [V(2, 0, 3, 1, 2, 4, 0, 0, 5, shape=[3, 3])], [1], False)
one("prod_axes", "zeros, rows", [V(2, 0, 3, 1, 2, 4, 0, 0, 5, shape=[3, 3])], [0], True)
for op in ("max", "min"):
    one(op, "ties", [V(1, 3, 3, 1, 2)])
    one(op, "all equal", [V(2, 2, 2, 2, shape=[2, 2])])
    one(op + "_axes", "ties in columns", [V(1, 3, 3, 1, 1, 1, shape=[2, 3])], [1], False)
    one(op + "_axes", "ties in rows, kept", [V(1, 3, 3, 1, 1, 3, shape=[2, 3])], [0], True)
    one(op, "infinite", [V(-inf, 2, inf)], second=False)
    one(op, "NaN", [V(1, nan, 3, grad=False)])
    one(op, "i32", [IV(4, -7, 9)])
one("logsumexp", "large", [V(1e3, 1e3, -1e3)])
one("logsumexp", "small", [V(-1e3, -1e3 - 1, -2e3)])
one("logsumexp", "wide", [V(-700, 0, 700)])
one("logsumexp", "with -inf", [V(-inf, 0, 1)], second=False)
one("logsumexp", "all -inf", [V(-inf, -inf, grad=False)])
one("logsumexp", "with inf", [V(inf, 0, 1, grad=False)])
one("logsumexp", "NaN", [V(nan, 0, 1, grad=False)])
one("any", "rim", [V(0, -0.0, nan)])
one("all", "rim", [V(1, -1, nan)])
one("any", "zeros", [V(0, -0.0)])
one("all", "a zero", [V(1, 0)])
one("any_axes", "mixed", [V(0, 0, 1, 0, shape=[2, 2])], [1], False)
one("all_axes", "mixed", [V(1, 2, 1, 0, shape=[2, 2])], [1], True)
one("sum", "i32", [IV(4, -7, 9)])
one("prod", "i32", [IV(4, -7, 9)])
one("any", "i32", [IV(0, 0, 9)])
one("all", "i32", [IV(0, 0, 9)])

for op in ("var", "std"):
    for ddof in (0.0, 1.0):
        one(op, f"vector, ddof {ddof}", [A(5)], ddof)
        one(op, f"matrix, ddof {ddof}", [A(2, 3)], ddof)
        one(op + "_axes", f"rows, ddof {ddof}", [A(3, 2)], [0], False, ddof)
        one(op + "_axes", f"columns kept, ddof {ddof}", [A(2, 4)], [-1], True, ddof)
        one(op + "_axes", f"two of three, ddof {ddof}", [A(2, 3, 2)], [0, 2], False, ddof)
    one(op, "ddof 2", [A(5)], 2.0)
    one(op, "far from 0", [V(1e6, 1e6 + 0.5, 1e6 - 0.25, 1e6 + 1)], 1.0)
    one(op, "one element, ddof 1", [V(2)], 1.0, second=False)
    one(op, "one element, ddof 0", [V(2)], 0.0, second=False)
    one(op, "empty", [A(0)], 0.0, second=False)
one("std", "constant", [V(2, 2, 2)], 1.0, second=False)
one("var", "constant", [V(2, 2, 2)], 1.0)
one("var", "not finite", [V(inf, 2, grad=False)], 1.0)

for p in (1.0, 2.0, 3.0, 1.5, 0.5, inf, 0.0):
    one("norm", f"p {p}", [A(5)], p)
    one("norm", f"matrix, p {p}", [A(2, 3)], p)
    one("norm_axes", f"rows, p {p}", [A(2, 3)], [0], False, p)
    one("norm_axes", f"columns kept, p {p}", [A(2, 3)], [1], True, p)
    one("norm", f"scalar, p {p}", [V(-1.5, shape=[])], p, scale=(1.0, "a second derivative that is 0"))
one("norm_axes", "two of three", [A(2, 3, 2)], [0, 2], False, 2.0)
for p in (1.0, 2.0, inf, 0.0):
    one("norm", f"zero vector, p {p}", [V(0, 0, 0)], p, second=False)
for p in (1.0, 2.0, 3.0, inf):
    one("norm", f"with a zero, p {p}", [V(0, 3, -4)], p, second=False)
one("norm", "ties, p inf", [V(2, -2, 1)], inf, second=False)
one("norm", "large", [V(3e30, 4e30)], 2.0, second=False, only_f64=True)
one("norm", "not finite", [V(inf, 1, grad=False)], 2.0)

for op in ("argmax", "argmin"):
    one(op, "ties", [V(1, 3, 3, 1, 2)], 0, False)
    one(op, "NaN", [V(1, nan, 3, nan)], 0, False)
    one(op, "matrix", [A(3, 4)], -1, False)
    one(op, "rows kept", [A(3, 4)], 0, True)
    one(op, "middle", [A(2, 3, 2)], 1, False)
    one(op, "i32", [IV(4, -7, 9, -7)], 0, False)

for op in ("cumsum", "cumprod"):
    one(op, "vector", [A(5)], 0)
    one(op, "rows", [A(3, 2)], 0)
    one(op, "columns", [A(2, 4)], -1)
    one(op, "middle", [A(2, 3, 2)], 1)
    one(op, "one", [A(1)], 0)
    one(op, "empty", [A(0, 2)], 0, second=False)
one("cumprod", "one zero", [V(2, 0, 3, -1)], 0)
one("cumprod", "two zeros", [V(2, 0, 3, 0, 4)], 0)
one("cumprod", "first zero", [V(0, 2, 3)], 0)
one("cumprod", "zeros in rows", [V(2, 0, 0, 3, 1, 0, shape=[3, 2])], 0)
one("linear_recurrence", "vector", [A(6), A(6)])
one("linear_recurrence", "matrix", [A(2, 4), A(2, 4)])
one("linear_recurrence", "three axes", [A(2, 2, 3), A(2, 2, 3)])
one("linear_recurrence", "one", [A(1), A(1)])
one("linear_recurrence", "zeros", [V(1, 0, 2, 0), A(4)])
one("linear_recurrence", "with itself", [A(4), "a"])

for op in ("sort", "argsort"):
    for d in (False, True):
        way = "down" if d else "up"
        one(op, f"vector {way}", [A(6)], 0, d)
        one(op, f"ties {way}", [V(2, 1, 2, 1, 3, 2)], 0, d)
        one(op, f"rows {way}", [A(3, 2)], 0, d)
        one(op, f"columns {way}", [A(2, 4)], -1, d)
        one(op, f"NaN and infinities {way}", [V(1, nan, -inf, 2, nan, inf)], 0, d, second=False)
    one(op, "middle", [A(2, 3, 2)], 1, False)
    one(op, "empty", [A(0)], 0, False, second=False)
for which in (0, 1):
    for largest in (True, False):
        label = ("indices, " if which else "") + ("largest" if largest else "smallest")
        one("topk", f"vector, {label}", [A(6)], 3, 0, largest, which)
        one("topk", f"ties, {label}", [V(2, 1, 2, 1, 3, 2)], 3, 0, largest, which)
        one("topk", f"rows, {label}", [A(4, 2)], 2, 0, largest, which)
        one("topk", f"all columns, {label}", [A(2, 3)], 3, -1, largest, which)
        one("topk", f"NaN, {label}", [V(1, nan, 3, 2)], 2, 0, largest, which, second=False)

# ---- layout --------------------------------------------------------------------------------------

one("reshape", "flat", [A(2, 3)], [6])
one("reshape", "what is left", [A(2, 6)], [3, -1])
one("reshape", "to a scalar", [A(1, 1)], [])
one("reshape", "from a scalar", [A()], [1, 1])
one("reshape", "empty", [A(0, 3)], [3, 0], second=False)
one("flatten", "three axes", [A(2, 3, 2)])
one("flatten", "scalar", [A()])
one("squeeze", "all", [A(1, 3, 1)], [])
one("squeeze", "first", [A(1, 3, 1)], [0])
one("squeeze", "both", [A(1, 3, 1)], [0, -1])
one("unsqueeze", "front", [A(3)], 0)
one("unsqueeze", "back", [A(2, 3)], -1)
one("unsqueeze", "middle", [A(2, 3)], 1)
one("unsqueeze", "scalar", [A()], 0)
one("transpose", "matrix", [A(2, 3)])
one("transpose", "batch", [A(2, 3, 2)])
one("transpose", "vector", [A(3)])
one("permute", "three", [A(2, 3, 2)], [2, 0, 1])
one("permute", "negative", [A(2, 3, 2)], [-1, 0, 1])
one("permute", "four", [A(2, 1, 3, 2)], [3, 1, 0, 2])
one("permute", "scalar", [A()], [])
one("broadcast_to", "row", [A(3)], [2, 3])
one("broadcast_to", "column", [A(2, 1)], [2, 3])
one("broadcast_to", "scalar", [A()], [2, 2])
one("broadcast_to", "both", [A(2, 1, 2)], [3, 2, 2, 2])
one("broadcast_to", "to nothing", [A(1, 2)], [0, 2], second=False)
one("sum_to", "row", [A(2, 3)], [3])
one("sum_to", "column", [A(2, 3)], [2, 1])
one("sum_to", "scalar", [A(2, 3)], [])
one("sum_to", "both", [A(3, 2, 2, 2)], [2, 1, 2])
one("sum_to", "nothing", [A(2, 3)], [2, 3])
SLICES = [(0, 0, 2, 1), (0, 1, END, 1), (1, 0, END, 2), (1, END, END, -1), (1, 4, 0, -2), (1, -2, END, 1),
          (1, 0, -1, 1), (0, 5, 9, 1),
          (1, -99, 99, 3), (0, 2, 1, 1), (-1, 3, -99, -1), (1, -1, -4, -1)]
for axis, start, stop, step in SLICES:
    if start == END:
        start = -1  # Python spells "from the end" as an empty start
    name = f"axis {axis}, {start}:{'end' if stop == END else stop}:{step}"
    one("slice", name, [A(3, 5)], axis, start, stop, step)
one("slice", "vector backwards", [A(5)], 0, -1, END, -1)
one("slice", "middle", [A(2, 4, 2)], 1, 1, 4, 2)
one("select", "first", [A(3, 2)], 0, 0)
one("select", "last", [A(3, 2)], 1, -1)
one("select", "middle", [A(2, 3, 2)], 1, 1)
one("select", "vector", [A(3)], 0, 2)
one("flip", "rows", [A(3, 2)], [0])
one("flip", "both", [A(2, 3)], [0, -1])
one("flip", "none", [A(2, 3)], [])
one("flip", "middle", [A(2, 3, 2)], [1])
one("pad", "vector", [A(3)], [1], [2], 0.0)
one("pad", "matrix", [A(2, 2)], [1, 0], [0, 2], 1.5)
one("pad", "nothing", [A(2, 2)], [0, 0], [0, 0], 1.5)
one("pad", "three", [A(2, 1, 2)], [0, 1, 1], [1, 0, 1], -2.0)
one("pad", "infinite", [A(2)], [1], [1], -inf)
one("pad", "empty", [A(0, 2)], [1, 0], [1, 0], 3.0, second=False)
one("repeat", "vector", [A(3)], [2])
one("repeat", "more axes", [A(3)], [2, 2])
one("repeat", "matrix", [A(2, 2)], [2, 3])
one("repeat", "once", [A(2, 2)], [1, 1])
one("repeat", "never", [A(2, 2)], [0, 1], second=False)
one("repeat", "scalar", [A()], [3])
one("repeat_interleave", "vector", [A(3)], 2, 0)
one("repeat_interleave", "columns", [A(2, 2)], 3, -1)
one("repeat_interleave", "rows", [A(2, 2)], 2, 0)
one("repeat_interleave", "never", [A(2)], 0, 0, second=False)
one("concat", "vectors", [A(2), A(3)], 0)
one("concat", "columns", [A(2, 1), A(2, 3), A(2, 2)], -1)
one("concat", "rows", [A(1, 2), A(2, 2)], 0)
one("concat", "one", [A(2, 2)], 0)
one("concat", "the same twice", [A(2, 2), "a"], 1)
one("concat", "with nothing", [A(0, 2), A(2, 2)], 0)
one("concat", "middle", [A(2, 1, 2), A(2, 2, 2)], 1)
one("stack", "front", [A(3), A(3)], 0)
one("stack", "back", [A(2, 2), A(2, 2), A(2, 2)], -1)
one("stack", "middle", [A(2, 2), A(2, 2)], 1)
one("stack", "scalars", [A(), A(), A()], 0)
one("stack", "the same twice", [A(3), "a"], 0)
one("split", "first", [A(5)], 0, [2, 3], 0)
one("split", "second", [A(5)], 0, [2, 3], 1)
one("split", "columns", [A(2, 4)], -1, [1, 2, 1], 1)
one("split", "whole", [A(2, 4)], 0, [2], 0)
one("split", "nothing", [A(3)], 0, [0, 3], 0, second=False)
for k in (0, 1, -2):
    one("diag", f"of a vector, {k}", [A(3)], k)
    one("diag", f"of a matrix, {k}", [A(3, 4)], k)
    one("diag", f"of a batch, {k}", [A(2, 3, 2)], k)
    one("tril", f"{k}", [A(3, 4)], k)
    one("triu", f"{k}", [A(4, 3)], k)
    one("tril", f"batch, {k}", [A(2, 2, 3)], k)
    one("triu", f"batch, {k}", [A(2, 2, 3)], k)
one("tril", "NaN above", [V(1, nan, 2, 3, shape=[2, 2])], 0)
one("triu", "infinity below", [V(1, 2, inf, 3, shape=[2, 2])], 0)
one("trace", "square", [A(3, 3)])
one("trace", "wide", [A(2, 4)])
one("trace", "batch", [A(2, 3, 3)])
one("arange", "up", [], 0.0, 5.0, 1.0)
one("arange", "broken step", [], 0.5, 3.0, 0.75)
one("arange", "down", [], 3.0, -1.0, -1.5)
one("arange", "empty", [], 2.0, 2.0, 1.0)
one("arange_as", "i32", [], I32, 2.0, 11.0, 3.0)
one("arange_as", "f64", [], F64, -1.0, 1.0, 0.25, only_f64=True)
one("linspace", "up", [], 0.0, 1.0, 5)
one("linspace", "down", [], 3.0, -2.0, 4)
one("linspace", "one", [], 3.0, 5.0, 1)
one("eye", "square", [], 3, 3)
one("eye", "wide", [], 2, 4)
one("eye", "empty", [], 0, 2)
one("scalar", "number", [], 2.5)
one("full", "matrix", [], [2, 3], -1.5)
one("full", "scalar", [], [], 4.0)
one("full_like", "matrix", [A(2, 3)], 7.0)

# ---- index ---------------------------------------------------------------------------------------

one("take", "vector", [A(4), IV(3, 0, 0, 2)], 0)
one("take", "rows", [A(3, 2), IV(2, 2, 1)], 0)
one("take", "columns", [A(2, 3), IV(2, 0)], -1)
one("take", "matrix of indices", [A(3, 2), IV(0, 1, 2, 2, 0, 0, shape=[2, 3])], 0)
one("take", "matrix of indices, last axis", [A(2, 3), IV(0, 1, 2, 2, shape=[2, 2])], 1)
one("take", "one index", [A(3, 2), IV(1, shape=[])], 0)
one("take", "middle", [A(2, 3, 2), IV(1, 1)], 1)
one("take", "nothing", [A(3), I(0)], 0, second=False)
one("take", "i32", [IV(5, 6, 7), IV(2, 0)], 0)
one("take_along_axis", "vector", [A(4), IV(3, 0, 0)], 0)
one("take_along_axis", "columns", [A(2, 3), IV(2, 0, 1, 1, shape=[2, 2])], 1)
one("take_along_axis", "rows", [A(3, 2), IV(2, 0, 2, 1, shape=[2, 2])], 0)
one("take_along_axis", "middle", [A(2, 3, 2), I(2, 1, 2, hi=2)], 1)
one("take_along_axis", "longer", [A(2, 2), I(2, 4, hi=1)], -1)
one("scatter_add", "vector", [A(4), IV(3, 0, 0), A(3)], 0)
one("scatter_add", "columns", [A(2, 3), IV(2, 0, 1, 1, shape=[2, 2]), A(2, 2)], 1)
one("scatter_add", "rows", [A(3, 2), IV(2, 0, 2, 1, shape=[2, 2]), A(2, 2)], 0)
one("scatter_add", "all into one", [A(2), IV(1, 1, 1, 1), A(4)], 0)
one("scatter_add", "middle", [A(2, 3, 2), I(2, 2, 2, hi=2), A(2, 2, 2)], -2)
one("scatter_add", "nothing", [A(2), I(0), A(0)], 0, second=False)
one("one_hot", "vector", [IV(2, 0, 1)], 4)
one("one_hot", "matrix", [IV(2, 0, 1, 1, shape=[2, 2])], 3)
one("one_hot", "scalar", [IV(1, shape=[])], 2)

# ---- contraction ---------------------------------------------------------------------------------

MATMULS = {"square": ([2, 2], [2, 2]), "wide": ([2, 3], [3, 4]), "inner 1": ([3, 1], [1, 2]),
           "row by matrix": ([1, 3], [3, 2]), "to one": ([1, 3], [3, 1]),
           "batch": ([2, 2, 3], [2, 3, 2]), "batch by one": ([2, 2, 3], [3, 2]),
           "one by batch": ([2, 3], [2, 3, 2]),
           "batches stretched": ([2, 1, 2, 2], [1, 3, 2, 1]), "batch of 1": ([1, 2, 3], [2, 3, 2]),
           "odd": ([5, 7], [7, 3])}
for label, (s, s2) in MATMULS.items():
    one("matmul", label, [A(*s), A(*s2)])
one("matmul", "with itself", [A(3, 3), "a"])
one("matmul", "inner 0", [A(2, 0), A(0, 3)], second=False)
one("matmul", "outer 0", [A(0, 2), A(2, 3)], second=False)
case("matmul/transposed left", {"a": A(3, 2), "b": A(3, 2)},
     [("t", "transpose", ["a"], []), ("y", "matmul", ["t", "b"], [])])
case("matmul/transposed right", {"a": A(2, 3), "b": A(4, 3)},
     [("t", "transpose", ["b"], []), ("y", "matmul", ["a", "t"], [])])
case("matmul/by its transpose", {"a": A(2, 3)},
     [("t", "transpose", ["a"], []), ("y", "matmul", ["a", "t"], [])])
case("matmul/both transposed", {"a": A(3, 2), "b": A(2, 3)},
     [("s", "transpose", ["a"], []), ("t", "transpose", ["b"], []), ("y", "matmul", ["s", "t"], [])])
case("matmul/three", {"a": A(2, 3), "b": A(3, 3), "c": A(3, 2)},
     [("h", "matmul", ["a", "b"], []), ("y", "matmul", ["h", "c"], [])])
one("matmul", "infinite", [V(inf, 1, shape=[1, 2], grad=False), V(1, 2, shape=[2, 1], grad=False)])
one("dot", "vectors", [A(5), A(5)])
one("dot", "with itself", [A(4), "a"])
one("dot", "one", [A(1), A(1)])
one("dot", "empty", [A(0), A(0)], second=False)
one("outer", "vectors", [A(2), A(3)])
one("outer", "with itself", [A(3), "a"])
one("outer", "empty", [A(0), A(3)], second=False)
EINSUMS = [("ij,jk->ik", [[2, 3], [3, 2]]), ("ij,jk", [[2, 3], [3, 2]]), ("bij,bjk", [[2, 2, 3], [2, 3, 2]]),
           ("ii->i", [[3, 3]]), ("ii", [[3, 3]]),
           ("...ij->...ji", [[2, 2, 3]]), ("i,i->", [[4], [4]]), ("i,j->ij", [[2], [3]]), ("ij->", [[2, 3]]),
           ("ij->j", [[2, 3]]),
           ("ij,ij->i", [[2, 3], [2, 3]]), ("bij,bkj->bik", [[2, 2, 3], [2, 2, 3]]),
           ("ij,kj->ki", [[2, 3], [2, 3]]),
           ("i,ij,j->", [[2], [2, 3], [3]]), ("ij,jk,kl->il", [[2, 2], [2, 3], [3, 2]]),
           ("...ij,...jk->...ik", [[2, 2, 3], [3, 2]]),
           ("ba", [[2, 3]]), ("bii->b", [[2, 3, 3]]), ("ijk,jil->kl", [[2, 3, 2], [3, 2, 2]]),
           ("iji->j", [[2, 3, 2]]),
           ("bhqd,bhkd->bhqk", [[1, 2, 2, 2], [1, 2, 3, 2]]), ("i,i,i->i", [[3], [3], [3]]),
           ("...,...->...", [[2, 3], [3]]), ("i->i", [[3]]),
           ("ij,j->", [[2, 3], [3]]), ("ik,jk->ij", [[2, 0], [3, 0]])]
for spec, shapes in EINSUMS:
    one("einsum", spec, [A(*s) for s in shapes], spec, second=all(all(s) for s in shapes))
one("einsum", "ij,jk->ik of one tensor", [A(2, 2), "a"], "ij,jk->ik")

# ---- softmax and losses --------------------------------------------------------------------------

for op in ("softmax", "log_softmax"):
    one(op, "vector", [A(5)], 0)
    one(op, "columns", [A(2, 4)], -1)
    one(op, "rows", [A(3, 2)], 0)
    one(op, "middle", [A(2, 3, 2)], 1)
    one(op, "large", [V(1e3, 999, -1e3)], 0)
    one(op, "small", [V(-1e3, -1001, -2e3)], 0)
    one(op, "one", [A(2, 1)], 1, scale=(1.0, "the gradient is exactly 0"))
    one(op, "empty", [A(0, 2)], 1, second=False)
one("softmax", "with -inf", [V(-inf, 0, 1)], 0, second=False)
one("log_softmax", "with -inf", [V(-inf, 0, 1, grad=False)], 0)
one("softmax", "NaN", [V(nan, 0, 1, grad=False)], 0)


def losses(op, p, y, *args, second=True, shape=(2, 3)):
    one(op, "mean", [p(*shape), y(*shape)], *args, second=second)
    one(op, "vector", [p(4), y(4)], *args, second=second)
    one(op, "scalar", [p(), y()], *args, second=second)
    one(op, "row", [p(2, 3), y(3)], *args, second=second)
    one(op, "column", [p(2, 1), y(2, 3)], *args, second=second)
    for r, label in ((MEAN, "mean"), (SUM, "sum"), (NONE, "none")):
        one(op + "_as", label, [p(*shape), y(*shape)], *args, r, second=second)
    one(op + "_as", "none, stretched", [p(2, 1), y(1, 3)], *args, NONE, second=second)


def probability(*s):
    return A(*s, lo=0.0625, hi=0.9375)


def sign(*s):
    return Leaf(s, values=[(-1) ** (i // 2 + i) for i in range(math.prod(s))])


def logarithm(*s):
    return A(*s, lo=-3, hi=-0.125)


losses("mse", A, A)
losses("mae", A, A)
for delta in (1.0, 0.5):
    one("huber", f"delta {delta}", [A(2, 3), A(2, 3)], delta)
losses("huber", A, A, 1.0)
losses("bce", probability, probability)
losses("bce_with_logits", A, probability)
losses("hinge", A, sign)
losses("kl_div", logarithm, probability)
one("mse", "equal", [V(1, 2), V(1, 2)])
one("mae", "equal", [V(1, 2, 3), V(1, 0, 4)])
# the second derivative jumps there
one("huber", "at delta", [V(0, 1, -1, 2, -3), V(0, 0, 0, 0, 0)], 1.0, second=False)
one("huber_as", "far, delta 0.25", [V(1e3, -1e3, 0.125), V(0, 0, 0)], 0.25, NONE)
one("hinge", "at the kink", [V(1, -1, 2, 0.5), V(1, -1, 1, 1)])
one("hinge_as", "far", [V(1e3, -1e3), V(-1, 1)], NONE)
one("bce_with_logits_as", "far", [V(-1e3, -40, 0, 40, 1e3, 1e3), V(0, 1, 0.5, 0, 1, 0)], NONE)
one("bce_as", "hard labels", [V(0.25, 0.5, 0.75, 0.125), V(0, 1, 1, 0)], NONE)
one("bce_as", "at 0 and 1", [V(0, 0, 1, 1, 0, 1), V(0, 1, 0, 1, 0.5, 0.5, grad=False)], NONE, second=False,
    tolerance=(1e-8, "PyTorch's least p (1 - p), 1e-12, is a float"))
one("kl_div_as", "y 0", [V(-1, -2, -0.5), V(0, 1, 0.5, grad=False)], NONE)
one("mse", "empty", [A(0), A(0)], second=False)
for op, x in (("nll", logarithm), ("cross_entropy", A)):
    one(op, "labels", [x(3, 4), IV(2, 0, 3)])
    one(op, "one label", [x(4), IV(1, shape=[])])
    one(op, "labels in two axes", [x(2, 2, 3), IV(2, 0, 1, 1, shape=[2, 2])])
    one(op, "distributions", [x(3, 4), probability(3, 4)])
    one(op, "one distribution", [x(4), probability(4)])
    one(op, "distributions in two axes", [x(2, 2, 3), probability(2, 2, 3)])
    for r, label in ((MEAN, "mean"), (SUM, "sum"), (NONE, "none")):
        one(op + "_as", f"labels, {label}", [x(3, 4), IV(0, 3, 3)], r)
        one(op + "_as", f"distributions, {label}", [x(3, 4), probability(3, 4)], r)
one("cross_entropy_as", "far, labels", [V(1e3, 0, -1e3, 0, 1e3, -1e3, shape=[2, 3]), IV(2, 1)], NONE)
one("cross_entropy_as", "far, distributions", [V(1e3, 0, -1e3, 0, 1e3, -1e3, shape=[2, 3]), probability(2, 3)],
    NONE)
one("cross_entropy", "one class", [A(2, 1), IV(0, 0)], scale=(1.0, "the gradient is exactly 0"))

one("dropout", "nothing", [A(2, 3)], 0.0)
one("dropout", "everything", [A(2, 3)], 1.0)

# ---- compositions: what networks and statistics are made of --------------------------------------


def dense(h, x, w, b):
    return [(h + "m", "matmul", [x, w], []), (h, "add", [h + "m", b], [])]


for act in ("sigmoid", "tanh", "relu", "softplus", "silu", "gelu", "piecewise_linear"):
    for loss in ("mse", "cross_entropy"):
        case(f"network/{act}, {loss}", {"x": A(3, 4), "w": A(4, 3, lo=-1, hi=1), "b": A(3),
                                        "v": A(3, 2, lo=-1, hi=1), "c": A(2), "t": probability(3, 2)},
             dense("h", "x", "w", "b") + [("z", act, ["h"], [])] + dense("o", "z", "v", "c")
             + [("y", loss, ["o", "t"], [])])
case("network/labels", {"x": A(3, 4), "w": A(4, 3), "b": A(3), "t": IV(2, 0, 1)},
     dense("h", "x", "w", "b") + [("y", "cross_entropy", ["h", "t"], [])])
case("layer norm", {"x": A(3, 4), "g": A(4), "b": A(4)},
     [("m", "mean_axes", ["x"], [[-1], True]), ("d", "sub", ["x", "m"], []),
      ("v", "var_axes", ["x"], [[-1], True, 0.0]),
      ("e", "add_scalar", ["v"], [0.0625]), ("r", "rsqrt", ["e"], []), ("n", "mul", ["d", "r"], []),
      ("s", "mul", ["n", "g"], []), ("y", "add", ["s", "b"], [])])
case("attention", {"q": A(2, 3, 2), "k": A(2, 3, 2), "v": A(2, 3, 2)},
     [("t", "transpose", ["k"], []), ("s", "matmul", ["q", "t"], []), ("d", "div_scalar", ["s"], [2.0]),
      ("p", "softmax", ["d"], [-1]), ("y", "matmul", ["p", "v"], [])])
case("attention, masked", {"q": A(3, 2), "k": A(3, 2), "v": A(3, 2)},
     [("s", "einsum", ["q", "k"], ["id,jd->ij"]), ("o", "ones_like", ["s"], []), ("l", "tril", ["o"], [0]),
      ("f", "full_like", ["s"], [-1e3]),
      ("m", "where", ["l", "s", "f"], []), ("p", "softmax", ["m"], [1]), ("y", "matmul", ["p", "v"], [])])
case("recurrent network", {"x": A(3, 2), "w": A(2, 2), "u": A(2, 2)},
     sum([[(f"x{t}", "slice", ["x"], [0, t, t + 1, 1]), (f"a{t}", "matmul", [f"x{t}", "w"], [])]
          + ([(f"r{t}", "matmul", [f"h{t-1}", "u"], []),
              (f"s{t}", "add", [f"a{t}", f"r{t}"], [])] if t else [(f"s{t}", "neg", [f"a{t}"], [])])
          + [(f"h{t}", "tanh", [f"s{t}"], [])] for t in range(3)], []))
case("embedding", {"e": A(4, 3), "i": IV(3, 1, 3, shape=[3]), "w": A(3, 2)},
     [("h", "take", ["e", "i"], [0]), ("m", "matmul", ["h", "w"], []), ("s", "square", ["m"], []),
      ("y", "mean_axes", ["s"], [[0], False])])
case("log density", {"x": A(4), "m": A(), "s": A()},
     [("d", "sub", ["x", "m"], []), ("e", "softplus", ["s"], []), ("z", "div", ["d", "e"], []),
      ("q", "square", ["z"], []), ("h", "mul_scalar", ["q"], [0.5]),
      ("l", "log", ["e"], []), ("n", "add", ["h", "l"], []), ("y", "sum", ["n"], [])])
case("rosenbrock", {"x": A(4)},
     [("a", "slice", ["x"], [0, 0, -1, 1]), ("b", "slice", ["x"], [0, 1, END, 1]), ("q", "square", ["a"], []),
      ("d", "sub", ["b", "q"], []),
      ("e", "square", ["d"], []), ("f", "mul_scalar", ["e"], [100.0]), ("g", "rsub", ["a"], [1.0]),
      ("h", "square", ["g"], []), ("s", "add", ["f", "h"], []),
      ("y", "sum", ["s"], [])])
case("cosine", {"a": A(3, 4), "b": A(3, 4)},
     [("p", "mul", ["a", "b"], []), ("n", "sum_axes", ["p"], [[1], False]),
      ("u", "norm_axes", ["a"], [[1], False, 2.0]),
      ("v", "norm_axes", ["b"], [[1], False, 2.0]), ("d", "mul", ["u", "v"], []), ("y", "div", ["n", "d"], [])])
case("determinant", {"a": A(2, 2)},
     [("p", "diag", ["a"], [0]), ("f", "flip", ["a"], [[1]]), ("q", "diag", ["f"], [0]),
      ("u", "prod", ["p"], []), ("v", "prod", ["q"], []), ("y", "sub", ["u", "v"], [])])
case("stopped", {"a": A(3)}, [("s", "stop_gradient", ["a"], []), ("y", "mul", ["a", "s"], [])])
case("deep", {"a": A(3)}, [(f"h{i}", ["sin", "tanh", "softplus", "sigmoid"][i % 4],
                            ["a" if i == 0 else f"h{i-1}"], []) for i in range(12)])
case("fan-out", {"a": A(2, 3)},
     [("s", "sigmoid", ["a"], []), ("t", "mul", ["a", "s"], []), ("u", "add", ["t", "s"], []),
      ("v", "mul", ["u", "t"], []), ("y", "sub", ["v", "a"], [])])
