"""Numbers at which an elementwise function may err."""
import torch

MAGNITUDES = [0.0, 1e-45, 1e-40, 1e-30, 1e-10, 1e-4, 0.1, 0.25, 0.5, 1.0, 2.0, 2.999, 3.0, 3.5, 5.0,
              6.0, 7.0, 10.0, 19.9, 20.0, 20.5, 40.0, 87.0, 89.0, 100.0, 709.0, 746.0, 1e4, 1e10,
              1e30]
VALUES = [sign * m for m in MAGNITUDES for sign in (1, -1)]
VALUES += [float("inf"), float("-inf"), float("nan")]


WIDTH = 64  # so many elements fill a vector for certain


def answers(function, x):
    """Results and gradients, in float64."""
    x = x.clone().requires_grad_()
    y = function(x)
    y.backward(torch.ones_like(y))
    return torch.stack([y.detach().double(), x.grad.double()])


def steady(function, dtype):
    """Those of the values at which PyTorch agrees with itself.

    It does not everywhere: a kernel treats the last elements, which do not fill a vector, by other
    code than the rest, and float32 now and then overflows where float64 does not.
    """
    x = torch.tensor(VALUES, dtype=dtype)
    together = answers(function, x.repeat_interleave(WIDTH))[:, ::WIDTH]
    alone = torch.cat([answers(function, v.reshape(1)) for v in x], 1)
    precise = answers(lambda v: function(v.double()), x)
    same = torch.ones(len(x), dtype=torch.bool)
    for other in (alone, precise):
        same &= torch.isclose(together, other, rtol=4e-6, atol=4e-7, equal_nan=True).all(0)
    return x[same]
