"""Cases that module_db lacks: sizes around the widths of vectors, other arguments, extremes."""
import torch
from torch import nn

from recorder.trees import container, leaf

from .extremes import steady

SIZES = [0, 1, 3, 7, 8, 15, 16, 17, 31, 33, 100]
FEW_SIZES = [0, 1, 17]
# Activations of each element: positional arguments, and those that are not the defaults.
ELEMENTWISE = {
    "Threshold": [(0.1, 20), (-0.5, -1.5)], "ReLU": [()], "ReLU6": [()],
    "RReLU": [(), (0.2, 0.9), (0, 1), (0.3, 0.3)],
    "Hardtanh": [(), (-2, 2), (0.25, 1.5), (-0.5,)], "Hardsigmoid": [()], "Hardswish": [()],
    "Hardshrink": [(), (1,), (0.0,), (-0.5,)], "Softshrink": [(), (1,), (0.0,)], "Tanhshrink": [()],
    "Softsign": [()], "Softplus": [(), (2,), (0.5, 3.0), (-1.5, 10)],
    "LeakyReLU": [(), (0.2,), (0,), (-0.3,), (1e-05,)], "ELU": [(), (2,), (0.3,), (-0.5,)],
    "CELU": [(), (2,), (0.3,), (-0.5,)], "SELU": [()], "GELU": [(), ("tanh",), ("none",)],
    "SiLU": [()], "Mish": [()], "LogSigmoid": [()], "Sigmoid": [()], "Tanh": [()],
}
# Others: constructor arguments and the shape of the input.
SHAPED = {
    "PReLU": [((), (n,)) for n in SIZES] + [((3, 0.1), (2, 3)), ((4, 1), (3, 4, 5)), ((1,), ()),
                                           ((2, -0.5), (0, 2, 3)), ((17,), (2, 17, 3))],
    "GLU": [((), (2 * n,)) for n in SIZES] + [((0,), (4, 3)), ((1,), (2, 6, 3)), ((-2,), (3, 4, 5)),
                                             ((1,), (0, 4)), ((-1,), (2, 0))],
    "Softmax2d": [((), s) for s in [(3, 2, 2), (2, 3, 4, 5), (1, 17, 1, 3), (0, 3, 2, 2)]],
    "Flatten": [(a, s) for a, s in [((), (2, 3, 4)), ((), (2, 3)), ((0,), (2, 3)),
                                    ((0, 1), (2, 3, 4)), ((1, -2), (2, 3, 2, 2)), ((0,), ()),
                                    ((), (0, 3, 2)), ((2, 3), (2, 1, 3, 2))]],
    "Unflatten": [(a, s) for a, s in [((1, (2, 3)), (2, 6)), ((-1, (2, -1)), (3, 4)),
                                      ((0, (4,)), (4, 2)), ((1, (3, 1, 2)), (0, 6)),
                                      ((0, (2, 2)), (4,))]],
    "Identity": [((), s) for s in [(), (0,), (17,), (2, 3)]],
    "Linear": [((3, 4), s) for s in [(3,), (0, 3), (2, 5, 3), (2, 1, 2, 3)]] +
              [((i, o), (3, i)) for i, o in [(1, 1), (17, 5), (31, 8), (8, 16), (33, 31), (16, 15),
                                             (100, 7), (7, 33)]] + [((5, 2, False), (4, 5))],
}
for softmax in ("Softmax", "Softmin", "LogSoftmax"):
    SHAPED[softmax] = [((0,), (n,)) for n in SIZES] + [
        ((1,), (2, 3)), ((-1,), (2, 3, 4)), ((0,), (3, 2)), ((1,), (2, 3, 4, 2)), ((0,), (0, 3)),
        ((), (4,)), ((), (2, 3)), ((), (2, 3, 4)), ((), (2, 3, 2, 2)), ((), ())]


def sample(shape, dtype, scale=3.0):
    x = (torch.randn(shape, dtype=torch.float64) * scale).to(dtype)
    return x.requires_grad_()


def elementwise(cls, variants, dtype):
    modes = (True, False) if cls is nn.RReLU else (True,)
    for training in modes:
        for n, args in enumerate(variants):
            for size in FEW_SIZES if n else SIZES:
                yield training, args, {}, [sample((size,), dtype)]
        yield training, variants[0], {}, [sample((2, 3, 2), dtype)]
        yield training, variants[0], {}, [sample((), dtype)]
    for args in variants:
        # In evaluation mode, where nothing is drawn.
        module = cls(*args).eval()
        yield False, args, {}, [steady(module, dtype).requires_grad_()]


def cases(cls, dtype):
    """Yields training, constructor arguments, positional and named, and forward's."""
    name = cls.__name__
    if name in ELEMENTWISE:
        yield from elementwise(cls, ELEMENTWISE[name], dtype)
    for ctor_args, shape in SHAPED.get(name, []):
        yield True, ctor_args, {}, [sample(shape, dtype)]


def sequentials(dtype):
    """Yields trees and their inputs."""
    relu, softmax = leaf("ReLU"), leaf("Softmax", 1)
    inner = container("Sequential", leaf("Linear", 4, 4), leaf("Sigmoid"))
    yield container("Sequential"), sample((2, 3), dtype)
    yield container("Sequential", leaf("Linear", 5, 7), relu, leaf("Linear", 7, 3), softmax), \
        sample((4, 5), dtype)
    yield container("Sequential", ("first", leaf("Linear", 3, 4)), ("act", leaf("GELU")),
                    ("last", leaf("Linear", 4, 2, bias=False))), sample((2, 3), dtype)
    yield container("Sequential", inner, leaf("PReLU", 4), container("Sequential", inner, relu)), \
        sample((3, 4), dtype)
    yield container("Sequential", leaf("Flatten"), leaf("Linear", 12, 6),
                    leaf("Unflatten", 1, {"tuple": [2, 3]}), leaf("LogSoftmax", -1)), \
        sample((2, 3, 4), dtype)
