"""Comparisons and logic: the answers are bool, and exact."""
import torch

from .call import ALL, FLOATS, sample
from .pointwise import FEW_SPECIAL, SIZES

PAIRS = [((), ()), ((2, 3), (3,)), ((2, 1), (1, 3)), ((0, 3), (1, 3)), ((3,), ())]
COMPARISONS = ("eq", "ne", "lt", "le", "gt", "ge")
LOGIC = ("logical_and", "logical_or", "logical_xor")


def often_equal(shape, dtype):
    x = sample(shape, dtype)
    return x.round() if dtype.is_floating_point else x % 3 if dtype != torch.bool else x


def record(ops):
    for dtype in ALL:
        for op in (*COMPARISONS, *LOGIC):
            for a, b in PAIRS:
                ops.call(op, often_equal(a, dtype), often_equal(b, dtype), grad=False)
            if op in COMPARISONS and dtype != torch.bool:
                ops.call(op, often_equal((9,), dtype), 1, grad=False)
        for shape in [(), (9,), (0, 2)]:
            ops.call("logical_not", often_equal(shape, dtype), grad=False)
    for dtype in FLOATS:
        values = torch.tensor(FEW_SPECIAL, dtype=dtype)
        for op in (*COMPARISONS, *LOGIC):
            ops.call(op, values.unsqueeze(1), values, grad=False)
        for op in COMPARISONS:
            ops.call(op, sample((5,), dtype), 0.25, grad=False)
        ops.call("logical_not", values, grad=False)
        for n in SIZES:
            ops.call("lt", often_equal((n,), dtype), often_equal((n,), dtype), grad=False)
            ops.call("eq", often_equal((n,), dtype), often_equal((n,), dtype), grad=False)
