"""Reductions over all dimensions, one or several; running sums and products."""
import torch

from .call import FLOATS, INF, INTS, NAN, sample

# Shape and dimensions (None: all of them).
MANY = [((), None), ((5,), None), ((100,), None), ((3, 4), None), ((2, 3, 4), None), ((5,), 0),
        ((33,), 0), ((3, 4), 0), ((3, 4), -1), ((4, 17), 1), ((17, 4), 0), ((2, 3, 4), 1),
        ((3, 4), [0, 1]), ((2, 3, 4), [0, 2]), ((2, 3, 4), [-1, 1]), ((2, 3, 2, 2), [1, 2]),
        ((), 0)]
EMPTY = [((0,), None), ((0, 3), 0), ((0, 3), 1), ((2, 0), 1), ((2, 0, 3), [0, 1])]
ONE = [((5,), 0), ((33,), 0), ((3, 4), 0), ((3, 4), -1), ((4, 17), 1), ((17, 4), 0), ((2, 3, 4), 1),
       ((), 0), ((1,), 0), ((0, 3), 1)]
KEPT = [((5,), 0), ((3, 4), 1), ((2, 3, 4), 0)]


def over(ops, op, x, dim, **kwargs):
    if dim is None:
        ops.call(op, x, **kwargs)
    else:
        ops.call(op, x, dim=dim, **kwargs)


def spread(ops, op, dtype, empty=True, **kwargs):
    """Over several dimensions, or all."""
    for shape, dim in MANY:
        over(ops, op, sample(shape, dtype), dim, **kwargs)
    for shape, dim in [*KEPT, ((2, 3, 4), [0, -1])]:
        over(ops, op, sample(shape, dtype), dim, keepdim=True, **kwargs)
    for shape, dim in EMPTY if empty else [((0, 3), 1)]:
        over(ops, op, sample(shape, dtype), dim, **kwargs)


def sums(ops, dtype):
    for op in ("sum", "mean"):
        spread(ops, op, dtype)
    for op in ("amax", "amin"):
        spread(ops, op, dtype, empty=False)
    for op in ("var", "std"):
        spread(ops, op, dtype)
        spread(ops, op, dtype, correction=0)
        ops.call(op, sample((4,), dtype), correction=2, dim=0)
        ops.call(op, torch.full((4,), 3.0, dtype=dtype), grad=False)
        ops.call(op, sample((2, 1), dtype), dim=1, grad=False)  # 0 / 0
    for shape, dim in MANY + EMPTY:
        if dim is not None:
            ops.call("logsumexp", sample(shape, dtype), dim=dim)
    for shape, dim in KEPT:
        ops.call("logsumexp", sample(shape, dtype), dim=dim, keepdim=True)
    values = torch.tensor([[INF, 1.0], [-INF, 1.0], [-INF, -INF], [INF, -INF], [1e30, 1.0],
                           [NAN, 1.0], [1000.0, 1000.0]], dtype=dtype)
    ops.call("logsumexp", values, dim=1, grad=False)


def norms(ops, dtype):
    for p in (1, 2, INF, -INF, 0, 3, 0.5):
        for shape, dim in [((5,), None), ((3, 4), None), ((3, 4), 0), ((3, 4), -1), ((), None),
                           ((2, 3, 4), [0, 2]), ((33,), 0), ((4, 17), 1)]:
            over(ops, "norm", sample(shape, dtype), dim, p=p)
        ops.call("norm", sample((3, 4), dtype), p=p, dim=1, keepdim=True)
    for p in (1, 2, 0, 3):
        ops.call("norm", sample((0, 3), dtype), p=p, dim=0, grad=False)
    ops.call("norm", sample((4,), dtype))
    ops.call("norm", torch.zeros(3, dtype=dtype))  # the gradient at 0 is 0


def extremes(ops, dtype):
    tied = torch.tensor([[1, 3, 3, 2], [0, 0, 0, 0], [-1, -5, 2, 2]]).to(dtype)
    lists = [tied]
    if dtype.is_floating_point:
        lists += [torch.tensor([[1.0, NAN, 3.0], [NAN, NAN, 0.0], [INF, -INF, 2.0],
                                [-0.0, 0.0, -0.0]], dtype=dtype)]
    for op in ("max", "min", "argmax", "argmin"):
        for x in lists:
            over(ops, op, x, None)
            for dim in (0, 1):
                over(ops, op, x, dim)
        for shape in [(), (5,), (100,), (2, 3, 4)]:
            ops.call(op, sample(shape, dtype))
        for shape, dim in ONE:
            ops.call(op, sample(shape, dtype), dim=dim)
        for shape, dim in KEPT:
            ops.call(op, sample(shape, dtype), dim=dim, keepdim=True)
    for op in ("amax", "amin"):
        for x in lists:
            for dim in (None, 0, [0, 1]):
                over(ops, op, x, dim)


def products(ops, dtype):
    for shape in [(), (5,), (2, 3), (0,)]:
        ops.call("prod", sample(shape, dtype))
    for op in ("prod", "cumsum", "cumprod"):
        for shape, dim in ONE:
            ops.call(op, sample(shape, dtype) if op == "cumsum" else small(shape, dtype), dim=dim)
    for shape, dim in KEPT:
        ops.call("prod", small(shape, dtype), dim=dim, keepdim=True)
    for zeros in ([1.0, 0.0, 3.0], [0.0, 2.0, 0.0], [0.0, 0.0, 0.0]):
        x = torch.tensor(zeros, dtype=torch.float64).to(dtype)
        ops.call("prod", x)
        for op in ("prod", "cumprod"):
            ops.call(op, x, dim=0)
    ops.call("prod", sample((0, 3), dtype), dim=0)
    if dtype.is_floating_point:
        values = torch.tensor([1.0, INF, -INF, 2.0, NAN], dtype=dtype)
        for op in ("cumsum", "cumprod"):
            ops.call(op, values, dim=0, grad=False)


def small(shape, dtype):
    """Values whose products stay in range."""
    return sample(shape, dtype, 0.5) + 1 if dtype.is_floating_point else sample(shape, dtype) % 3


def truths(ops, dtype):
    for op in ("all", "any"):
        for shape, dim in MANY + EMPTY:
            x = sample(shape, dtype)
            over(ops, op, x.round() if dtype.is_floating_point else x, dim, grad=False)
        for shape, dim in KEPT:
            over(ops, op, sample(shape, dtype), dim, keepdim=True, grad=False)
        for fill in (0, 1):
            ops.call(op, torch.full((2, 3), fill).to(dtype), grad=False)


def record(ops):
    for dtype in FLOATS:
        for part in (sums, norms, extremes, products, truths):
            part(ops, dtype)
    for dtype in INTS:
        for op in ("sum", "amax", "amin"):
            spread(ops, op, dtype, empty=op == "sum")
        for part in (extremes, products):
            part(ops, dtype)
    for op in ("sum", "prod", "cumsum"):
        ops.call(op, sample((3, 4), torch.bool), dim=1)
    ops.call("sum", sample((3, 4), torch.bool))
    truths(ops, torch.bool)
    truths(ops, torch.uint8)
    truths(ops, torch.int64)
