"""What treats each element alone, and cases for all of that: sizes, and extreme values."""
import inspect

import torch

from .extremes import VALUES, steady

SIZES = [0, 1, 3, 7, 8, 15, 16, 17, 31, 33, 100]  # around the widths of vectors
FEW_SIZES = [17]


def sample(shape, dtype, scale=3.0):
    x = (torch.randn(shape, dtype=torch.float64) * scale).to(dtype)
    return x.requires_grad_()


def distinct(values):
    """Each of them once, in order."""
    return [v for i, v in enumerate(values) if v not in values[:i]]


def numbers_only(values):
    return all(isinstance(v, (bool, int, float, str)) for v in values)


def is_elementwise(function, in_training):
    """Whether a tensor gives one of its shape, each element of which depends on one of its own."""
    x = torch.linspace(-3, 3, 8, dtype=torch.float64).requires_grad_()
    try:
        together, alone = function(x), torch.cat([function(v) for v in x.detach().split(1)])
        in_training(x)
    except Exception:  # of any kind: it takes something else
        return False
    return together.shape == x.shape and torch.allclose(together, alone)


def draws(function):
    """Whether it takes random numbers."""
    x = torch.linspace(-3, 3, 100, dtype=torch.float64)
    results = []
    for seed in (0, 1):
        torch.manual_seed(seed)
        results.append(function(x))
    return not torch.equal(*results)


def has_training(function):
    try:
        return "training" in inspect.signature(function).parameters
    except ValueError:  # built in
        return False


def inputs(number, dtype):
    """Inputs for the variant of that number: many for the first, few for the others."""
    for size in FEW_SIZES if number else SIZES:
        yield sample((size,), dtype)
    if number == 0:
        yield sample((2, 3, 2), dtype)
        yield sample((), dtype)


def extreme_input(function, calls):
    """For a function that draws nothing."""
    values = steady(function, calls.dtype)
    calls.leave_out(len(VALUES) - len(values), "an extreme value at which PyTorch contradicts itself")
    return values.requires_grad_()
