"""The modules of torch.nn: cases of PyTorch's module_db, and our own."""
import torch
from torch import nn
from torch.testing._internal.common_modules import module_db

from recorder import trees

from . import own_modules
from .calls import FLOATS, Calls, elements, leaves

MOST_ELEMENTS = 2000


def database_cases(cls, dtype, training):
    """Yields constructor arguments and forward arguments of module_db."""
    for info in module_db:
        if info.module_cls is not cls or dtype not in info.dtypes:
            continue
        if not training and not info.train_and_eval_differ:
            continue
        for sample in info.module_inputs_func(info, device="cpu", dtype=dtype, requires_grad=True,
                                              training=training):
            made, called = sample.constructor_input, sample.forward_input
            yield made.args, made.kwargs, called.args, called.kwargs


def made(calls, training, make):
    """A module of the right dtype, from the seed."""
    torch.set_default_dtype(calls.dtype)
    torch.manual_seed(calls.seed)
    module = make().train(training)
    torch.set_default_dtype(torch.float32)
    return module


def case(calls, cls, training, ctor_args, ctor_kwargs, args, kwargs):
    """A module as its constructor makes it."""
    args, kwargs = leaves(list(args)), {k: leaves(v) for k, v in kwargs.items()}
    if elements(args, list(kwargs.values())) > MOST_ELEMENTS:
        return
    module = made(calls, training, lambda: cls(*ctor_args, **ctor_kwargs))
    case = calls.start(module=f"nn.{cls.__name__}", training=training)
    case["ctor_args"], case["ctor_kwargs"] = calls.encoded(case, "ctor/", ctor_args, ctor_kwargs)
    follow(calls, case, module, args, kwargs)


def tree_case(calls, tree, x):
    """A module of modules, which the tree tells how to build."""
    module = made(calls, True, lambda: trees.build(tree))
    case = calls.start(module=f"nn.{type(module).__name__}", training=True, tree=tree)
    case["ctor_args"], case["ctor_kwargs"] = calls.encoded(case, "ctor/", module.children(), {})
    follow(calls, case, module, leaves([x]), {})


def follow(calls, case, module, args, kwargs):
    """What the module is, and what its forward does."""
    case["repr"] = repr(module)
    case["state_dict"] = [[k, list(v.shape)] for k, v in module.state_dict().items()]
    for name, parameter in module.named_parameters():
        calls.recording.put(case, f"param/{name}", parameter)
    before = {n: b.clone() for n, b in module.named_buffers()}
    for name, buffer in before.items():
        calls.recording.put(case, f"buffer/{name}", buffer)
    calls.call(case, module, args, kwargs, list(module.named_parameters()))
    for name, buffer in module.named_buffers():
        if not torch.equal(buffer, before[name]):
            calls.recording.put(case, f"buffer_after/{name}", buffer)


def record(folder, name, seed):
    cls = getattr(nn, name.removeprefix("nn."))
    for dtype in FLOATS:
        calls = Calls(name, dtype, seed)
        torch.manual_seed(seed)
        for training in (True, False):
            for sample in database_cases(cls, dtype, training):
                case(calls, cls, training, *sample)
        torch.manual_seed(seed + 2)
        for training, ctor_args, ctor_kwargs, args in own_modules.cases(cls, dtype):
            case(calls, cls, training, ctor_args, ctor_kwargs, args, {})
        if cls is nn.Sequential:
            for tree, x in own_modules.sequentials(dtype):
                tree_case(calls, tree, x)
        calls.save(folder)
