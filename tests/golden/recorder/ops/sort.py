"""Order: sort, argsort and topk. Only a stable sort says where equal values go."""
import torch

from .call import FLOATS, INF, INTS, NAN


def distinct(shape, dtype):
    """Different values in a random order."""
    n = torch.Size(shape).numel()
    order = torch.randperm(n).reshape(shape)
    return order.to(dtype) / 4 - 2 if dtype.is_floating_point else order.to(dtype)


def sorts(ops, dtype):
    shapes = [((), 0), ((1,), 0), ((7,), 0), ((33,), -1), ((3, 5), 0), ((3, 5), 1), ((2, 3, 4), 1),
              ((0,), 0), ((3, 0), 1), ((17, 3), 0)]
    for shape, dim in shapes:
        x = distinct(shape, dtype)
        for descending in (False, True):
            ops.call("sort", x, dim=dim, descending=descending, exact=True)
            ops.call("argsort", x, dim=dim, descending=descending, grad=False)
    ops.call("sort", distinct((4, 3), dtype), exact=True)
    tied = torch.tensor([[3, 1, 3, 2, 1, 1], [0, 0, 0, 0, 0, 0], [2, 1, 2, 1, 2, 1]]).to(dtype)
    for descending in (False, True):
        for dim in (0, 1):
            ops.call("sort", tied, dim=dim, descending=descending, stable=True, exact=True)
            ops.call("argsort", tied, dim=dim, descending=descending, stable=True, grad=False)
    if dtype.is_floating_point:
        values = torch.tensor([1.0, NAN, -INF, 0.0, INF, -0.0, NAN, -1.0], dtype=dtype)
        for descending in (False, True):
            ops.call("sort", values, dim=0, descending=descending, stable=True, grad=False,
                     exact=True)


def tops(ops, dtype):
    for shape, k, dim in [((7,), 3, 0), ((7,), 7, -1), ((7,), 0, 0), ((33,), 5, 0), ((3, 5), 2, 1),
                          ((3, 5), 2, 0), ((2, 4, 3), 2, 1), ((), 1, 0), ((0, 3), 2, 1)]:
        x = distinct(shape, dtype)
        for largest in (True, False):
            ops.call("topk", x, k=k, dim=dim, largest=largest, exact=True)
    ops.call("topk", distinct((6,), dtype), k=2, exact=True)
    if dtype.is_floating_point:
        values = torch.tensor([1.0, NAN, -INF, 0.5, INF, -1.0], dtype=dtype)
        for largest in (True, False):
            ops.call("topk", values, k=4, largest=largest, grad=False, exact=True)


def record(ops):
    for dtype in (*FLOATS, *INTS):
        sorts(ops, dtype)
        tops(ops, dtype)
