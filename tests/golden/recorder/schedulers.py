"""The learning rates (and momenta) that schedulers give over many steps, and their state_dicts.

A scheduler is plain data, `{"type", "kwargs"}`, so that C++ can build the same one: nested ones stand
in `schedulers`, functions by their name.
"""
import math
import warnings
from collections import Counter

import torch
from torch import optim
from torch.optim import lr_scheduler

from .recording import Recording

STEPS = 60

FUNCTIONS = {
    "inverse": lambda e: 1 / (1 + 0.05 * e),
    "power": lambda e: 0.95 ** e,
    "halve": lambda e: 0.5 if e % 10 == 0 else 1,
    "shrink": lambda x: 1 / 5.0 ** (x * 0.01),
}


def spec(kind, **kwargs):
    return {"type": kind, "kwargs": kwargs}


def function(name):
    return {"function": name}


LAWS = [
    spec("StepLR", step_size=3),
    spec("StepLR", step_size=7, gamma=0.7),
    spec("StepLR", step_size=20, gamma=2),
    spec("MultiStepLR", milestones=[5, 12, 40], gamma=0.3),
    spec("MultiStepLR", milestones=[30, 10, 10, 0], gamma=0.7),
    spec("MultiStepLR", milestones=[]),
    spec("ExponentialLR", gamma=0.93),
    spec("ExponentialLR", gamma=1),
    spec("ConstantLR"),
    spec("ConstantLR", factor=0.7, total_iters=17),
    spec("ConstantLR", factor=1, total_iters=0),
    spec("LinearLR"),
    spec("LinearLR", start_factor=0.001, total_iters=33),
    spec("LinearLR", start_factor=1, end_factor=0, total_iters=50),
    spec("LinearLR", start_factor=0.7, end_factor=0.1, total_iters=9),
    spec("PolynomialLR"),
    spec("PolynomialLR", total_iters=41, power=2.0),
    spec("PolynomialLR", total_iters=70, power=0.3),
    spec("CosineAnnealingLR", T_max=10),
    spec("CosineAnnealingLR", T_max=23, eta_min=0.003),
    spec("CosineAnnealingLR", T_max=80, eta_min=0),
    spec("CosineAnnealingLR", T_max=1),
    spec("CosineAnnealingWarmRestarts", T_0=7),
    spec("CosineAnnealingWarmRestarts", T_0=5, T_mult=2, eta_min=0.01),
    spec("CosineAnnealingWarmRestarts", T_0=1, T_mult=3),
    spec("LambdaLR", lr_lambda=function("inverse")),
    spec("LambdaLR", lr_lambda=[function("power"), function("halve")]),
    spec("MultiplicativeLR", lr_lambda=function("power")),
    spec("MultiplicativeLR", lr_lambda=[function("halve"), function("inverse")]),
]

CYCLES = [
    spec("OneCycleLR", max_lr=0.5, total_steps=60),
    spec("OneCycleLR", max_lr=[0.5, 2], epochs=9, steps_per_epoch=7, pct_start=0.25),
    spec("OneCycleLR", max_lr=0.3, total_steps=77, anneal_strategy="linear", div_factor=10,
         final_div_factor=100.0),
    spec("OneCycleLR", max_lr=0.3, total_steps=60, three_phase=True, base_momentum=[0.5, 0.7],
         max_momentum=0.97),
    spec("OneCycleLR", max_lr=1, total_steps=61, pct_start=0.4, three_phase=True,
         anneal_strategy="linear", cycle_momentum=False),
    spec("CyclicLR", base_lr=0.01, max_lr=0.1, step_size_up=7),
    spec("CyclicLR", base_lr=[0.01, 0.2], max_lr=[0.1, 1], step_size_up=5, step_size_down=9,
         mode="triangular2"),
    spec("CyclicLR", base_lr=0, max_lr=0.3, step_size_up=11, mode="exp_range", gamma=0.97,
         base_momentum=[0.6, 0.7], max_momentum=[0.8, 0.99]),
    spec("CyclicLR", base_lr=0.01, max_lr=0.1, step_size_up=6.5, cycle_momentum=False),
    spec("CyclicLR", base_lr=0.01, max_lr=0.1, step_size_up=4, scale_fn=function("shrink")),
    spec("CyclicLR", base_lr=0.01, max_lr=0.1, step_size_up=4, scale_fn=function("shrink"),
         scale_mode="iterations"),
]

