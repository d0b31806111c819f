"""Products of vectors, matrices and batches of them."""
import torch

from .call import FLOATS, sample

PAIRS = [((3,), (3,)), ((3,), (3, 4)), ((2, 3), (3,)), ((2, 3), (3, 4)), ((5, 2, 3), (3,)),
         ((5, 2, 3), (3, 4)), ((3,), (5, 3, 4)), ((2, 3), (5, 3, 4)), ((5, 2, 3), (5, 3, 4)),
         ((1, 2, 3), (5, 3, 4)), ((4, 1, 2, 3), (5, 3, 2)), ((2, 1, 2, 3), (1, 3, 3, 1)),
         ((3,), (2, 2, 3, 4)), ((2, 2, 2, 3), (3,)), ((1,), (1,)), ((1, 1), (1, 1)),
         ((1, 17), (17, 1)), ((17, 1), (1, 17))]
EMPTY = [((2, 0), (0, 3)), ((0, 3), (3, 2)), ((0,), (0,)), ((5, 2, 0), (0, 3)), ((0, 2, 3), (3, 4)),
         ((2, 3), (3, 0)), ((0,), (0, 3)), ((2, 0), (0,)), ((0, 2, 3), (0, 3, 4)),
         ((0, 1, 2, 3), (5, 3, 2))]
WIDE = [((17, 33), (33, 31)), ((1, 100), (100, 10)), ((100, 3), (3, 16)), ((8, 16), (16, 8)),
        ((7, 65), (65, 5)), ((3, 16, 9), (9, 17))]


def products(ops, dtype, grad):
    for a, b in PAIRS + EMPTY:
        ops.call("matmul", sample(a, dtype), sample(b, dtype), grad=grad)
    for a, b in [((2, 3), (3, 4)), ((2, 0), (0, 3)), ((0, 3), (3, 0)), ((1, 5), (5, 1))]:
        ops.call("mm", sample(a, dtype), sample(b, dtype), grad=grad)
    for a, b in [((2, 3), (3,)), ((0, 3), (3,)), ((2, 0), (0,)), ((1, 1), (1,))]:
        ops.call("mv", sample(a, dtype), sample(b, dtype), grad=grad)
    for a, b in [((5, 2, 3), (5, 3, 4)), ((0, 2, 3), (0, 3, 4)), ((2, 2, 0), (2, 0, 3))]:
        ops.call("bmm", sample(a, dtype), sample(b, dtype), grad=grad)
    for n in (0, 1, 3, 17, 100):
        ops.call("dot", sample((n,), dtype), sample((n,), dtype), grad=grad)
    for n, m in [(2, 3), (1, 1), (0, 3), (17, 5)]:
        ops.call("outer", sample((n,), dtype), sample((m,), dtype), grad=grad)
    for added in [(2, 4), (4,), (2, 1), (), (1, 4)]:
        ops.call("addmm", sample(added, dtype), sample((2, 3), dtype), sample((3, 4), dtype),
                 grad=grad)


def scaled(ops, dtype):
    for beta, alpha in [(0.5, 1.0), (1.0, -2.0), (0.0, 1.5), (2.0, 0.0), (0.0, 0.0)]:
        ops.call("addmm", sample((2, 4), dtype), sample((2, 3), dtype), sample((3, 4), dtype),
                 beta=beta, alpha=alpha)
    ops.call("addmm", sample((2, 4), dtype), sample((2, 0), dtype), sample((0, 4), dtype), beta=0.5)
    # What is scaled by 0 is not read: its NaN stays out.
    ops.call("addmm", torch.full((2, 4), float("nan"), dtype=dtype), sample((2, 3), dtype),
             sample((3, 4), dtype), beta=0.0, grad=False)


def linears(ops, dtype):
    for shape in [(3,), (2, 3), (0, 3), (2, 5, 3), (2, 2, 1, 3), (17, 3)]:
        x, weight, bias = sample(shape, dtype), sample((4, 3), dtype), sample((4,), dtype)
        ops.call("linear", x, weight, bias)
        ops.call("linear", x, weight)
    for n, inputs, outputs in [(1, 100, 17), (33, 16, 10), (5, 65, 31), (2, 0, 3), (2, 3, 0)]:
        ops.call("linear", sample((n, inputs), dtype, 0.3), sample((outputs, inputs), dtype, 0.3),
                 sample((outputs,), dtype))
    ops.call("linear", sample((2, 3), dtype), sample((3,), dtype))  # a weight of one row


def record(ops):
    for dtype in FLOATS:
        products(ops, dtype, True)
        for a, b in WIDE:
            ops.call("matmul", sample(a, dtype, 0.3), sample(b, dtype, 0.3), grad=a[0] < 9)
        scaled(ops, dtype)
        linears(ops, dtype)
    for dtype in (torch.int64, torch.int32):
        products(ops, dtype, False)
