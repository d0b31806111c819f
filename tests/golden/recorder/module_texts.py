"""Texts of modules: every module alone, and trees of containers."""
import random as python_random
import warnings

import torch

from .trees import build, container, leaf, parameters

LEAVES = [
    leaf("Linear", 100, 200), leaf("Linear", 3, 2), leaf("Linear", 3, 2, bias=False),
    leaf("Linear", 1, 1), leaf("Linear", 0, 3), leaf("Identity"), leaf("ReLU"),
    leaf("ReLU", inplace=True), leaf("Sigmoid"), leaf("Tanh"), leaf("Softmax"), leaf("Softmax", 0),
    leaf("Softmax", 1), leaf("Softmax", dim=-1), leaf("LogSoftmax"), leaf("LogSoftmax", 1),
    leaf("LogSoftmax", dim=-2), leaf("Flatten"), leaf("Flatten", 0), leaf("Flatten", 1, -2),
    leaf("Flatten", start_dim=2, end_dim=3), leaf("Unflatten", 1, {"tuple": [2, 3]}),
    leaf("Unflatten", -1, {"tuple": [2, -1]}), leaf("Unflatten", 0, {"tuple": [4]}),
    leaf("TinyModel", 100, 200, 10), leaf("TinyModel", 4, 3, 2),
]
PARAMETERS = [
    parameters("ParameterList"), parameters("ParameterList", [2, 3]),
    parameters("ParameterList", [], [1], [0, 4], [2, 3, 4]), parameters("ParameterDict"),
    parameters("ParameterDict", ("left", [2, 3]), ("right", [5])),
    parameters("ParameterDict", ("scale", []), ("a_b", [1, 1, 1])),
]


def by_hand():
    """Trees around the rules: empty ones, equal neighbours, names, depth."""
    linear, relu, same = leaf("Linear", 4, 4), leaf("ReLU"), leaf("Linear", 4, 4, bias=False)
    inner = container("Sequential", linear, relu)
    yield from (container(kind) for kind in ("Sequential", "ModuleList", "ModuleDict"))
    yield container("Sequential", linear)
    yield container("Sequential", leaf("Linear", 100, 200), relu, leaf("Linear", 200, 10),
                    leaf("Softmax", 1))
    yield container("Sequential", ("first", linear), ("act", relu), ("last", same))
    yield container("Sequential", linear, linear, linear)
    yield container("ModuleList", linear, linear, linear)
    yield container("ModuleList", linear, relu, relu, linear)
    yield container("ModuleList", linear, same, linear)
    yield container("ModuleList", inner, inner)
    yield container("ModuleList", inner, inner, relu, inner)
    yield container("ModuleDict", ("left", linear), ("right", inner))
    yield container("ModuleList", container("ModuleList"), container("ModuleList"))
    yield container("ModuleList", container("ModuleList", relu, relu), container("ModuleDict"))
    yield container("Sequential", container("Sequential", container("Sequential", inner)))
    yield container("ModuleDict", ("tiny", leaf("TinyModel", 4, 3, 2)), ("list", PARAMETERS[2]))
    yield container("ModuleList", PARAMETERS[1], PARAMETERS[1], PARAMETERS[4])
    yield container("Sequential", *(relu for _ in range(12)))
    yield container("ModuleList", *(relu for _ in range(12)))


def by_chance(dice, depth):
    if depth == 0 or dice.random() < 0.3:
        return dice.choice(PARAMETERS if dice.random() < 0.1 else LEAVES)
    children = [by_chance(dice, depth - 1) for _ in range(dice.randint(0, 4))]
    children = [c for c in children for _ in range(dice.choice([1, 1, 1, 2, 3]))]
    kind = dice.choice(["Sequential", "named", "ModuleList", "ModuleList", "ModuleDict"])
    if kind in ("named", "ModuleDict"):
        named = [(f"m{i}", c) for i, c in enumerate(children)]
        return container("Sequential" if kind == "named" else kind, *named)
    return container(kind, *children)


def record(recording):
    dice = python_random.Random(11)
    trees = [*LEAVES, *PARAMETERS, *by_hand(), *(by_chance(dice, 3) for _ in range(150))]
    warnings.simplefilter("ignore")  # Linear(0, 3) has nothing to initialise
    for tree in trees:
        recording.add(kind="module", dtype="float32", tree=tree, text=repr(build(tree)))
    torch.set_default_dtype(torch.float64)
    for tree in (*PARAMETERS, LEAVES[0], LEAVES[-1]):
        recording.add(kind="module", dtype="float64", tree=tree, text=repr(build(tree)))
    torch.set_default_dtype(torch.float32)
