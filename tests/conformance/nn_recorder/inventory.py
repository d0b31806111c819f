"""The names of all modules, functions, optimizers and schedulers, for the certificate."""
import inspect
import json

import torch
from torch import nn, optim
from torch.nn import functional as F
from torch.optim import lr_scheduler

# Not modules that one uses: bases, and names that were given up.
BASES = {"Module", "Container", "RNNBase", "RNNCellBase"}
# Of what torch.nn.functional holds: helpers of its own.
HELPERS = {"assert_int_or_pair", "boolean_dispatch", "handle_torch_function", "has_torch_function",
           "has_torch_function_unary", "has_torch_function_variadic"}


def module_names():
    for name, value in sorted(vars(nn).items()):
        if inspect.isclass(value) and issubclass(value, nn.Module) and name not in BASES:
            yield name


def function_names():
    for name, value in sorted(vars(F).items()):
        # `relu_(x)` is `relu(x, inplace=True)`.
        if name.startswith("_") or name.endswith("_") or name in HELPERS:
            continue
        if callable(value) and not inspect.isclass(value) and "typing" not in repr(value):
            yield name


def optimizer_names():
    return sorted(name for name, value in vars(optim).items()
                  if inspect.isclass(value) and issubclass(value, optim.Optimizer)
                  and value is not optim.Optimizer)


def scheduler_names():
    # ReduceLROnPlateau is a LRScheduler, too.
    return sorted(set(lr_scheduler.__all__) - {"LRScheduler"})


def record(folder):
    folder.mkdir(parents=True, exist_ok=True)
    names = {"torch": torch.__version__.split("+")[0], "modules": list(module_names()),
             "functions": list(function_names()), "optimizers": optimizer_names(),
             "schedulers": scheduler_names()}
    (folder / "inventory.json").write_text(json.dumps(names, indent=1) + "\n")
