"""Cases that op_db lacks: sizes around the widths of vectors, other arguments, extremes."""
import torch
from torch.nn import functional as F
from torch.testing._internal.common_methods_invocations import op_db

from . import own_dropout, own_losses
from .elementwise import (
    distinct,
    extreme_input,
    has_training,
    inputs,
    is_elementwise,
    numbers_only,
)

# Of which the answers are equal to the bit.
EXACT = {"dropout", "dropout1d", "dropout2d", "dropout3d"}
# Of functions of each element: arguments that op_db does not have.
VARIANTS = {
    "threshold": [dict(threshold=-0.5, value=-1.5)], "hardtanh": [dict(min_val=-2.5, max_val=1.0)],
    "hardshrink": [dict(lambd=1.0)], "softshrink": [dict(lambd=1.0)],
    "leaky_relu": [dict(negative_slope=-0.3)], "elu": [dict(alpha=-0.5)], "celu": [dict(alpha=-0.5)],
    "softplus": [dict(beta=-1.5, threshold=10.0)], "rrelu": [dict(lower=0.25, upper=0.5)],
}


def variants(name):
    """The defaults, ours, and those of op_db."""
    found = [{}, *VARIANTS.get(name, [])]
    for info in op_db:
        if info.name == f"nn.functional.{name}":
            samples = info.sample_inputs("cpu", torch.float64)
            found += [s.kwargs for s in samples if not s.args and numbers_only(s.kwargs.values())]
    return distinct([{k: v for k, v in each.items() if k != "training"} for each in found])


def of_elements(name, calls):
    function = getattr(F, name)
    modes = [{"training": True}, {"training": False}] if has_training(function) else [{}]

    def bound(kwargs, mode):
        return lambda x: function(x, **kwargs, **mode)

    kept = [v for v in variants(name) if is_elementwise(bound(v, modes[-1]), bound(v, modes[0]))]
    for number, kwargs in enumerate(kept):
        for mode in modes:
            for x in inputs(number, calls.dtype):
                yield [x], {**kwargs, **mode}
        yield [extreme_input(bound(kwargs, modes[-1]), calls)], {**kwargs, **modes[-1]}


def cases(name, calls):
    """Yields arguments, positional and named."""
    yield from of_elements(name, calls)
    yield from own_dropout.functions(name, calls.dtype)
    yield from own_losses.functions(name, calls.dtype)
