"""Initial values: torch.nn.init, and what the modules start with."""
import math
import warnings

import torch
from torch import nn

from .recording import Recording, dtype_name

FLOATS = [torch.float32, torch.float64]
SEEDS = [0, 42]
FANNED = [(1, 1), (3, 2), (5, 7), (16, 16), (10, 33), (4, 3, 3), (2, 3, 3, 2), (2, 2, 1, 2, 2),
          (0, 3), (3, 0, 2)]
SHAPES = [(), (3,), (15,), (16,), (17,), (4, 5), (2, 3, 4), (0, 4)]


class Init:
    def __init__(self):
        self.recording = Recording("init")

    def fill(self, op, shape, dtype, seed=0, exact=True, **kwargs):
        """Runs nn.init.<op> on an empty tensor of the shape."""
        torch.manual_seed(seed)
        tensor = getattr(nn.init, op)(torch.empty(shape, dtype=dtype), **kwargs)
        case = self.recording.add(op=op, seed=seed, shape=list(shape), dtype=dtype_name(dtype),
                                  exact=exact)
        case["kwargs"] = {k: self.recording.encode(case, k, v) for k, v in kwargs.items()}
        self.recording.put(case, "output/0", tensor)
        case["next"] = torch.empty((), dtype=torch.int64).random_().item()

    def module(self, seed, dtype, *args, **kwargs):
        torch.manual_seed(seed)
        linear = nn.Linear(*args, **kwargs, dtype=dtype)
        case = self.recording.add(module="nn.Linear", seed=seed, ctor_args=list(args),
                                  ctor_kwargs=kwargs, dtype=dtype_name(dtype), exact=True)
        for name, parameter in linear.named_parameters():
            self.recording.put(case, f"param/{name}", parameter)
        case["next"] = torch.empty((), dtype=torch.int64).random_().item()


def gains(r):
    for name in ("linear", "conv1d", "conv2d", "conv3d", "conv_transpose1d", "conv_transpose2d",
                 "conv_transpose3d", "sigmoid", "tanh", "relu", "leaky_relu", "selu"):
        r.recording.add(op="calculate_gain", exact=True, kwargs={"nonlinearity": name},
                        value=nn.init.calculate_gain(name))
    for slope in (0, 0.01, 0.2, 1, math.sqrt(5), -3.5):
        r.recording.add(op="calculate_gain", exact=True,
                        kwargs={"nonlinearity": "leaky_relu", "param": slope},
                        value=nn.init.calculate_gain("leaky_relu", slope))


def simple(r, dtype):
    for shape in SHAPES:
        r.fill("ones_", shape, dtype)
        r.fill("zeros_", shape, dtype)
        r.fill("constant_", shape, dtype, val=0.3)
        for seed in SEEDS:
            r.fill("uniform_", shape, dtype, seed)
            r.fill("uniform_", shape, dtype, seed, a=-0.3, b=0.7)
            r.fill("normal_", shape, dtype, seed)
            r.fill("normal_", shape, dtype, seed, mean=2.0, std=0.02)
    for shape in [(3, 3), (2, 5), (5, 2), (1, 1), (0, 2)]:
        r.fill("eye_", shape, dtype)
    for shape in [(2, 3, 3), (3, 2, 4), (2, 2, 3, 3), (4, 2, 2, 3, 3), (4, 1, 1)]:
        r.fill("dirac_", shape, dtype)
        if shape[0] % 2 == 0:
            r.fill("dirac_", shape, dtype, groups=2)


def fanned(r, dtype):
    for shape in FANNED:
        for seed in SEEDS:
            r.fill("xavier_uniform_", shape, dtype, seed)
            r.fill("xavier_normal_", shape, dtype, seed)
            r.fill("kaiming_uniform_", shape, dtype, seed)
            r.fill("kaiming_normal_", shape, dtype, seed)
        gain = nn.init.calculate_gain("tanh")
        r.fill("xavier_uniform_", shape, dtype, gain=gain)
        r.fill("xavier_normal_", shape, dtype, gain=gain)
        for op in ("kaiming_uniform_", "kaiming_normal_"):
            r.fill(op, shape, dtype, a=math.sqrt(5))
            r.fill(op, shape, dtype, mode="fan_out", nonlinearity="relu")
            r.fill(op, shape, dtype, a=0.2, mode="fan_in", nonlinearity="leaky_relu")
    for name in ("linear", "conv2d", "sigmoid", "tanh", "relu", "selu"):
        r.fill("kaiming_uniform_", (3, 4), dtype, nonlinearity=name)
        r.fill("kaiming_normal_", (3, 4), dtype, mode="fan_out", nonlinearity=name)


def harder(r, dtype):
    wide = [{}, {"std": 0.02}, {"mean": 0.5, "std": 2.0, "a": -1.0, "b": 1.5}]
    narrow = [{"a": 0.5, "b": 0.9}, {"mean": 3.0, "std": 1.0, "a": -2.0, "b": 2.0},
              {"mean": -1.0, "std": 0.5, "a": 0.0, "b": 0.25}, {"std": 5.0, "a": -0.1, "b": 0.1}]
    for kwargs in wide + narrow:
        for shape in [(), (5,), (15,), (16,), (33,), (7, 9), (0,)]:
            for seed in SEEDS:
                r.fill("trunc_normal_", shape, dtype, seed, **kwargs)
    for shape in [(3, 3), (2, 5), (5, 2), (1, 4), (4, 1), (3, 2, 2), (8, 2, 3), (17, 16), (0, 3)]:
        r.fill("orthogonal_", shape, dtype, exact=False)
        r.fill("orthogonal_", shape, dtype, 42, exact=False, gain=math.sqrt(2))
    for shape in [(10, 3), (7, 7), (2, 9), (33, 5)]:
        for sparsity in (0.0, 0.1, 0.5, 0.95, 1.0):
            r.fill("sparse_", shape, dtype, sparsity=sparsity)
        r.fill("sparse_", shape, dtype, 42, sparsity=0.3, std=1.5)


def modules(r, dtype):
    for sizes in [(1, 1), (3, 2), (100, 20), (20, 10), (7, 33), (64, 1), (1, 17), (6, 5), (0, 3),
                  (3, 0)]:
        for seed in (*SEEDS, 1234):
            r.module(seed, dtype, *sizes)
            r.module(seed, dtype, *sizes, bias=False)


def record(folder):
    r = Init()
    gains(r)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # empty tensors, and a mean far from [a, b]: both meant
        for dtype in FLOATS:
            for part in (simple, fanned, harder, modules):
                part(r, dtype)
    r.recording.save(folder)
