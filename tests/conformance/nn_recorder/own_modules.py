"""Cases that module_db lacks: sizes around the widths of vectors, other arguments, extremes."""
import torch
from torch.testing._internal.common_modules import module_db

from recorder.trees import CONTAINERS, container, leaf, parameters

from . import own_dropout, own_losses
from .elementwise import (
    SIZES,
    distinct,
    draws,
    extreme_input,
    inputs,
    is_elementwise,
    numbers_only,
    sample,
)

# Of which the answers are equal to the bit.
EXACT = {"Dropout", "Dropout1d", "Dropout2d", "Dropout3d", "Identity", "Flatten", "Unflatten"}
# Of modules of each element: positional arguments that module_db does not have.
VARIANTS = {
    "Threshold": [(0.1, 20), (-0.5, -1.5)], "RReLU": [(0.2, 0.9), (0, 1), (0.3, 0.3)],
    "Hardtanh": [(-2, 2), (0.25, 1.5), (-0.5,)], "Hardshrink": [(1,), (0.0,), (-0.5,)],
    "Softshrink": [(1,), (0.0,)], "Softplus": [(2,), (0.5, 3.0), (-1.5, 10)],
    "LeakyReLU": [(0.2,), (0,), (-0.3,), (1e-05,)], "ELU": [(2,), (0.3,), (-0.5,)],
    "CELU": [(2,), (0.3,), (-0.5,)], "GELU": [("tanh",), ("none",)],
}
# Others: constructor arguments and the shape of the input.
SHAPED = {
    "PReLU": [((3, 0.1), (2, 3)), ((4, 1), (3, 4, 5)), ((2, -0.5), (0, 2, 3)),
              ((17,), (2, 17, 3))],
    "GLU": [((), (2 * n,)) for n in SIZES] + [((0,), (4, 3)), ((1,), (2, 6, 3)), ((-2,), (3, 4, 5)),
                                             ((1,), (0, 4)), ((-1,), (2, 0))],
    "Softmax2d": [((), s) for s in [(3, 2, 2), (2, 3, 4, 5), (1, 17, 1, 3), (0, 3, 2, 2)]],
    "Flatten": [(a, s) for a, s in [((), (2, 3, 4)), ((), (2, 3)), ((0,), (2, 3)),
                                    ((0, 1), (2, 3, 4)), ((1, -2), (2, 3, 2, 2)), ((0,), ()),
                                    ((), (0, 3, 2)), ((2, 3), (2, 1, 3, 2))]],
    "Unflatten": [(a, s) for a, s in [((1, (2, 3)), (2, 6)), ((-1, (2, -1)), (3, 4)),
                                      ((0, (4,)), (4, 2)), ((1, (3, 1, 2)), (0, 6)),
                                      ((0, (2, 2)), (4,))]],
    "Linear": [((3, 4), s) for s in [(3,), (0, 3), (2, 5, 3), (2, 1, 2, 3)]] +
              [((i, o), (3, i)) for i, o in [(1, 1), (17, 5), (31, 8), (8, 16), (33, 31), (16, 15),
                                             (100, 7), (7, 33)]] + [((5, 2, False), (4, 5))],
}
for softmax in ("Softmax", "Softmin", "LogSoftmax"):
    SHAPED[softmax] = [((0,), (n,)) for n in SIZES] + [
        ((1,), (2, 3)), ((-1,), (2, 3, 4)), ((0,), (3, 2)), ((1,), (2, 3, 4, 2)), ((0,), (0, 3)),
        ((), (4,)), ((), (2, 3)), ((), (2, 3, 4)), ((), (2, 3, 2, 2)), ((), ())]


def variants(cls):
    """No arguments, ours, and those of module_db."""
    found = [((), {})] + [(args, {}) for args in VARIANTS.get(cls.__name__, [])]
    for info in module_db:
        if info.module_cls is cls:
            samples = info.module_inputs_func(info, device="cpu", dtype=torch.float64,
                                              requires_grad=False, training=False)
            made = [(s.constructor_input.args, s.constructor_input.kwargs) for s in samples]
            found += [(a, k) for a, k in made if numbers_only([*a, *k.values()])]
    return distinct(found)


def of_elements(cls, calls):
    def made(args, kwargs, training=False):
        return lambda x: cls(*args, **kwargs).train(training).to(x.dtype)(x)

    kept = [v for v in variants(cls) if is_elementwise(made(*v), made(*v, True))]
    for number, (args, kwargs) in enumerate(kept):
        for training in (True, False) if draws(made(args, kwargs, True)) else (True,):
            for x in inputs(number, calls.dtype):
                yield training, args, kwargs, [x]
        yield False, args, kwargs, [extreme_input(made(args, kwargs), calls)]


def cases(cls, calls):
    """Yields training, constructor arguments, positional and named, and forward's."""
    if cls.__name__ not in CONTAINERS:
        yield from of_elements(cls, calls)
    for ctor_args, shape in SHAPED.get(cls.__name__, []):
        yield True, ctor_args, {}, [sample(shape, calls.dtype)]
    yield from own_dropout.modules(cls.__name__, calls.dtype)
    yield from own_losses.modules(cls, calls.dtype)


def trees(name, dtype):
    """Yields modules of modules or parameters, as trees, and their inputs."""
    relu, linear = leaf("ReLU"), leaf("Linear", 4, 4)
    inner = container("Sequential", linear, leaf("Sigmoid"))
    if name == "Sequential":
        yield from sequentials(dtype)
    elif name == "ModuleList":
        for children in [(), (linear,), (linear, linear, relu, linear), (inner, container(name))]:
            yield container(name, *children), []
    elif name == "ModuleDict":
        for children in [(), (("first", linear), ("act", relu)), (("a_b", inner), ("c", inner))]:
            yield container(name, *children), []
    elif name == "ParameterList":
        for shapes in [(), ([2, 3],), ([], [1], [0, 4], [2, 3, 4])]:
            yield parameters(name, *shapes), []
    elif name == "ParameterDict":
        for shapes in [(), (("left", [2, 3]), ("right", [5])), (("scale", []), ("a_b", [1, 1]))]:
            yield parameters(name, *shapes), []


def sequentials(dtype):
    """And of TinyModel, which is a class of its own."""
    relu, softmax = leaf("ReLU"), leaf("Softmax", 1)
    inner = container("Sequential", leaf("Linear", 4, 4), leaf("Sigmoid"))
    for tree, shape in [
        (container("Sequential"), (2, 3)),
        (container("Sequential", leaf("Linear", 5, 7), relu, leaf("Linear", 7, 3), softmax), (4, 5)),
        (container("Sequential", ("first", leaf("Linear", 3, 4)), ("act", leaf("GELU")),
                   ("last", leaf("Linear", 4, 2, bias=False))), (2, 3)),
        (container("Sequential", inner, leaf("PReLU", 4), container("Sequential", inner, relu)),
         (3, 4)),
        (container("Sequential", leaf("Flatten"), leaf("Linear", 12, 6),
                   leaf("Unflatten", 1, {"tuple": [2, 3]}), leaf("LogSoftmax", -1)), (2, 3, 4)),
        (container("Sequential", *(leaf("Linear", 8, 8) for _ in range(4)), leaf("Dropout", 0.3)),
         (2, 8)),
        (leaf("TinyModel", 100, 20, 10), (1, 100)),
        (leaf("TinyModel", 6, 17, 4), (5, 6)),
        (leaf("TinyModel", 6, 17, 4), (0, 6)),
    ]:
        yield tree, [sample(shape, dtype)]
