"""Tensors made from numbers, and like another tensor."""
import torch

from .call import ALL, FLOATS, INF, INTS, sample

SHAPES = [[], [0], [3], [2, 3], [2, 0, 3], [1, 2, 3, 2]]


def record(ops):
    for dtype in ALL:
        for shape in SHAPES:
            ops.create("zeros", dtype, size=shape)
            ops.create("ones", dtype, size=shape)
            value = {torch.bool: True, torch.uint8: 200}.get(dtype, -7)
            ops.create("full", dtype, size=shape, fill_value=value)
        for n, m in [(3, 3), (2, 4), (4, 2), (0, 0), (0, 3), (1, 1)]:
            ops.create("eye", dtype, n=n, m=m)
        ops.create("eye", dtype, n=3)
        x = sample((2, 3), dtype)
        for op in ("zeros_like", "ones_like"):
            ops.call(op, x, grad=False, exact=True)
        ops.call("full_like", x, fill_value=1, grad=False, exact=True)
    for dtype in FLOATS:
        for value in (0.1, -0.0, INF, -INF, 1e-40):
            ops.create("full", dtype, size=[2], fill_value=value)
        for kwargs in [{"end": 5}, {"start": 1, "end": 4}, {"start": 1, "end": 2.5, "step": 0.5},
                       {"start": 0.0, "end": 1.0, "step": 0.1}, {"start": 5, "end": 0, "step": -1},
                       {"start": 0.0, "end": 10.0, "step": 0.3}, {"start": 1, "end": 1},
                       {"start": -3.0, "end": 3.0, "step": 1.5}, {"end": 100}, {"end": 2.5},
                       {"start": 0.5, "end": 17.0, "step": 0.25}]:
            ops.create("arange", dtype, **kwargs)
        for start, end in [(0.0, 1.0), (-1.0, 1.0), (3.0, -2.5), (0.1, 0.7), (5.0, 5.0), (-10, 10),
                           (1e-3, 1e6)]:
            for steps in (0, 1, 2, 3, 9, 16, 33, 100):
                ops.create("linspace", dtype, start=start, end=end, steps=steps)
    for dtype in INTS:
        for kwargs in [{"end": 5}, {"start": 1, "end": 4}, {"start": 0, "end": 20, "step": 3},
                       {"start": 3, "end": 3}, {"end": 100}]:
            ops.create("arange", dtype, **kwargs)
    ops.create("arange", torch.int64, start=5, end=-6, step=-2)
    ops.create("arange", torch.int64, start=2**60, end=2**60 + 3)
