"""The schedulers that are recorded, as plain data, so that C++ can build the same ones.

A scheduler is `{"type", "kwargs"}`; nested ones stand in `schedulers`, functions by their name.
"""
import random

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


# ---- our own ----

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

# ---- the settings of PyTorch's own tests (test/optim/test_lrscheduler.py), over groups of 0.05 and 0.5 ----

CYCLE = dict(base_lr=1, max_lr=5, step_size_up=4, base_momentum=1, max_momentum=5)
CYCLES_OF_TWO = dict(base_lr=[1, 3], max_lr=[5, 7], step_size_up=2, step_size_down=6,
                     base_momentum=[1, 3], max_momentum=[5, 7])
ONE_CYCLE = dict(max_lr=25, final_div_factor=2, base_momentum=1, max_momentum=22, total_steps=10)

TESTED = [
    spec("StepLR", gamma=0.1, step_size=3),
    spec("MultiStepLR", gamma=0.1, milestones=[2, 5, 9]),
    spec("ConstantLR", factor=0.5, total_iters=5),
    spec("LinearLR", start_factor=0.4, total_iters=4),
    spec("LinearLR", start_factor=0.4, end_factor=0.9, total_iters=4),
    spec("PolynomialLR", power=0.9, total_iters=5),
    spec("ExponentialLR", gamma=0.9),
    spec("CosineAnnealingLR", T_max=10, eta_min=1e-10),
    spec("CosineAnnealingWarmRestarts", T_0=10, T_mult=2, eta_min=1e-10),
    spec("CyclicLR", **CYCLE, mode="triangular2"),
    spec("CyclicLR", **CYCLE, mode="exp_range", gamma=0.9),
    spec("CyclicLR", **CYCLES_OF_TWO, mode="triangular2"),
    spec("OneCycleLR", **ONE_CYCLE, anneal_strategy="linear"),
    spec("OneCycleLR", **ONE_CYCLE),
    spec("OneCycleLR", **{**ONE_CYCLE, "final_div_factor": 4}, div_factor=25, pct_start=0.4,
         anneal_strategy="linear", three_phase=True),
    spec("SequentialLR", milestones=[3, 6], schedulers=[
        spec("ConstantLR", factor=0.1, total_iters=3), spec("ExponentialLR", gamma=0.8),
        spec("StepLR", gamma=0.1, step_size=2)]),
    spec("SequentialLR", milestones=[5], schedulers=[
        spec("ChainedScheduler", schedulers=[
            spec("LinearLR", start_factor=0.1, total_iters=5),
            spec("ConstantLR", factor=0.1, total_iters=5)]),
        spec("ConstantLR", factor=0.5, total_iters=5)]),
    spec("ChainedScheduler", schedulers=[
        spec("LinearLR", start_factor=0.4, total_iters=3),
        spec("MultiStepLR", milestones=[4, 8, 10], gamma=0.1)]),
    spec("ChainedScheduler", schedulers=[
        spec("ExponentialLR", gamma=0.9), spec("ConstantLR", factor=0.2, total_iters=4),
        spec("StepLR", gamma=0.1, step_size=3)]),
    spec("ChainedScheduler", schedulers=[
        spec("PolynomialLR", power=0.9, total_iters=5), spec("ConstantLR", factor=0.1)]),
]
# One after the other on one optimizer, without a scheduler that holds them.
TESTED_TOGETHER = [
    [spec("StepLR", gamma=0.1, step_size=3), spec("MultiStepLR", gamma=0.1, milestones=[2, 5, 9])],
    [spec("MultiStepLR", gamma=0.1, milestones=[2, 5, 9]), spec("LinearLR", start_factor=0.4, total_iters=4)],
    [spec("CosineAnnealingLR", T_max=10, eta_min=1e-10), spec("StepLR", gamma=0.1, step_size=3)],
    [spec("CosineAnnealingLR", T_max=10, eta_min=1e-10), spec("ExponentialLR", gamma=0.1)],
]
# With metrics; the others follow after it.
TESTED_PLATEAUS = [
    ([spec("ReduceLROnPlateau", threshold_mode="abs", mode="min", threshold=0.01, patience=5, cooldown=5),
      spec("StepLR", gamma=0.1, step_size=3)], [10 - i * 0.0167 for i in range(20)]),
    ([spec("ReduceLROnPlateau", mode="max", patience=5, cooldown=5, threshold_mode="abs"),
      spec("ExponentialLR", gamma=0.1)], [-0.8] * 2 + [-0.234] * 20),
    ([spec("ReduceLROnPlateau", mode="max", patience=3, threshold_mode="rel", threshold=0.1),
      spec("CosineAnnealingLR", T_max=10, eta_min=1e-10)], [1.5 * 1.025 ** i for i in range(20)]),
]

# ---- from a seed ----


def drawn(seed):
    """A setting of each that takes numbers, others for each seed."""
    draw = random.Random(seed)
    low, high = draw.uniform(0.001, 0.1), draw.uniform(0.2, 2)
    return [
        spec("StepLR", step_size=draw.randint(1, 9), gamma=draw.random()),
        spec("MultiStepLR", milestones=draw.sample(range(1, 30), 4), gamma=draw.random()),
        spec("ExponentialLR", gamma=draw.uniform(0.5, 1.1)),
        spec("ConstantLR", factor=draw.random(), total_iters=draw.randint(1, 20)),
        spec("LinearLR", start_factor=draw.uniform(0.01, 1), end_factor=draw.random(),
             total_iters=draw.randint(1, 20)),
        spec("PolynomialLR", total_iters=draw.randint(1, 30), power=draw.uniform(0.1, 3)),
        spec("CosineAnnealingLR", T_max=draw.randint(2, 30), eta_min=draw.uniform(0, 0.1)),
        spec("CosineAnnealingWarmRestarts", T_0=draw.randint(2, 9), T_mult=draw.randint(1, 3),
             eta_min=draw.uniform(0, 0.1)),
        spec("OneCycleLR", max_lr=high, total_steps=draw.randint(25, 60), pct_start=draw.random(),
             div_factor=draw.uniform(5, 50), three_phase=draw.random() < 0.2),
        spec("CyclicLR", base_lr=low, max_lr=high, step_size_up=draw.randint(1, 9),
             step_size_down=draw.randint(1, 9), mode="exp_range", gamma=draw.uniform(0.8, 1)),
        spec("ReduceLROnPlateau", mode=draw.choice(["min", "max"]), factor=draw.uniform(0.1, 0.9),
             patience=draw.randint(0, 3), threshold=draw.uniform(0, 0.1), cooldown=draw.randint(0, 3),
             threshold_mode=draw.choice(["rel", "abs"]), min_lr=draw.uniform(0, 0.01)),
        spec("SequentialLR", milestones=[draw.randint(2, 8), draw.randint(9, 15)], schedulers=[
            spec("LinearLR", start_factor=draw.uniform(0.01, 1), total_iters=draw.randint(1, 9)),
            spec("ExponentialLR", gamma=draw.uniform(0.7, 1)),
            spec("CosineAnnealingLR", T_max=draw.randint(2, 20))]),
        spec("ChainedScheduler", schedulers=[
            spec("ConstantLR", factor=draw.random(), total_iters=draw.randint(1, 9)),
            spec("StepLR", step_size=draw.randint(1, 9), gamma=draw.random())]),
    ]
