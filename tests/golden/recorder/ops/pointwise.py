"""Arithmetic: one element in, or two, and one out."""
import math

import torch

from .call import FLOATS, INF, INTS, NAN, sample

SIZES = [0, 1, 3, 7, 8, 15, 16, 17, 31, 33, 100]
EXACT = {"neg", "abs", "sign", "floor", "ceil", "round", "trunc", "relu", "square", "reciprocal",
         "maximum", "minimum", "clamp"}
PLAIN = ["neg", "abs", "sign", "exp", "expm1", "square", "sin", "cos", "tan", "atan", "sinh",
         "cosh", "tanh", "sigmoid", "erf", "floor", "ceil", "round", "trunc", "relu", "reciprocal"]
POSITIVE = ["log", "log2", "log10", "sqrt", "rsqrt", "log1p"]
NARROW = ["asin", "acos"]
SPECIAL = [0.0, -0.0, INF, -INF, NAN, 1e-45, 1e-40, -1e-40, 1e-30, -1e-30, 1e-10, -1e-10, 1e-4, 0.5,
           -0.5, 0.25, 1.0, -1.0, 0.9999, -0.9999, 1.5, -1.5, 2.5, -2.5, math.pi, -math.pi / 2, 3.5,
           9.01, -9.01, 20.0, -20.0, 87.0, -87.0, 88.7, 88.8, 89.0, -89.0, -103.0, -104.0, 709.0,
           709.8, -709.0, -745.0, -746.0, 1e5, -1e5, 8388609.0, 1e10, -1e10, 1e30, -1e30, 3.4e38,
           -3.4e38]
FEW_SPECIAL = [0.0, -0.0, 1.0, -1.0, 0.5, 3.0, -2.5, INF, -INF, NAN, 1e30, -1e-40]
PAIRS = [((), ()), ((3,), ()), ((), (2, 3)), ((2, 3), (3,)), ((2, 3), (2, 1)), ((2, 1), (1, 3)),
         ((4, 1, 3), (2, 1)), ((0, 3), (1, 3)), ((2, 0), (1,)), ((3, 5), (3, 5)), ((33,), (1,)),
         ((2, 1, 3, 1), (1, 4, 1, 5))]
FEW_PAIRS = [((), ()), ((2, 3), (3,)), ((2, 1), (1, 3)), ((0, 3), (1, 3)), ((17,), (17,))]


def special(op):
    """For sinh and cosh without the last values before the overflow: PyTorch's is too early."""
    early = (88.8, 89.0, 709.8) if op in ("sinh", "cosh") else ()
    return [v for v in SPECIAL if abs(v) not in early]


def unary(ops, dtype):
    for op in [*PLAIN, *POSITIVE, *NARROW]:
        exact = op in EXACT
        for n in SIZES:
            x = sample((n,), dtype, 2.0)
            if op in POSITIVE:
                x = x.abs() + 0.01
            elif op in NARROW:
                x = 0.95 * x.tanh()
            ops.call(op, x, grad=n in (1, 17), exact=exact)
        ops.call(op, x[:12].reshape(2, 3, 2), exact=exact)
        ops.call(op, x[0].reshape(()), exact=exact)
        ops.call(op, torch.tensor(special(op), dtype=dtype), grad=False, exact=exact)
    for op in ("isnan", "isinf", "isfinite"):
        ops.call(op, torch.tensor(SPECIAL, dtype=dtype), grad=False)
        ops.call(op, sample((0, 2), dtype), grad=False)
    # Every exponent, and both signs: where a kernel changes from one formula to the next.
    sweep = torch.logspace(-44, 38, 83, dtype=torch.float64)
    for op in [*PLAIN, *POSITIVE, *NARROW]:
        ops.call(op, torch.cat([sweep, -sweep]).to(dtype), grad=False, exact=op in EXACT)


def pairs(op, dtype, listed):
    for a, b in listed:
        x, y = sample(a, dtype), sample(b, dtype)
        if op == "pow":
            x = x.abs() + 0.1
        elif op in ("div", "remainder", "fmod"):
            y = torch.where(y.abs() < 0.1, y + 1, y)
        yield x, y


def binary(ops, dtype):
    for op in ("add", "sub", "mul", "div", "pow", "maximum", "minimum", "atan2"):
        exact = op in ("add", "sub", "mul", "div", "maximum", "minimum")
        for x, y in pairs(op, dtype, PAIRS):
            ops.call(op, x, y, exact=exact)
        for n in SIZES:
            for x, y in pairs(op, dtype, [((n,), (n,))]):
                ops.call(op, x, y, grad=n == 17, exact=exact)
    for op in ("remainder", "fmod"):
        for x, y in pairs(op, dtype, FEW_PAIRS):
            ops.call(op, x * 5, y)
    for mode in ("floor", "trunc"):
        for x, y in pairs("div", dtype, FEW_PAIRS):
            ops.call("div", x * 5, y, rounding_mode=mode)
    for x, y in pairs("add", dtype, FEW_PAIRS):
        ops.call("add", x, y, alpha=0.5)
        ops.call("sub", x, y, alpha=-3)
    specials(ops, dtype)


