"""Softmax and its logarithm."""
import torch

from .call import FLOATS, INF, NAN, sample

SHAPES = [((), 0), ((1,), 0), ((5,), 0), ((33,), -1), ((3, 4), 0), ((3, 4), 1), ((2, 17), 1),
          ((17, 2), 0), ((2, 3, 4), 1), ((2, 3, 4), -1), ((2, 2, 3, 2), 2), ((0,), 0), ((0, 3), 1),
          ((3, 0), 1), ((2, 100), 1), ((1, 8), 0), ((2, 16), 1), ((2, 15), 1)]


def record(ops):
    for dtype in FLOATS:
        for op in ("softmax", "log_softmax"):
            for shape, dim in SHAPES:
                ops.call(op, sample(shape, dtype, 3.0), dim=dim)
            values = torch.tensor([[INF, 1.0, 2.0], [-INF, 1.0, 2.0], [-INF, -INF, -INF],
                                   [NAN, 1.0, 2.0], [1e30, 1.0, -1e30], [1000.0, 999.0, -1000.0],
                                   [0.0, -0.0, 0.0], [88.0, -88.0, 104.0]], dtype=dtype)
            for dim in (0, 1):
                ops.call(op, values, dim=dim, grad=False)
