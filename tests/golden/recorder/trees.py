"""Modules described by plain data, so that C++ can build the same ones."""
from collections import OrderedDict

import torch
from torch import nn

CONTAINERS = {"Sequential", "ModuleList", "ModuleDict"}
PARAMETERS = {"ParameterList", "ParameterDict"}


class TinyModel(nn.Module):
    """The model of PyTorch's introduction, with the sizes as arguments."""

    def __init__(self, inputs=100, hidden=200, outputs=10):
        super().__init__()
        self.linear1 = nn.Linear(inputs, hidden)
        self.activation = nn.ReLU()
        self.linear2 = nn.Linear(hidden, outputs)
        self.softmax = nn.Softmax(1)

    def forward(self, x):
        return self.softmax(self.linear2(self.activation(self.linear1(x))))


def leaf(kind, *args, **kwargs):
    return {"type": kind, "args": list(args), "kwargs": kwargs}


def container(kind, *children):
    """Children are nodes, numbered from 0, or pairs of a key and a node."""
    pairs = [list(c) if isinstance(c, tuple) else [str(i), c] for i, c in enumerate(children)]
    return {"type": kind, "children": pairs}


def parameters(kind, *shapes):
    """Shapes, numbered from 0, or pairs of a key and a shape."""
    pairs = [list(s) if isinstance(s, tuple) else [str(i), s] for i, s in enumerate(shapes)]
    return {"type": kind, "items": pairs}


def decoded(value):
    return tuple(value["tuple"]) if isinstance(value, dict) else value


def build(node):
    kind = node["type"]
    if kind == "TinyModel":
        return TinyModel(*node["args"])
    if kind in CONTAINERS:
        children = [(key, build(child)) for key, child in node["children"]]
        if kind == "ModuleList":
            return nn.ModuleList(m for _, m in children)
        if kind == "ModuleDict":
            return nn.ModuleDict(children)
        if [key for key, _ in children] == [str(i) for i in range(len(children))]:
            return nn.Sequential(*(m for _, m in children))
        return nn.Sequential(OrderedDict(children))
    if kind in PARAMETERS:
        held = [(key, nn.Parameter(torch.zeros(shape))) for key, shape in node["items"]]
        return nn.ParameterDict(held) if kind == "ParameterDict" else nn.ParameterList(
            p for _, p in held)
    arguments = [decoded(a) for a in node["args"]]
    return getattr(nn, kind)(*arguments, **node["kwargs"])
