"""Texts of tensors, parameters and sizes, with all print options."""
import itertools
import random as python_random

import torch
from torch import nn

from . import module_texts
from .recording import Recording, dtype_name

FLOATS = [torch.float32, torch.float64]
INTS = [torch.int64, torch.int32, torch.uint8]
NAN, INF = float("nan"), float("inf")
SHAPES = [(), (0,), (1,), (2,), (5,), (13,), (30,), (1, 1), (2, 3), (3, 0), (0, 2), (4, 7), (1, 9),
          (9, 1), (2, 2, 2), (1, 3, 4), (2, 0, 3), (2, 1, 3, 2), (1, 1, 1, 1), (2, 2, 3, 1)]
# Values at the limits of the rules: 1000, 1e8 and 1e-4, ties of rounding, whole numbers.
LISTS = [
    [1.0, 1000.0], [1.0, 1001.0], [1.0, 999.0], [0.001, 1.0], [0.00099, 1.0], [0.0011, 1.0],
    [1e8], [1e8, 1e7], [1e8 + 1, 1e8], [99999999.0], [1.0000001e8], [1e-4], [9.99e-5], [1.0001e-4],
    [0.5, 0.125, 2.5], [0.00005, 0.00015, 0.00025], [1.00005, 1.00015], [0.03125, 0.09375],
    [1e-4, 0.1], [1e-4, 0.1001], [5e-5], [0.99995], [9.99995, 99.99995], [999.99995],
    [0.0], [-0.0], [0.0, -0.0], [NAN], [INF], [-INF], [NAN, INF, -INF], [0.0, NAN], [1.0, NAN, INF],
    [0.5, NAN, -INF], [1e10, NAN], [1e-10, -INF, 0.0], [1e-40], [1e-45, 1.0], [5e-39, 2e-39],
    [3.4028234e38], [1.17549435e-38], [-1.0], [-1.0, 0.5], [-1e-4, 1.0], [-1e9, 2.0], [1e30, 1e-30],
    [16777216.0, 16777217.0], [123456.0, 1.5], [123456789.0], [-123456789.0, 1.0], [1e5, 2e5],
    [1.0, 2.0, 3.0], [10.0, 200.0, -3000.0], [0.1, 0.25, 100.0], [1 / 3], [2 / 3, 200 / 3],
    [0.1 + 0.2], [1e16], [1e22, 1e21], [1.5e300, 1e-300], [2.0**-1074], [1e308, 1e307],
]
OPTIONS = {
    "precision": [0, 1, 2, 3, 6, 8, 12], "threshold": [0, 1, 5, 10, 100, 1000, INF],
    "edgeitems": [0, 1, 2, 3, 5], "linewidth": [1, 10, 20, 40, 79, 81, 120, 200],
    "sci_mode": [True, False], "profile": ["default", "short", "full"],
}


