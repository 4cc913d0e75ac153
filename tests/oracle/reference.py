"""One PyTorch expression for each public function of the library: what cases.txt is worked out with.

What is not taken from PyTorch 1.13 as it is, and why:
- digamma and polygamma: PyTorch's trigamma, the derivative of its digamma, is a six-step recurrence with a
  four-term series (error 1e-9).  mpmath's at 40 digits is used for both, and for the derivatives of lgamma.
- softplus: F.softplus is x itself beyond a threshold (error 2e-9 at 20), and torch.logaddexp(x, 0) loses
  e^x below 1e-16.
- the derivative of expm1: PyTorch's, expm1(x) + 1, is 0 below x = -37; e^x is used.
- the derivative of hardsigmoid: PyTorch multiplies by 1/6 in float (error 3e-8).
- the second derivative of binary_cross_entropy: PyTorch adds 1e-12 to p (1 - p).  The formula itself is
  differentiated; its value and its gradient are held against F.binary_cross_entropy here.
- NaN arguments: sign(NaN) is 0 in PyTorch; here it is NaN, as in NumPy, and so is the derivative of abs.
  The derivatives of elu and selu at NaN depend on whether PyTorch takes its vector or its scalar path;
  cases.py asks for their values only.
- hinge: PyTorch has none for a single score; 1 - y p under relu.
"""
import math

import mpmath
import torch
import torch.nn.functional as F

torch.set_num_threads(1)
torch.set_default_dtype(torch.float64)
mpmath.mp.dps = 40

MEAN, SUM, NONE = 0, 1, 2  # wg_reduction
inf, nan = math.inf, math.nan
END = inf  # WG_END: the C side saturates integers


def mp_polygamma(n, x):
    """polygamma(n, x) of one float, with PyTorch's values at the poles of digamma and the limits of the rest."""
    if math.isnan(x) or x == -inf:
        return nan
    if x == inf:
        return inf if n == 0 else 0.0
    if x <= 0 and x == math.floor(x):
        if n == 0:
            return nan if x else -math.copysign(inf, x)
        return inf if n % 2 else nan
    return float(mpmath.psi(n, mpmath.mpf(x)))


class Polygamma(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, n):
        ctx.save_for_backward(x)
        ctx.n = n
        return torch.tensor([mp_polygamma(n, v) for v in x.reshape(-1).tolist()]).reshape(x.shape)

    @staticmethod
    def backward(ctx, g):
        (x,) = ctx.saved_tensors
        return g * Polygamma.apply(x, ctx.n + 1), None


class LogGamma(torch.autograd.Function):
    """torch.lgamma with an exact derivative."""
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return torch.lgamma(x)

    @staticmethod
    def backward(ctx, g):
        (x,) = ctx.saved_tensors
        return g * Polygamma.apply(x, 0)


