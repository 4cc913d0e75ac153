#!/usr/bin/env python3
"""Writes cases.txt: numbers of an independent implementation, PyTorch in float64, for tests/test_oracle.c.

    /usr/bin/python3 tests/oracle/generate.py          (Debian: python3-torch, python3-mpmath; made with PyTorch 1.13.1)

cases.py lists the cases, reference.py says what each function is in PyTorch.  The file has one case after another:

    case name
    only f64                      arguments or results do not fit into f32
    each                          every element is judged by its own size, not by the largest one's
    tolerance 1e-9 why            in place of 1e-12
    scale 1 why                   in place of the largest element
    leaf a f64 [2 3] numbers
    do y matmul a b               a call; the last one's result is the output
    out f64 [2 2] numbers
    cot numbers                   c, of the output's shape
    grad a numbers                d sum(c * output) / da
    dir a numbers                 u, of the leaf's shape
    second a numbers              d sum over leaves(u * grad) / da
    end
"""
import math
import os
import random
import zlib

import torch

from cases import CASES, Leaf
from reference import REF

DTYPE_NAME = {torch.float64: "f64", torch.int32: "i32", torch.int64: "i32", torch.float32: "f32"}


def number(v):
    if isinstance(v, bool):
        return str(int(v))
    if isinstance(v, int):
        return str(v)
    if math.isnan(v):
        return "nan"
    if math.isinf(v):
        return "inf" if v > 0 else "-inf"
    return str(int(v)) if v == int(v) and abs(v) < 1e15 and (v or math.copysign(1, v) > 0) else repr(v)


def argument(v):
    if isinstance(v, str):
        return f'"{v}"'
    return "[" + " ".join(number(x) for x in v) + "]" if isinstance(v, (list, tuple)) else number(v)


def numbers(t):
    t = t.detach() + 0 if t._is_zerotensor() else t  # a zero that PyTorch has not made memory for
    return " ".join(number(v) for v in t.detach().reshape(-1).tolist())


def extents(t):
    return "[" + " ".join(str(n) for n in t.shape) + "]"


def fits_f32(t, strict):
    """strict: exactly representable; else: within f32's range with a margin."""
    t = t.detach()
    if t.dtype != torch.float64 or t._is_zerotensor():
        return True
    v = t[torch.isfinite(t)]
    if strict:
        return bool((v.to(torch.float32).to(torch.float64) == v).all())
    v = v[v != 0].abs()
    return not len(v) or (float(v.max()) < 1e37 and float(v.max()) > 1e-34)


def second_order(xs, us, grads):
    """The gradient of sum(u * grad); None where PyTorch has no second derivative (hardsigmoid in 1.13)."""
    s = sum((u * g).sum() for u, g in zip(us, grads))
    hs = [None] * len(xs)
    if s.requires_grad:
        try:
            hs = torch.autograd.grad(s, xs, allow_unused=True)
        except RuntimeError as e:
            if "is not implemented" not in str(e):
                raise
            return None
    return [torch.zeros_like(x) if h is None else h for x, h in zip(xs, hs)]


def write_case(out, name, leaves, steps, options):
    rng = random.Random(zlib.crc32(name.encode()))
    env = {k: leaf.make(rng) for k, leaf in leaves.items()}
    free = [k for k, leaf in leaves.items() if leaf.grad]
    for k in free:
        env[k].requires_grad_()
    values = dict(env)
    for result, op, operands, args in steps:
        y = values[result] = REF[op](*[values[o] for o in operands], *args)

    lines, stored = [f"case {name}"], [y] + list(env.values())
    for k, v in env.items():
        lines.append(f"leaf {k} {DTYPE_NAME[v.dtype]} {extents(v)} {numbers(v)}".rstrip())
    for result, op, operands, args in steps:
        lines.append(" ".join(["do", result, op] + operands + [argument(a) for a in args]))
    lines.append(f"out {DTYPE_NAME[y.dtype]} {extents(y)} {numbers(y)}".rstrip())

    second = options.get("second", True)
    if y.dtype == torch.float64 and free:
        if "cot" in options:
            cot = torch.tensor(options["cot"], dtype=torch.float64).reshape(y.shape)
        else:
            cot = [rng.choice([-1, 1]) * rng.randint(4, 32) / 16 for _ in range(y.numel())]
            cot = torch.tensor(cot, dtype=torch.float64).reshape(y.shape)
        lines.append(f"cot {numbers(cot)}".rstrip())
        xs = [env[k] for k in free]
        grads = [None] * len(xs)
        if y.requires_grad:
            grads = torch.autograd.grad(y, xs, cot, create_graph=True, allow_unused=True)
        grads = [torch.zeros_like(x) if g is None else g for x, g in zip(xs, grads)]
        for k, g in zip(free, grads):
            lines.append(f"grad {k} {numbers(g)}".rstrip())
        stored += grads
        if second:
            us = [Leaf(x.shape, -2, 2).make(rng) for x in xs]
            hs = second_order(xs, us, grads)
            for k, u, h in zip(free, us, hs or []):
                lines.append(f"dir {k} {numbers(u)}".rstrip())
                lines.append(f"second {k} {numbers(h)}".rstrip())
            stored += hs or []

    exact, in_range = all(fits_f32(v, True) for v in env.values()), all(fits_f32(v, False) for v in stored)
    if options.get("only_f64") or not exact or not in_range:
        lines.insert(1, "only f64")
    if options.get("each"):
        lines.insert(1, "each")
    for key in ("tolerance", "scale"):
        if key in options:
            value, why = options[key]
            lines.insert(1, f"{key} {value!r} {why}")
    lines.append("end")
    out.append("\n".join(lines))


def main():
    out = [f"# Written by tests/oracle/generate.py with PyTorch {torch.__version__} in float64; see there for the format."]
    for c in CASES:
        try:
            write_case(out, *c)
        except Exception as e:
            raise SystemExit(f"{c[0]}: {e}")
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "cases.txt")
    with open(path, "w") as f:
        f.write("\n".join(out) + "\n")
    print(f"{len(CASES)} cases, {os.path.getsize(path)} bytes")


if __name__ == "__main__":
    main()
