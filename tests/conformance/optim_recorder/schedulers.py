"""The learning rates (and momenta) that schedulers give over many steps, and their state_dicts."""
import math
import random
import warnings
from collections import Counter

import torch
from torch import optim
from torch.optim import lr_scheduler

from recorder.recording import Recording

from .scheduler_sets import (CYCLES, FUNCTIONS, HOLDERS, LAWS, PLATEAUS, TESTED, TESTED_PLATEAUS,
                             TESTED_TOGETHER, drawn, spec)

STEPS = 40
ALL = ["initial", "middle", "end"]
LRS = (0.1, 1)
TESTED_LRS = (0.05, 0.5)
# Those that put more than `initial_lr` into the groups, and one for all others.
WITH_OTHER_OPTIONS = {"OneCycleLR", "CyclicLR", "SequentialLR", "StepLR"}

# Epochs given to step(epoch); None for step().
JUMPS = [0, 1, 4, None, None, 7, 3, 12, None, 25, 24, None, None, None, 60, 13, 0, None]
FRACTIONS = [0, 0.25, 0.5, 3.75, None, None, 6.5, 7, 19.2, None, 20, 3, 33.3, None, 60.9]


def build(optimizer, node):
    kwargs = {key: decoded(optimizer, value) for key, value in node["kwargs"].items()}
    if node["type"] == "ChainedScheduler":
        return lr_scheduler.ChainedScheduler(**kwargs)
    return getattr(lr_scheduler, node["type"])(optimizer, **kwargs)


def decoded(optimizer, value):
    if isinstance(value, list):
        return [decoded(optimizer, item) for item in value]
    if isinstance(value, dict):
        return FUNCTIONS[value["function"]] if "function" in value else build(optimizer, value)
    return value