class Printing:
    def __init__(self):
        self.recording = Recording("printing")
        self.dice = python_random.Random(7)
        torch.manual_seed(7)

    def tensor(self, tensor, *options, requires_grad=False, parameter=False, times_one=False):
        """The text after set_printoptions was called with each of the options in turn."""
        torch.set_printoptions(profile="default")
        for given in options:
            torch.set_printoptions(**given)
        case = self.recording.add(kind="tensor", dtype=dtype_name(tensor.dtype))
        case["tensor"] = self.recording.put_input(case, "input/0", tensor)
        if options:
            case["options"] = [{k: self.recording.encode(case, k, v) for k, v in given.items()}
                               for given in options]
        shown = tensor
        if parameter:
            shown = nn.Parameter(tensor, requires_grad)
            case["parameter"] = True
        elif requires_grad:
            shown = tensor.clone().requires_grad_()
        if requires_grad:
            case["requires_grad"] = True
        if times_one:
            shown = shown * 1
            case["times_one"] = True
        case["text"] = repr(shown)
        torch.set_printoptions(profile="default")

    def floats(self, shape, kind):
        x = torch.randn(shape, dtype=torch.float64)
        pick = self.dice.choice
        if kind == "tenths":
            x = (x * 10).round() / pick([1, 4, 10])
        elif kind == "big":
            x = x * 10.0 ** pick([3, 5, 8, 9, 30])
        elif kind == "small":
            x = x * 10.0 ** -pick([2, 3, 4, 5, 9, 40])
        elif kind == "mixed":
            x = x * torch.exp(torch.randn(shape, dtype=torch.float64) * pick([1, 3, 6]))
        elif kind == "whole":
            x = (x * 10 ** pick([1, 2, 3, 4, 7, 9])).round()
        elif kind == "special":
            chosen = torch.rand(shape)
            for limit, value in ((0.6, -0.0), (0.5, 0.0), (0.4, -INF), (0.3, INF), (0.2, NAN)):
                x = torch.where(chosen < limit, torch.full_like(x, value), x)
        return x

    def any_tensor(self, shape):
        pick = self.dice.choice
        dtype = pick([*FLOATS, *FLOATS, *INTS, torch.bool])
        if dtype in FLOATS:
            kind = pick(["plain", "tenths", "big", "small", "mixed", "whole", "special"])
            return self.floats(shape, kind).to(dtype)
        if dtype == torch.bool:
            return torch.rand(shape) < 0.5
        return self.integers(shape, dtype, pick([1, 9, 120, 30_000, 2**63 - 1]))

    def integers(self, shape, dtype, limit):
        info = torch.iinfo(dtype)
        low, high = max(info.min, -limit), min(info.max, limit)
        count = torch.Size(shape).numel()
        return torch.tensor([self.dice.randint(low, high) for _ in range(count)],
                            dtype=dtype).reshape(shape)

    def any_options(self):
        return {name: self.dice.choice(values) for name, values in OPTIONS.items()
                if self.dice.random() < (0.2 if name == "profile" else 0.35)}


def values(p):
    for dtype, numbers in itertools.product(FLOATS, LISTS):
        p.tensor(torch.tensor(numbers, dtype=torch.float64).to(dtype))
        if len(numbers) == 1:
            p.tensor(torch.tensor(numbers[0], dtype=torch.float64).to(dtype))
    for dtype in INTS:
        info = torch.iinfo(dtype)
        p.tensor(torch.tensor([info.min, 0, info.max], dtype=dtype))
        p.tensor(torch.tensor(info.min, dtype=dtype))
        p.tensor(torch.tensor([[1, 20], [100, 4]], dtype=dtype))
    for value in (True, False):
        p.tensor(torch.tensor(value))
        p.tensor(torch.tensor([value, not value, value]))


def shapes(p):
    for shape in SHAPES:
        for dtype in FLOATS:
            for kind in ("plain", "whole", "mixed", "special"):
                p.tensor(p.floats(shape, kind).to(dtype))
        for dtype in INTS:
            p.tensor(p.integers(shape, dtype, 150))
        p.tensor(torch.rand(shape) < 0.5)


def summaries(p):
    p.tensor(torch.arange(1000.0))
    p.tensor(torch.arange(1001.0))
    p.tensor(torch.arange(1001, dtype=torch.int32))
    p.tensor(torch.zeros(1001, dtype=torch.bool))
    p.tensor(torch.rand(7, 200))
    p.tensor(torch.rand(200, 6))
    p.tensor(torch.zeros(3, 7, 50, dtype=torch.uint8))
    p.tensor(torch.rand(1, 2, 9, 60), requires_grad=True)
    p.tensor(torch.rand(1001, 1, dtype=torch.float64))
    p.tensor(torch.rand(300), {"threshold": 100, "linewidth": 30})
    p.tensor(torch.rand(1010), {"profile": "full"})
    p.tensor(torch.arange(1010, dtype=torch.int32), {"profile": "full", "linewidth": 200})
    p.tensor(torch.rand(1010), {"profile": "short"})
    hidden = torch.ones(30)
    hidden[15] = 1e-9  # not shown, so it has no say in the format
    p.tensor(hidden, {"threshold": 10})
    p.tensor(hidden, {"threshold": 10, "edgeitems": 15})
    for shape in [(6,), (7,), (8,), (6, 6), (7, 7), (7, 2), (2, 7), (3, 7, 8), (7, 3, 2),
                  (2, 2, 7, 7), (7, 7, 1, 1), (0, 7), ()]:
        for edge in (0, 1, 2, 3, 5):
            p.tensor(p.any_tensor(shape), {"threshold": 5, "edgeitems": edge})


