"""The modules of torch.nn: cases of PyTorch's module_db, and our own."""
import torch
from torch import nn
from torch.nn.parameter import is_lazy
from torch.testing._internal.common_modules import module_db

from recorder import trees

from . import own_modules
from .calls import FLOATS, Calls, leaves

MOST_ELEMENTS = 500


def database_cases(cls, dtype, training):
    """Yields whether it trains, constructor arguments and forward arguments of module_db."""
    for info in module_db:
        if info.module_cls is not cls or dtype not in info.dtypes:
            continue
        if not training and not info.train_and_eval_differ:
            continue
        for sample in info.module_inputs_func(info, device="cpu", dtype=dtype, requires_grad=True,
                                              training=training):
            made, called = sample.constructor_input, sample.forward_input
            kwargs = {k: v for k, v in made.kwargs.items() if k not in ("device", "dtype")}
            yield training, made.args, kwargs, called.args, called.kwargs


def made(calls, training, make):
    """A module of the right dtype, from the seed."""
    torch.set_default_dtype(calls.dtype)
    torch.manual_seed(calls.seed)
    try:
        return make().train(training)
    finally:
        torch.set_default_dtype(torch.float32)


def case(calls, cls, training, ctor_args, ctor_kwargs, args, kwargs):
    """A module as its constructor makes it."""
    args, kwargs = leaves(list(args)), {k: leaves(v) for k, v in kwargs.items()}
    module = made(calls, training, lambda: cls(*ctor_args, **ctor_kwargs))
    case = calls.start(module=f"nn.{cls.__name__}", training=training)
    if cls.__name__ in own_modules.EXACT:
        case["exact"] = True
    case["ctor_args"], case["ctor_kwargs"] = calls.encoded(case, "ctor/", ctor_args, ctor_kwargs)
    follow(calls, case, module, args, kwargs)


def tree_case(calls, cls, tree, args):
    """A module of modules or parameters, which the tree tells how to build."""
    module = made(calls, True, lambda: trees.build(tree))
    case = calls.start(module=f"nn.{cls.__name__}", training=True, tree=tree)
    case["ctor_args"], case["ctor_kwargs"] = calls.encoded(case, "ctor/", module.children(), {})
    follow(calls, case, module, leaves(args), {})


def follow(calls, case, module, args, kwargs):
    """What the module is, and what its forward does."""
    case["repr"] = repr(module)
    parameters, buffers = dict(module.named_parameters()), dict(module.named_buffers())
    if any(is_lazy(t) for t in [*parameters.values(), *buffers.values()]):
        case["lazy"] = True
    else:
        case["state_dict"] = [[k, list(v.shape)] for k, v in module.state_dict().items()]
        for name, parameter in parameters.items():
            calls.recording.put(case, f"param/{name}", parameter)
        for name, buffer in buffers.items():
            calls.recording.put(case, f"buffer/{name}", buffer)
    if type(module).forward is nn.Module.forward:
        case["args"], case["kwargs"] = [], {}
        return
    before = {n: None if is_lazy(b) else b.clone() for n, b in buffers.items()}
    calls.call(case, module, args, kwargs, list(parameters.items()))
    for name, buffer in module.named_buffers():
        if before[name] is None or not torch.equal(buffer, before[name]):
            calls.recording.put(case, f"buffer_after/{name}", buffer)


def record(folder, name, seed, most):
    cls = getattr(nn, name.removeprefix("nn."))
    for dtype in FLOATS:
        calls = Calls(name, dtype, seed)
        torch.manual_seed(seed)
        for training in (True, False):
            samples = database_cases(cls, dtype, training)
            for sample in calls.chosen(samples, MOST_ELEMENTS, most):
                calls.attempt(case, cls, *sample)
        torch.manual_seed(seed + 2)
        for training, ctor_args, ctor_kwargs, args in own_modules.cases(cls, calls):
            calls.attempt(case, cls, training, ctor_args, ctor_kwargs, args, {})
        for tree, args in own_modules.trees(cls.__name__, dtype):
            calls.attempt(tree_case, cls, tree, args)
        calls.save(folder)
