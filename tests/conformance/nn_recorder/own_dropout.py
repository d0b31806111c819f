"""Dropout: its databases have few shapes and probabilities, and no modules."""
import torch

from .elementwise import sample

INF, NAN = float("inf"), float("nan")
# What each accepts without and with a warning; those of one dimension stand in elementwise.py.
SHAPES = {
    "dropout": [(3, 4), (0, 3)], "dropout1d": [(3, 4), (2, 3, 4), (0, 3, 2), (17, 2, 1)],
    "dropout2d": [(2, 3, 2, 2), (2, 3, 4), (3, 4), (2, 3, 2, 1, 2), (0, 3, 2, 2)],
    "dropout3d": [(2, 3, 2, 1, 2), (3, 2, 1, 2), (2, 3, 4), (5,)],
    "alpha_dropout": [(3, 4), (0, 3)],
    "feature_alpha_dropout": [(2, 3, 2, 2), (2, 3, 4), (5, 7), (0, 3, 2)],
}
MODULES = {"Dropout": "dropout", "Dropout1d": "dropout1d", "Dropout2d": "dropout2d",
           "Dropout3d": "dropout3d", "AlphaDropout": "alpha_dropout",
           "FeatureAlphaDropout": "feature_alpha_dropout"}


def extremes(dtype):
    return torch.tensor([[1.0, INF, -INF, NAN, -0.0], [1e30, -1.0, 0.0, 1e-30, 2.0]], dtype=dtype)


def variants(name, dtype):
    """Yields the probability (None: the default), whether it trains, and the input."""
    shapes = SHAPES.get(name, [])
    for shape in shapes:
        yield None, True, sample(shape, dtype)
        yield 0.2, True, sample(shape, dtype)
    for p, training in [(0.0, True), (1.0, True), (0.5, False)] if shapes else []:
        yield p, training, sample(shapes[0], dtype)
    for p in (0.5, 1.0) if shapes else ():
        yield p, True, extremes(dtype)


def functions(name, dtype):
    for p, training, x in variants(name, dtype):
        yield [x], {"training": training, **({} if p is None else {"p": p})}


def modules(name, dtype):
    for p, training, x in variants(MODULES.get(name), dtype):
        yield training, () if p is None else (p,), {}, [x]