def single_options(p):
    for name, listed in OPTIONS.items():
        for value in listed:
            for shape in [(), (3,), (17,), (5, 8)]:
                p.tensor(p.any_tensor(shape), {name: value})
    for sci in (True, False):
        for numbers in ([0.0], [1.0, 2.0], [1e10, 1.0], [1e-7], [NAN, INF], [123456.75], [1e-45]):
            p.tensor(torch.tensor(numbers), {"sci_mode": sci})
            p.tensor(torch.tensor(numbers, dtype=torch.float64), {"sci_mode": sci, "precision": 2})
    for precision in (0, 1, 10, 16):
        for numbers in ([0.5, 1.5, 2.5], [0.1], [1.0, 2.0], [1e-12, 1.0], [0.05, 0.15, 0.25]):
            p.tensor(torch.tensor(numbers), {"precision": precision})
            p.tensor(torch.tensor(numbers, dtype=torch.float64), {"precision": precision})
    x = torch.tensor([1.5, 20.0])
    p.tensor(x, {"sci_mode": True}, {"precision": 2})  # a call without sci_mode makes it automatic
    p.tensor(x, {"precision": 2}, {"profile": "default"})
    p.tensor(x, {"linewidth": 10}, {"profile": "short"}, {"edgeitems": 0})


def leaves(p):
    for shape in SHAPES:
        for dtype in FLOATS:
            x = p.floats(shape, "plain").to(dtype)
            p.tensor(x, requires_grad=True)
            p.tensor(x, requires_grad=True, parameter=True)
        p.tensor(x, requires_grad=False, parameter=True)
        p.tensor(x, requires_grad=True, times_one=True)
    # The suffixes go to a new line where they would pass the line width.
    for n in range(5, 13):
        for dtype in FLOATS:
            x = torch.linspace(-1, 1, n, dtype=dtype)
            p.tensor(x)
            p.tensor(x, requires_grad=True)
            p.tensor(x, requires_grad=True, times_one=True)
            p.tensor(x, {"linewidth": 60}, requires_grad=True, parameter=True)
    for n in range(14, 28):
        p.tensor(torch.arange(n, dtype=torch.int32))
        p.tensor(torch.arange(n) % 2 == 0, {"edgeitems": 0})
        p.tensor(torch.arange(n, dtype=torch.uint8), {"threshold": 3, "edgeitems": 2})


def mixed(p):
    for _ in range(420):
        shape = [p.dice.choice([0, 1, 2, 2, 3, 4, 5, 7, 8]) for _ in range(p.dice.randint(0, 4))]
        while torch.Size(shape).numel() > 120:
            shape[shape.index(max(shape))] //= 2
        x = p.any_tensor(tuple(shape))
        calls = [p.any_options() for _ in range(p.dice.choice([1, 1, 2]))]
        grad = x.is_floating_point() and p.dice.random() < 0.3
        p.tensor(x, *calls, requires_grad=grad, parameter=grad and p.dice.random() < 0.5)


def sizes(p):
    for shape in [[], [0], [1], [2, 3], [10, 1, 7], [1, 2, 3, 4, 5], [2**40, 0]]:
        p.recording.add(kind="size", size=shape, text=repr(torch.Size(shape)))


def record(folder):
    p = Printing()
    for part in (values, shapes, summaries, single_options, leaves, mixed, sizes):
        part(p)
    module_texts.record(p.recording)
    p.recording.save(folder)
