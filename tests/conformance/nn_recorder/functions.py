"""The functions of torch.nn.functional: cases of PyTorch's op_db, and our own."""
import torch
from torch.nn import functional as F
from torch.testing._internal.common_methods_invocations import op_db

from . import own_functions
from .calls import FLOATS, Calls, leaves

MOST_ELEMENTS = 400
# op_db gives the arguments of these in another order.
REORDERED = {name: lambda weight, indices, *rest: (indices, weight, *rest)
             for name in ("embedding", "embedding_bag")}


def database_cases(name, dtype):
    """Yields the variant, and the arguments, of op_db.

    Not op_db's own function, which for some of them sets the seed.
    """
    # softmax and a few others stand there as torch's own; what is called unfold is a method.
    qualified = f"nn.functional.{name}"
    names = {qualified} if any(info.name == qualified for info in op_db) else {name} - {"unfold"}
    ordered = REORDERED.get(name, lambda *args: args)
    for info in op_db:
        if info.name not in names or dtype not in info.dtypes:
            continue
        for sample in info.sample_inputs("cpu", dtype, requires_grad=info.supports_autograd):
            args = ordered(sample.input, *sample.args)
            yield info.variant_test_name, list(args), sample.kwargs


def case(calls, name, variant, args, kwargs):
    args, kwargs = leaves(args), {k: leaves(v) for k, v in kwargs.items()}
    case = calls.start(op=f"nn.functional.{name}", variant=variant)
    if name in own_functions.EXACT:
        case["exact"] = True
    calls.call(case, getattr(F, name), args, kwargs)


def record(folder, name, seed, most):
    short = name.removeprefix("functional.")
    for dtype in FLOATS:
        calls = Calls(name, dtype, seed)
        torch.manual_seed(seed)
        for sample in calls.chosen(database_cases(short, dtype), MOST_ELEMENTS, most):
            calls.attempt(case, short, *sample)
        torch.manual_seed(seed + 2)
        for args, kwargs in own_functions.cases(short, calls):
            calls.attempt(case, short, "", args, kwargs)
        calls.save(folder)
