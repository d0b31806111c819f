"""The functions of torch.nn.functional: cases of PyTorch's op_db, and our own."""
import torch
from torch.nn import functional as F
from torch.testing._internal.common_methods_invocations import op_db

from . import own_modules
from .calls import FLOATS, Calls, elements, leaves
from .extremes import steady

MOST_ELEMENTS = 500
# Functions of each element with arguments that are not the defaults; those of the modules are tried
# there.
ELEMENTWISE = {
    "threshold": [dict(threshold=0.1, value=5.0)], "hardtanh": [dict(min_val=-2.5, max_val=1.0)],
    "hardshrink": [{}, dict(lambd=1.0)], "softshrink": [{}, dict(lambd=1.0)],
    "leaky_relu": [dict(negative_slope=0.5)], "elu": [dict(alpha=0.5)], "celu": [dict(alpha=0.5)],
    "softplus": [dict(beta=2.0, threshold=5.0)], "gelu": [{}, dict(approximate="tanh")],
    "rrelu": [dict(lower=0.25, upper=0.5)],
}
for plain in ("relu", "relu6", "hardsigmoid", "hardswish", "tanhshrink", "softsign", "selu", "silu",
              "mish", "logsigmoid", "sigmoid", "tanh"):
    ELEMENTWISE[plain] = [{}]


def database_cases(name, dtype):
    """Yields the variant, the function, and its arguments, of op_db.

    Not op_db's own function, which for some of them sets the seed.
    """
    function = getattr(F, name)
    # softmax and a few others stand there as torch's own; what is called unfold is a method.
    qualified = f"nn.functional.{name}"
    names = {qualified} if any(info.name == qualified for info in op_db) else {name} - {"unfold"}
    for info in op_db:
        if info.name not in names or dtype not in info.dtypes:
            continue
        for sample in info.sample_inputs("cpu", dtype, requires_grad=info.supports_autograd):
            yield info.variant_test_name, function, [sample.input, *sample.args], sample.kwargs


def own_cases(name, dtype):
    function = getattr(F, name)
    for kwargs in ELEMENTWISE.get(name, []):
        for size in own_modules.SIZES:
            yield "", function, [own_modules.sample((size,), dtype)], kwargs
        values = steady(lambda x: function(x, **kwargs), dtype)
        yield "", function, [values.requires_grad_()], kwargs
    if name == "rrelu":
        for size in own_modules.SIZES:
            yield "", function, [own_modules.sample((size,), dtype)], {"training": True}


def case(calls, name, variant, function, args, kwargs):
    args, kwargs = leaves(args), {k: leaves(v) for k, v in kwargs.items()}
    if elements(args, list(kwargs.values())) > MOST_ELEMENTS:
        return
    case = calls.start(op=f"nn.{name}", variant=variant)
    calls.call(case, function, args, kwargs)


def record(folder, name, seed):
    short = name.removeprefix("functional.")
    for dtype in FLOATS:
        calls = Calls(name, dtype, seed)
        torch.manual_seed(seed)
        for sample in database_cases(short, dtype):
            case(calls, name, *sample)
        torch.manual_seed(seed + 2)
        for sample in own_cases(short, dtype):
            case(calls, name, *sample)
        calls.save(folder)
