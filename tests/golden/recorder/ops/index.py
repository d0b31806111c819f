"""Elements picked by indices or masks."""
from functools import partial

import torch

from .call import ALL, INF, NAN, sample


def index(*values):
    return torch.tensor(values, dtype=torch.int64)


def picked(call, make):
    for shape, dim, chosen in [((5,), 0, index(0, 3, 3, 1)), ((3, 4), 0, index(2, 0)),
                               ((3, 4), 1, index(1, 1, 3, 0, 2)), ((3, 4), -1, index(2)),
                               ((2, 3, 2), 1, index(2, 1)), ((3, 4), 0, index()),
                               ((3, 0), 0, index(1)), ((), 0, index(0))]:
        call("index_select", make(shape), dim=dim, index=chosen)
    for shape, dim, size in [((5,), 0, (3,)), ((3, 4), 0, (2, 4)), ((3, 4), 1, (3, 2)),
                             ((3, 4), -1, (2, 6)), ((2, 3, 4), 1, (2, 5, 4)), ((3, 4), 0, (0, 4)),
                             ((3, 4), 0, (5, 2))]:
        chosen = torch.randint(0, shape[dim], size)
        call("gather", make(shape), dim=dim, index=chosen)
    call("gather", make(()), dim=0, index=torch.tensor(0))


def masked(call, make, dtype):
    fill = {torch.bool: True, torch.uint8: 7}.get(dtype, -3)
    for shape, mask in [((4,), (4,)), ((3, 4), (3, 4)), ((3, 4), (4,)), ((3, 4), (3, 1)),
                        ((3, 4), ()), ((), ()), ((0, 3), (3,)), ((2, 17), (2, 17))]:
        call("masked_fill", make(shape), torch.rand(mask) < 0.5, fill)
    if dtype.is_floating_point:
        for value in (0.5, INF, -INF, NAN):
            call("masked_fill", make((5,)), torch.rand(5) < 0.5, value)
    for condition, a, b in [((3,), (3,), (3,)), ((2, 3), (2, 3), (3,)), ((2, 1), (1, 3), ()),
                            ((), (2, 2), (2, 2)), ((2, 3), (), ()), ((0, 3), (1, 3), (0, 1)),
                            ((33,), (33,), (33,))]:
        call("where", torch.rand(condition) < 0.5, make(a), make(b))
    if dtype == torch.float32:
        call("where", torch.rand(4) < 0.5, make((4,)), 0.25)
        call("where", torch.rand(4) < 0.5, -2.0, make((4,)))


def record(ops):
    for dtype in ALL:
        call = partial(ops.call, exact=True, grad=dtype in (torch.float32, torch.float64))
        make = partial(sample, dtype=dtype)
        picked(call, make)
        masked(call, make, dtype)