HOLDERS = [
    spec("SequentialLR", milestones=[10, 40], schedulers=[
        spec("LinearLR", start_factor=0.1, total_iters=10),
        spec("CosineAnnealingLR", T_max=30, eta_min=0.001),
        spec("ExponentialLR", gamma=0.9)]),
    spec("SequentialLR", milestones=[5, 20, 33], schedulers=[
        spec("ConstantLR", factor=0.2, total_iters=4),
        spec("StepLR", step_size=4, gamma=0.6),
        spec("CosineAnnealingWarmRestarts", T_0=4, T_mult=2),
        spec("PolynomialLR", total_iters=20, power=1.5)]),
    spec("SequentialLR", milestones=[15, 30], schedulers=[
        spec("MultiStepLR", milestones=[3, 6], gamma=0.5),
        spec("LambdaLR", lr_lambda=function("inverse")),
        spec("MultiplicativeLR", lr_lambda=function("power"))]),
    spec("SequentialLR", milestones=[0, 5], schedulers=[
        spec("ExponentialLR", gamma=0.5), spec("ExponentialLR", gamma=0.8),
        spec("ExponentialLR", gamma=0.99)]),
    spec("SequentialLR", milestones=[], schedulers=[spec("StepLR", step_size=9)]),
    spec("SequentialLR", milestones=[20], schedulers=[
        spec("SequentialLR", milestones=[8], schedulers=[
            spec("LinearLR"), spec("ExponentialLR", gamma=0.95)]),
        spec("CyclicLR", base_lr=0.01, max_lr=0.2, step_size_up=5)]),
    spec("ChainedScheduler", schedulers=[
        spec("ConstantLR", factor=0.1, total_iters=8), spec("ExponentialLR", gamma=0.95)]),
    spec("ChainedScheduler", schedulers=[
        spec("LinearLR", start_factor=0.5, total_iters=12), spec("StepLR", step_size=10, gamma=0.5),
        spec("CosineAnnealingLR", T_max=25)]),
    spec("ChainedScheduler", schedulers=[
        spec("SequentialLR", milestones=[6], schedulers=[
            spec("LinearLR"), spec("ExponentialLR", gamma=0.95)]),
        spec("MultiStepLR", milestones=[20, 50])]),
]

PLATEAUS = [
    spec("ReduceLROnPlateau"),
    spec("ReduceLROnPlateau", factor=0.5, patience=2, cooldown=3),
    spec("ReduceLROnPlateau", mode="max", factor=0.3, patience=1, threshold=0.01, eps=0.001),
    spec("ReduceLROnPlateau", factor=0.7, patience=0, threshold=0.05, threshold_mode="abs",
         min_lr=[0.01, 0.3]),
    spec("ReduceLROnPlateau", mode="max", factor=0.9, patience=3, threshold_mode="abs", min_lr=0.05),
]

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


def run(recording, node, optimizer_name="SGD", lrs=(0.1, 1), epochs=(None,) * STEPS, metrics=None,
        outside=None, resumed=False):
    optimizer = make_optimizer(optimizer_name, lrs)
    case = recording.add(scheduler=node, optimizer=optimizer_name, lrs=list(lrs))
    if resumed:
        case["resumed"] = True
        for group in optimizer.param_groups:
            group["initial_lr"] = 3 * group["lr"]
            if "max_lr" in node["kwargs"]:
                group.update(max_lr=0.7, min_lr=0.001, max_momentum=0.93, base_momentum=0.8)
    scheduler = build(optimizer, node)
    if any(epoch is not None for epoch in epochs):
        case["epochs"] = list(epochs)
    if metrics is not None:
        case["metrics"] = metrics
    if outside:
        case["outside"] = outside
    case["initial_state"] = repr(scheduler.state_dict())
    rates, moments = [[group["lr"] for group in optimizer.param_groups]], [momenta(optimizer)]
    for i, epoch in enumerate(epochs):
        optimizer.step()
        arguments = [] if metrics is None else [metrics[i]]
        scheduler.step(*arguments, *([] if epoch is None else [epoch]))
        rates.append([group["lr"] for group in optimizer.param_groups])
        moments.append(momenta(optimizer))
        assert scheduler.get_last_lr() == rates[-1]
        if i + 1 == len(epochs) // 2:
            case["middle_state"] = encoded(scheduler.state_dict())
        if outside and outside[0] == i + 1:
            for group in optimizer.param_groups:
                group["lr"] *= outside[1]
    case["state"] = repr(scheduler.state_dict())
    case["groups"] = options_text(optimizer)
    recording.put(case, "lr", torch.tensor(rates, dtype=torch.float64))
    if any(m != moments[0] for m in moments):
        recording.put(case, "momentum", torch.tensor(moments, dtype=torch.float64))


def metrics_of(case):
    """Falls, then stays, with equal values; or rises in waves."""
    falling = [round(2.0 * 0.8 ** min(i, 15) + 0.01 * (i % 3), 4) for i in range(STEPS)]
    return falling if case % 2 == 0 else [round(math.sin(i / 6) + i / 40, 3) for i in range(STEPS)]


def with_last_epoch(node, last_epoch):
    return spec(node["type"], **node["kwargs"], last_epoch=last_epoch)


def record(folder):
    warnings.simplefilter("ignore")
    recording = Recording("schedulers")
    for node in LAWS + HOLDERS:
        run(recording, node)
    for node in CYCLES:
        for optimizer in "SGD", "Adam":
            run(recording, node, optimizer)
    for node in LAWS:
        if node["type"] == "CosineAnnealingWarmRestarts":
            run(recording, node, epochs=FRACTIONS)
        else:
            run(recording, node, epochs=JUMPS)
    for node in LAWS[::3]:
        run(recording, node, lrs=[0.3], outside=[11, 0.5], epochs=[None] * 30)
    for node in LAWS + CYCLES[::3]:
        run(recording, with_last_epoch(node, 3), resumed=True, epochs=[None] * 20)
    for i, node in enumerate(PLATEAUS):
        run(recording, node, metrics=metrics_of(i))
        run(recording, node, metrics=metrics_of(i + 1))
    recording.save(folder)
