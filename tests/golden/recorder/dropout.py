"""Dropout: which elements or channels fall under a seed, what the others become, the gradients."""
import warnings

import torch

from .modules import Modules
from .ops.call import FLOATS, INF, NAN, Ops, sample
from .trees import leaf

# What each accepts without and with a warning.
SHAPES = {
    "dropout": [(), (5,), (3, 4), (2, 3, 4), (0, 3), (40,)],
    "dropout1d": [(3, 4), (2, 3, 4), (0, 3, 2), (7, 2, 1)],
    "dropout2d": [(2, 3, 2, 2), (2, 3, 4), (3, 4), (2, 3, 2, 1, 2), (0, 3, 2, 2)],
    "dropout3d": [(2, 3, 2, 1, 2), (3, 2, 1, 2), (2, 3, 4), (5,)],
    "alpha_dropout": [(), (5,), (3, 4), (0, 3), (40,)],
    "feature_alpha_dropout": [(2, 3, 2, 2), (2, 3, 4), (5, 7), (0, 3, 2)],
}
MODULES = {
    "Dropout": [(3, 4)], "Dropout1d": [(3, 4), (2, 3, 4)], "Dropout2d": [(2, 3, 2, 2)],
    "Dropout3d": [(2, 3, 2, 1, 2), (3, 2, 1, 2)], "AlphaDropout": [(3, 4)],
    "FeatureAlphaDropout": [(2, 3, 2, 2), (2, 3)],
}


def functions(ops, dtype):
    values = torch.tensor([[1.0, INF, -INF, NAN, -0.0], [1e30, -1.0, 0.0, 1e-30, 2.0]], dtype=dtype)
    for name, shapes in SHAPES.items():
        op = f"functional.{name}"
        exact = "alpha" not in name  # which rounds twice
        for shape in shapes:
            ops.call(op, sample(shape, dtype), exact=exact, seed=2**40 + 3, p=0.2, training=True)
        for p in (0.0, 1.0):
            ops.call(op, sample(shapes[0], dtype), exact=True, seed=4, p=p, training=True)
        ops.call(op, sample(shapes[0], dtype), exact=True, seed=4, p=0.5, training=False)
        ops.call(op, sample(shapes[1], dtype), exact=exact, seed=5)  # the defaults
        for p in (0.5, 1.0):
            ops.call(op, values, exact=exact, seed=6, p=p, training=True, grad=False)


def modules(m, dtype):
    for kind, shapes in MODULES.items():
        for shape in shapes:
            m.case(leaf(kind), shape, dtype, seed=42)
            m.case(leaf(kind, 0.2), shape, dtype)
        for p in (0.0, 1.0):
            m.case(leaf(kind, p), shapes[0], dtype)
        m.case(leaf(kind, 0.5), shapes[0], dtype, training=False)


def record(folder):
    warnings.simplefilter("ignore")  # inputs of an unusual number of dimensions: meant
    ops, m = Ops("functional/dropout"), Modules("modules/dropout")
    for dtype in FLOATS:
        functions(ops, dtype)
        modules(m, dtype)
    ops.recording.save(folder)
    m.recording.save(folder)