class Expm1(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return torch.expm1(x)

    @staticmethod
    def backward(ctx, g):
        (x,) = ctx.saved_tensors
        return g * torch.exp(x)


class Softplus(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return torch.relu(x) + torch.log1p(torch.exp(-x.abs()))

    @staticmethod
    def backward(ctx, g):
        (x,) = ctx.saved_tensors
        return g * torch.sigmoid(x)


class HardSigmoid(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return F.hardsigmoid(x)

    @staticmethod
    def backward(ctx, g):
        (x,) = ctx.saved_tensors
        return torch.where((x > -3) & (x < 3), g / 6, torch.zeros_like(g))


def sign(x):
    return torch.where(x == x, torch.sign(x), x).detach()


def dims(x, axes):
    return [a % max(x.dim(), 1) for a in axes]


def over(f, neutral=None):
    """A reduction over some axes as one over a last axis of all their elements: amax and prod take no empty
    list, sum takes it for all."""
    def reduce(x, axes, keep):
        axes = dims(x, axes)
        kept = [d for d in range(x.dim()) if d not in axes]
        flat = x.permute(kept + axes).reshape([x.shape[d] for d in kept] + [math.prod(x.shape[d] for d in axes)])
        y = f(flat)
        return y.reshape([1 if d in axes else x.shape[d] for d in range(x.dim())]) if keep else y
    return reduce


def both(f):
    """The pair wg_f, wg_f_axes."""
    r = over(f)
    return (lambda x: r(x, list(range(x.dim())), False)), r


def with_ddof(name):
    f = getattr(torch, name)

    def axes_form(x, axes, keep, ddof):
        return over(lambda z: f(z, dim=-1, correction=int(ddof)))(x, axes, keep)
    return (lambda x, ddof: axes_form(x, list(range(x.dim())), False, ddof)), axes_form


def norm_axes(x, axes, keep, p):
    return over(lambda z: torch.linalg.vector_norm(z, ord=p, dim=-1))(x, axes, keep)


def truth(x, f):
    return over(lambda z: f(z != 0, dim=-1).to(x.dtype))


def ordered(x, axis, descending):
    return torch.sort(x, dim=axis, descending=bool(descending), stable=True)


def topk(x, k, axis, largest, which):
    """torch.topk leaves the order of equal elements open: a stable sort does not."""
    return ordered(x, axis, largest)[which].narrow(axis, 0, k)


def take_steps(x, axis, start, stop, step):
    s = slice(int(start), None if stop == END else int(stop), int(step))
    return x.index_select(axis, torch.tensor(list(range(*s.indices(x.shape[axis]))), dtype=torch.int64))


def sum_to(x, shape):
    lead = x.dim() - len(shape)
    x = x.sum(dim=tuple(range(lead))) if lead else x
    stretched = [d for d in range(len(shape)) if shape[d] == 1 and x.shape[d] != 1]
    return x.sum(dim=stretched, keepdim=True) if stretched else x


def pad(x, before, after, value):
    flat = []
    for b, a in zip(reversed(before), reversed(after)):
        flat += [b, a]
    return F.pad(x, flat, value=value)


def take(x, index, axis):
    axis %= x.dim()
    y = x.index_select(axis, index.reshape(-1))
    return y.reshape(x.shape[:axis] + index.shape + x.shape[axis + 1:])


def recurrence(a, b):
    r, out = torch.zeros(a.shape[:-1]), []
    for i in range(a.shape[-1]):
        r = b[..., i] + a[..., i] * r
        out.append(r)
    return torch.stack(out, dim=-1) if out else b * a


def squeeze(x, axes):
    if not axes:
        return x.squeeze()
    for a in sorted(dims(x, axes), reverse=True):
        x = x.squeeze(a)
    return x


def reduced(y, r):
    return y.mean() if r == MEAN else y.sum() if r == SUM else y


def pair(f):
    """The pair wg_loss, wg_loss_as of an elementwise loss."""
    return (lambda p, y, *a: f(p, y, *a).mean()), (lambda p, y, *a: reduced(f(p, y, *a[:-1]), a[-1]))


def pair_broadcast(f):
    def g(p, y, *a):
        p, y = torch.broadcast_tensors(p, y)
        return f(p, y, *a)
    return pair(g)


def bce_terms(p, y):
    """The formula; that it is PyTorch's function and gradient is checked where PyTorch's own are exact.
    At 0 and 1 PyTorch's alone."""
    if not ((p > 0) & (p < 1)).all():
        return F.binary_cross_entropy(p, y, reduction="none")
    def formula(p, y):
        return -(y * torch.clamp(torch.log(p), min=-100) + (1 - y) * torch.clamp(torch.log1p(-p), min=-100))
    inner = [t.detach().clone().requires_grad_() for t in (p, y)]
    own, built = F.binary_cross_entropy(*inner, reduction="none"), formula(*inner)
    assert torch.allclose(own, built, rtol=1e-14, atol=0)
    for g, h in zip(torch.autograd.grad(own.sum(), inner), torch.autograd.grad(built.sum(), inner)):
        assert torch.allclose(g, h, rtol=1e-13, atol=1e-13)
    return formula(p, y)


def nll_terms(logp, labels):
    if labels.dtype == torch.int64:
        return F.nll_loss(logp.reshape(-1, logp.shape[-1]), labels.reshape(-1),
                          reduction="none").reshape(logp.shape[:-1])
    return -(labels * logp).sum(-1)


def cross_entropy_terms(x, labels):
    flat = x.reshape(-1, x.shape[-1])
    other = labels.reshape(-1) if labels.dtype == torch.int64 else labels.reshape(-1, x.shape[-1])
    return F.cross_entropy(flat, other, reduction="none").reshape(x.shape[:-1])


def kl_terms(logp, y):
    return F.kl_div(logp, y, reduction="none")


def to_x(f):
    return lambda a, b: f(a, b).to(a.dtype)


REF = {
    "add": lambda a, b: a + b, "sub": lambda a, b: a - b, "mul": lambda a, b: a * b, "div": lambda a, b: a / b,
    "pow": torch.pow, "maximum": torch.maximum, "minimum": torch.minimum, "atan2": torch.atan2,
    "hypot": torch.hypot,
    "add_scalar": lambda x, c: x + c, "sub_scalar": lambda x, c: x - c, "rsub": lambda x, c: c - x,
    "mul_scalar": lambda x, c: x * c, "div_scalar": lambda x, c: x / c, "rdiv": lambda x, c: c / x,
    "pow_scalar": lambda x, c: x ** c,
    "lt": to_x(torch.lt), "le": to_x(torch.le), "gt": to_x(torch.gt), "ge": to_x(torch.ge),
    "eq": to_x(torch.eq), "ne": to_x(torch.ne),
    "logical_and": to_x(torch.logical_and), "logical_or": to_x(torch.logical_or),
    "logical_not": lambda x: torch.logical_not(x).to(x.dtype),
    "where": lambda c, a, b: torch.where(c != 0, a, b),
    "neg": torch.neg, "abs": lambda x: x * sign(x), "sign": sign, "square": torch.square,
    "sqrt": torch.sqrt, "rsqrt": torch.rsqrt, "reciprocal": torch.reciprocal, "exp": torch.exp,
    "expm1": Expm1.apply,
    "log": torch.log, "log1p": torch.log1p, "log2": torch.log2, "sin": torch.sin, "cos": torch.cos,
    "tan": torch.tan,
    "asin": torch.asin, "acos": torch.acos, "atan": torch.atan, "sinh": torch.sinh, "cosh": torch.cosh,
    "tanh": torch.tanh,
    "asinh": torch.asinh, "acosh": torch.acosh, "atanh": torch.atanh, "erf": torch.erf, "erfc": torch.erfc,
    "lgamma": LogGamma.apply, "digamma": lambda x: Polygamma.apply(x, 0),
    "polygamma": lambda x, n: Polygamma.apply(x, n),
    "floor": torch.floor, "ceil": torch.ceil, "round": torch.round,
    "clamp": lambda x, lo, hi: torch.clamp(x, lo, hi),
    "isfinite": lambda x: torch.isfinite(x).to(x.dtype),
    "cast": lambda x, d: x.to([torch.float32, torch.float64, torch.int32][d]),
    "sigmoid": torch.sigmoid, "relu": torch.relu, "leaky_relu": F.leaky_relu, "elu": F.elu, "selu": F.selu,
    "silu": F.silu,
    "gelu": F.gelu, "gelu_tanh": lambda x: F.gelu(x, approximate="tanh"), "softplus": Softplus.apply,
    "hard_sigmoid": HardSigmoid.apply, "piecewise_linear": lambda x: torch.clamp(x + 0.5, 0, 1),
    "heaviside": lambda x: torch.heaviside(x.detach(), torch.tensor(0.5)),

    "argmax": lambda x, a, k: torch.argmax(x, dim=a, keepdim=bool(k)),
    "argmin": lambda x, a, k: torch.argmin(x, dim=a, keepdim=bool(k)),
    "cumsum": torch.cumsum, "cumprod": torch.cumprod, "linear_recurrence": recurrence,
    "sort": lambda x, a, d: ordered(x, a, d)[0], "argsort": lambda x, a, d: ordered(x, a, d)[1], "topk": topk,
    "norm": lambda x, p: norm_axes(x, list(range(x.dim())), False, p), "norm_axes": norm_axes,
    "any_axes": lambda x, a, k: truth(x, torch.any)(x, a, k),
    "all_axes": lambda x, a, k: truth(x, torch.all)(x, a, k),
    "any": lambda x: torch.any(x != 0).to(x.dtype), "all": lambda x: torch.all(x != 0).to(x.dtype),

    "reshape": torch.reshape, "flatten": lambda x: x.reshape(-1), "squeeze": squeeze,
    "unsqueeze": torch.unsqueeze,
    "transpose": lambda x: x.transpose(-1, -2) if x.dim() > 1 else x, "permute": lambda x, a: x.permute(a),
    "broadcast_to": torch.broadcast_to, "sum_to": sum_to, "slice": take_steps, "select": torch.select,
    "flip": torch.flip, "pad": pad, "repeat": lambda x, t: x.repeat(t),
    "repeat_interleave": lambda x, n, a: x.repeat_interleave(n, dim=a),
    "concat": lambda *xs: torch.cat(xs[:-1], dim=xs[-1]), "stack": lambda *xs: torch.stack(xs[:-1], dim=xs[-1]),
    "split": lambda x, a, sizes, which: torch.split(x, sizes, dim=a)[which],
    "diag": lambda x, k: torch.diag(x, k) if x.dim() == 1 else torch.diagonal(x, k, -2, -1),
    "trace": lambda x: torch.diagonal(x, 0, -2, -1).sum(-1), "tril": torch.tril, "triu": torch.triu,
    "arange": lambda a, b, s: torch.arange(a, b, s, dtype=torch.float64),
    "arange_as": lambda d, a, b, s: torch.arange(a, b, s, dtype=[torch.float32, torch.float64, torch.int32][d]),
    "linspace": lambda a, b, n: torch.linspace(a, b, n, dtype=torch.float64),
    "eye": lambda m, n: torch.eye(m, n, dtype=torch.float64),
    "zeros_like": torch.zeros_like, "ones_like": torch.ones_like,

    "take": take, "take_along_axis": lambda x, i, a: torch.gather(x, a, i),
    "scatter_add": lambda x, i, s, a: torch.scatter_add(x, a, i, s),
    "one_hot": lambda i, n: F.one_hot(i, n).to(torch.float64),

    "matmul": torch.matmul, "dot": torch.dot, "outer": torch.outer,
    "einsum": lambda *xs: torch.einsum(xs[-1], *xs[:-1]),

    "softmax": lambda x, a: torch.softmax(x, a), "log_softmax": lambda x, a: torch.log_softmax(x, a),
    "stop_gradient": lambda x: x.detach(), "scalar": lambda c: torch.tensor(float(c)),
    "full": lambda s, c: torch.full(s, float(c), dtype=torch.float64),
    "full_like": lambda x, c: torch.full_like(x, c),
    "dropout": lambda x, p: F.dropout(x, p),  # only with p of 0 and 1, where nothing is random
}
REF["sum"], REF["sum_axes"] = both(lambda z: z.sum(-1))
REF["mean"], REF["mean_axes"] = both(lambda z: z.mean(-1))
REF["prod"], REF["prod_axes"] = both(lambda z: z.prod(-1))
REF["max"], REF["max_axes"] = both(lambda z: z.amax(-1))
REF["min"], REF["min_axes"] = both(lambda z: z.amin(-1))
REF["logsumexp"], REF["logsumexp_axes"] = both(lambda z: torch.logsumexp(z, -1))
REF["var"], REF["var_axes"] = with_ddof("var")
REF["std"], REF["std_axes"] = with_ddof("std")
REF["mse"], REF["mse_as"] = pair_broadcast(lambda p, y: F.mse_loss(p, y, reduction="none"))
REF["mae"], REF["mae_as"] = pair_broadcast(lambda p, y: F.l1_loss(p, y, reduction="none"))
REF["huber"], REF["huber_as"] = pair_broadcast(lambda p, y, d: F.huber_loss(p, y, reduction="none", delta=d))
REF["bce"], REF["bce_as"] = pair_broadcast(bce_terms)
REF["bce_with_logits"], REF["bce_with_logits_as"] = pair_broadcast(
    lambda p, y: F.binary_cross_entropy_with_logits(p, y, reduction="none"))
REF["hinge"], REF["hinge_as"] = pair_broadcast(lambda p, y: torch.relu(1 - y * p))
REF["kl_div"], REF["kl_div_as"] = pair_broadcast(kl_terms)
REF["nll"], REF["nll_as"] = pair(nll_terms)
REF["cross_entropy"], REF["cross_entropy_as"] = pair(cross_entropy_terms)