def encoded(value):
    """A state_dict as JSON. The keys of a Counter are ints, which those of JSON cannot be."""
    if isinstance(value, Counter):
        return {"counter": [list(item) for item in value.items()]}
    if isinstance(value, dict):
        return {"dict": {key: encoded(item) for key, item in value.items()}}
    if isinstance(value, list):
        return [encoded(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return {"float": str(value)}
    return value


def make_optimizer(name, lrs):
    kwargs = dict(momentum=0.9) if name == "SGD" else {}
    groups = [{"params": [torch.zeros(1, requires_grad=True)], "lr": lr} for lr in lrs]
    return getattr(optim, name)(groups, **kwargs)


def momenta(optimizer):
    return [group["momentum"] if "momentum" in group else group["betas"][0]
            for group in optimizer.param_groups]


def options_text(optimizer):
    return repr([{key: value for key, value in group.items() if key != "params"}
                 for group in optimizer.param_groups])


class Runs:
    """The cases of one scheduler."""

    def __init__(self, name):
        self.name = name
        self.recording = Recording(f"optim.lr_scheduler.{name}")

    def run(self, node, optimizer_name="SGD", lrs=LRS, epochs=(None,) * STEPS, metrics=None, outside=None,
            resumed=False, followed_by=(), states=ALL):
        """One case, if it is of this scheduler; `states` are the places at which its state is recorded."""
        if node["type"] != self.name:
            return
        optimizer = make_optimizer(optimizer_name, lrs)
        case = self.recording.add(optim=f"optim.lr_scheduler.{self.name}", dtype="float64", scheduler=node,
                                  optimizer=optimizer_name, lrs=list(lrs))
        if resumed:
            case["resumed"] = True
            pretend_to_resume(optimizer, node)
        scheduler = build(optimizer, node)
        others = [build(optimizer, other) for other in followed_by]
        given = {"epochs": list(epochs) if any(e is not None for e in epochs) else None,
                 "metrics": metrics, "outside": outside, "followed_by": list(followed_by)}
        case.update({key: value for key, value in given.items() if value})
        if "initial" in states:
            case["initial_state"] = repr(scheduler.state_dict())
        rates, moments = [[group["lr"] for group in optimizer.param_groups]], [momenta(optimizer)]
        for i, epoch in enumerate(epochs):
            optimizer.step()
            arguments = [] if metrics is None else [metrics[i]]
            scheduler.step(*arguments, *([] if epoch is None else [epoch]))
            for other in others:
                other.step()
            rates.append([group["lr"] for group in optimizer.param_groups])
            moments.append(momenta(optimizer))
            if "middle" in states and i + 1 == len(epochs) // 2:
                case["middle_state"] = encoded(scheduler.state_dict())
            if outside and outside[0] == i + 1:
                for group in optimizer.param_groups:
                    group["lr"] *= outside[1]
        if "end" in states:
            case["state"] = repr(scheduler.state_dict())
        if states == ALL and self.name in WITH_OTHER_OPTIONS:
            case["groups"] = options_text(optimizer)
        self.recording.put(case, "lr", torch.tensor(rates, dtype=torch.float64))
        if any(m != moments[0] for m in moments):
            self.recording.put(case, "momentum", torch.tensor(moments, dtype=torch.float64))

    def own(self):
        for node in LAWS + HOLDERS:
            self.run(node)
        for i, node in enumerate(CYCLES):
            self.run(node, "Adam" if i % 2 else "SGD", epochs=[None] * 60)
        for node in LAWS:
            fractions = node["type"] == "CosineAnnealingWarmRestarts"
            self.run(node, epochs=FRACTIONS if fractions else JUMPS, states=["end"])
        for node in LAWS[::3]:
            self.run(node, lrs=[0.3], outside=[11, 0.5], epochs=[None] * 30, states=[])
        for node in LAWS + CYCLES[::3]:
            self.run(with_last_epoch(node, 3), resumed=True, epochs=[None] * 20, states=["end"])
        for i, node in enumerate(PLATEAUS):
            self.run(node, metrics=metrics_of(i))
            self.run(node, metrics=metrics_of(i + 1))

    def tested(self):
        """Those of PyTorch's tests."""
        few = [None] * 12
        for node in TESTED:
            adam = node["type"] == "OneCycleLR"
            self.run(node, "Adam" if adam else "SGD", TESTED_LRS, epochs=[None] * 9 if adam else few,
                     states=[])
        for node, *others in TESTED_TOGETHER:
            self.run(node, lrs=TESTED_LRS, epochs=few, followed_by=others, states=[])
            self.run(others[0], lrs=TESTED_LRS, epochs=few, followed_by=[node], states=[])
        for (node, *others), metrics in TESTED_PLATEAUS:
            self.run(node, lrs=[0.5, 0.5], epochs=[None] * len(metrics), metrics=metrics,
                     followed_by=others, states=[])

    def drawn(self, seed):
        draw = random.Random(seed)
        lrs = (draw.random(), draw.random())
        metrics = [draw.uniform(0, 2) + 4 / (i + 1) for i in range(20)]
        for node in drawn(seed):
            self.run(node, lrs=lrs, epochs=[None] * 20, states=[],
                     metrics=metrics if node["type"] == "ReduceLROnPlateau" else None)


def pretend_to_resume(optimizer, node):
    """Puts into the groups what a loaded state has there."""
    for group in optimizer.param_groups:
        group["initial_lr"] = 3 * group["lr"]
        if "max_lr" in node["kwargs"]:
            group.update(max_lr=0.7, min_lr=0.001, max_momentum=0.93, base_momentum=0.8)


def metrics_of(case):
    """Falls, then stays, with equal values; or rises in waves."""
    falling = [round(2.0 * 0.8 ** min(i, 15) + 0.01 * (i % 3), 4) for i in range(STEPS)]
    return falling if case % 2 == 0 else [round(math.sin(i / 6) + i / 40, 3) for i in range(STEPS)]


def with_last_epoch(node, last_epoch):
    return spec(node["type"], **node["kwargs"], last_epoch=last_epoch)


def record(folder, name, seed):
    warnings.simplefilter("ignore")
    runs = Runs(name.removeprefix("optim.lr_scheduler."))
    runs.own()
    runs.tested()
    runs.drawn(seed)
    runs.recording.save(folder)