def specials(ops, dtype):
    """Every pair of the special values."""
    values = torch.tensor(FEW_SPECIAL, dtype=dtype)
    x, y = values.unsqueeze(1), values
    for op in ("add", "sub", "mul", "div", "pow", "maximum", "minimum", "atan2", "remainder",
               "fmod"):
        ops.call(op, x, y, grad=False, exact=op in ("add", "sub", "mul", "div", *EXACT))
    for mode in ("floor", "trunc"):
        ops.call("div", x, y, rounding_mode=mode, grad=False)
    # A tie shares the gradient between both.
    tied = torch.tensor([1.0, 2.0, 3.0], dtype=dtype), torch.tensor([1.0, 5.0, 3.0], dtype=dtype)
    for op in ("maximum", "minimum"):
        ops.call(op, *tied, exact=True)


def with_numbers(ops, dtype):
    x = sample((2, 4), dtype, 3.0)
    for op in ("add", "sub", "mul", "div", "remainder", "fmod"):
        for number in (2, 0.3, -1.5):
            ops.call(op, x, number)
    for exponent in (0, 1, 2, 3, -1, -2, 0.5, 2.0, -0.5, 2.5):
        ops.call("pow", x.abs() + 0.1, exponent)
        ops.call("pow", x, exponent, grad=False)
    for base in (2.0, 0.5, 1, 0.0):
        ops.call("pow", base, x)
    for mode in ("floor", "trunc"):
        ops.call("div", x, 0.7, rounding_mode=mode)
    ops.call("add", x, 2.0, alpha=0.25)
    values = torch.tensor(SPECIAL, dtype=dtype)
    for kwargs in [{"min": -0.5}, {"max": 0.75}, {"min": -1, "max": 1}, {"min": 2.0, "max": 1.0}]:
        ops.call("clamp", x, **kwargs, exact=True)
        ops.call("clamp", values, **kwargs, grad=False, exact=True)
    ops.call("clamp", x, min=sample((4,), dtype), max=sample((2, 1), dtype), exact=True)
    for decimals in (1, 3, -1):
        ops.call("round", x * 20, decimals=decimals)


def integers(ops, dtype):
    top = torch.iinfo(dtype).max
    for op in ("neg", "abs", "sign", "square"):
        if not (op == "abs" and dtype == torch.uint8):
            ops.call(op, sample((2, 5), dtype))
    ops.call("neg", torch.tensor([0, 1, top], dtype=dtype))
    for op in ("floor", "ceil", "round", "trunc"):
        ops.call(op, sample((5,), dtype))
    for a, b in FEW_PAIRS:
        x, y = sample(a, dtype), sample(b, dtype)
        divisor = torch.where(y == 0, torch.ones_like(y) * 3, y)
        for op in ("add", "sub", "mul", "maximum", "minimum"):
            ops.call(op, x, y)
        ops.call("pow", x, y.abs() % 4)
        ops.call("div", x, divisor, exact=True)
        for op in ("remainder", "fmod"):
            ops.call(op, x, divisor)
        for mode in ("floor", "trunc"):
            ops.call("div", x, divisor, rounding_mode=mode)
    ops.call("add", torch.tensor([top, 1], dtype=dtype), torch.tensor([1, top], dtype=dtype))
    ops.call("mul", torch.tensor([top, 2], dtype=dtype), torch.tensor([3, top], dtype=dtype))
    x = sample((7,), dtype)
    for op in ("add", "sub", "mul", "remainder", "fmod"):
        ops.call(op, x, 3)
    ops.call("add", x, 5, alpha=2)
    ops.call("pow", x, 3)
    ops.call("div", x, 3, rounding_mode="floor")
    ops.call("clamp", x, min=2, max=5)
    for op in ("exp", "sqrt", "sin", "sigmoid", "tanh", "reciprocal", "log"):  # these give float32
        ops.call(op, x.abs() if dtype != torch.uint8 else x)


def record(ops):
    for dtype in FLOATS:
        for part in (unary, binary, with_numbers):
            part(ops, dtype)
    for dtype in INTS:
        integers(ops, dtype)
    for a, b in FEW_PAIRS:
        x, y = sample(a, torch.bool), sample(b, torch.bool)
        for op in ("add", "mul", "maximum", "minimum"):
            ops.call(op, x, y)
