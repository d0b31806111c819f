"""The optimizers of torch.optim: the settings of PyTorch's optim_db, and our own.

A case is a few steps with given gradients (see Course in recorder/optim.py), or for LBFGS with an
objective; or a mistake, and the error that PyTorch raises for it.
"""
import re
import warnings

import torch
from torch import optim
from torch.testing._internal.common_optimizers import OptimizerErrorEnum, optim_db

from recorder.optim import encode_ordered, flat, make, outline, put_state, stepped
from recorder.recording import Recording, dtype_name

FLOATS = [torch.float32, torch.float64]
SHAPES = [(), (0,), (2, 3), (7,)]
AROUND_VECTORS = {torch.float32: (1, 7, 8, 15, 17, 33), torch.float64: (1, 3, 4, 7, 8, 9, 17)}
STEPS = 4
MORE_STEPS = {"RAdam": 8}  # it rectifies from the sixth on
EXTREMES = [0.0, -0.0, 1e-45, -1e-40, 1e-30, 1e-10, 1.0, -1e10, 1e20, -1e30, float("inf"), float("-inf"),
            float("nan")]

# What each optimizer is given by our own cases: something of everything it has.
RICH = {
    "SGD": dict(lr=0.1, momentum=0.9, weight_decay=0.1, dampening=0.25),
    "Adam": dict(lr=0.02, betas=(0.4, 0.9), weight_decay=0.1, amsgrad=True),
    "AdamW": dict(lr=0.02, betas=(0.4, 0.9), eps=1e-4, amsgrad=True, maximize=True),
    "RMSprop": dict(lr=0.02, alpha=0.6, momentum=0.5, centered=True, weight_decay=0.1),
    "Adagrad": dict(lr=0.1, lr_decay=0.1, weight_decay=0.1, initial_accumulator_value=0.5),
    "Adadelta": dict(lr=0.5, rho=0.5, weight_decay=0.1, eps=1e-3),
    "Adamax": dict(lr=0.1, betas=(0.6, 0.7), weight_decay=0.1, eps=0.01),
    "NAdam": dict(lr=0.1, betas=(0.6, 0.9), weight_decay=0.1, momentum_decay=0.1),
    "RAdam": dict(lr=0.1, betas=(0.6, 0.9), weight_decay=0.1, decoupled_weight_decay=True),
}
# An option that a group of its own has; several in the order of the fields in C++.
OTHER = {
    "SGD": dict(momentum=0, dampening=0), "Adam": dict(amsgrad=False), "AdamW": dict(weight_decay=0),
    "RMSprop": dict(momentum=0, centered=False), "Adagrad": dict(lr_decay=0.5), "Adadelta": dict(rho=0.9),
    "Adamax": dict(betas=(0.5, 0.5)), "NAdam": dict(momentum_decay=0.5), "RAdam": dict(betas=(0.9, 0.999)),
}
LBFGS = [
    dict(lr=0.5, max_iter=1), dict(line_search_fn="strong_wolfe", history_size=3, max_iter=8, lr=0.5),
    dict(line_search_fn="strong_wolfe", max_eval=4, max_iter=10),
    dict(line_search_fn="strong_wolfe", lr=30, tolerance_change=1e-4, max_iter=3),
]
LBFGS_SHAPES = [(5,), (2, 3), (), (0,), (3,)]
STEEPNESS = {torch.float32: 1, torch.float64: 10}  # of the objective
LONGEST_HISTORY = 5
NUDGED = (0, 1, 4, 8)  # elements of the start
MOST_STRAYING = {torch.float32: 5e-6, torch.float64: 2e-13}  # relative, below what is allowed
FLAGS = {"foreach", "fused", "capturable", "differentiable"}  # choose how PyTorch computes, not what


def info_of(name):
    return next(info for info in optim_db if info.optim_cls.__name__ == name)


def database_settings(name):
    """The kwargs of optim_db, without what chooses between PyTorch's implementations."""
    for sample in info_of(name).optim_inputs_func(device="cpu"):
        yield {k: v for k, v in sample.kwargs.items() if k not in FLAGS}


def fresh(kwargs):
    """The same; a tensor is a new one, for it belongs to an optimizer then."""
    return {k: v.clone() if isinstance(v, torch.Tensor) else v for k, v in kwargs.items()}


class Courses:
    """The cases of one optimizer and dtype."""

    def __init__(self, name, dtype, seed):
        self.name = name
        self.dtype = dtype
        self.recording = Recording(f"optim.{name}.{dtype_name(dtype)}")
        self.generator = torch.Generator().manual_seed(seed)
        self.steps = MORE_STEPS.get(name, STEPS)
        self.begin = self.draw(sum(torch.Size(s).numel() for s in SHAPES))
        self.grads = self.draw(self.steps, len(self.begin))
        self.grads[:, 2] = 0
        self.grads[1] *= 1e-3
        self.grads[2] *= 100

    def draw(self, *sizes):
        return torch.randn(*sizes, generator=self.generator, dtype=torch.float64).to(self.dtype)

    def parameters(self, begin, shapes):
        parts = begin.split([torch.Size(s).numel() for s in shapes])
        return [torch.nn.Parameter(p.reshape(s).clone()) for p, s in zip(parts, shapes)]

    def start(self, kwargs, begin, shapes, **more):
        case = self.recording.add(optim=f"optim.{self.name}", dtype=dtype_name(self.dtype),
                                  shapes=[list(shape) for shape in shapes])
        case["kwargs"] = self.recording.encode(case, "kwargs", kwargs)
        case["begin"] = self.recording.encode(case, "begin", begin)
        case.update({key: self.recording.encode(None, "", value) for key, value in more.items()})
        return case

    def end(self, case, optimizer, texts=True, states=True):
        """What the optimizer is after the last step. What does not depend on the dtype is told once."""
        state = optimizer.state_dict()
        texts &= self.dtype == torch.float32
        if texts:
            case["repr"] = repr(optimizer)
        texts &= len(state["param_groups"]) > 1 or case["case"] == "0" or "reload" in case
        if texts:
            case["groups"] = repr(outline(state["param_groups"]))
            case["state"] = repr(outline(state["state"]))
        if states:
            put_state(self.recording, case, state["state"])

    def course(self, kwargs, begin=None, grads=None, shapes=SHAPES, reload=None, texts=True, states=True,
               **more):
        """Steps with given gradients; before step `reload` another optimizer takes over the state."""
        begin, grads = self.begin if begin is None else begin, self.grads if grads is None else grads
        case = self.start(kwargs, begin, shapes, **more)
        case["grads"] = self.recording.encode(case, "grads", grads)
        params = self.parameters(begin, shapes)
        optimizer = make(self.name, fresh(kwargs), params, more)
        course = stepped(optimizer, params, grads, more, range(reload or len(grads)))
        if reload:
            case["reload"] = reload
            saved = optimizer.state_dict()
            if self.dtype == torch.float32:
                case["saved"] = encode_ordered(self.recording, case, "saved", saved)
            optimizer = make(self.name, fresh(kwargs), params, more)
            optimizer.load_state_dict(saved)
            course = torch.cat([course, stepped(optimizer, params, grads, more,
                                                range(reload, len(grads)))])
        self.recording.put(case, "params", course)
        self.end(case, optimizer, texts, states)

    def own_courses(self):
        rich = RICH[self.name]
        self.course(rich, reload=2)
        self.course(rich, missing=[[0, 0], [1, 2], [2, 2], [2, 3]], lr=[2, 0, 0.5], param_groups=[
            [[0, 1], {}], [[2], OTHER[self.name]]], added=[1, [3], dict(lr=0.25)])
        sizes = AROUND_VECTORS[self.dtype]
        self.course(rich, self.draw(sum(sizes)), self.draw(2, sum(sizes)), [(n,) for n in sizes],
                    texts=False)
        extremes = torch.tensor(EXTREMES, dtype=self.dtype)
        grads = torch.stack([extremes.roll(n) for n in (0, 4, 7)])
        self.course({}, self.draw(len(EXTREMES)), grads, [(len(EXTREMES),)], texts=False)
        # Of squares that overflow it depends on fused multiply-adds whether their difference is a NaN.
        rich = {key: value for key, value in rich.items() if key != "centered"}
        self.course(rich, extremes, grads, [(len(EXTREMES),)], texts=False)

    # ---- LBFGS ----

    def descent(self, kwargs, begin, steps):
        """Steps on `objective`: losses, parameters, counts after each, and the optimizer."""
        params = self.parameters(begin, LBFGS_SHAPES)
        optimizer = optim.LBFGS(params, **fresh(kwargs))
        losses, course, counts = [], [], []

        def closure():
            optimizer.zero_grad()
            loss = objective(STEEPNESS[self.dtype], *params)
            loss.backward()
            return loss

        for _ in range(steps):
            losses.append(optimizer.step(closure).detach())
            course.append(flat(params))
            kept = optimizer.state[params[0]]
            counts.append([kept["n_iter"], kept["func_evals"]])
        return torch.stack(losses), torch.stack(course), counts, optimizer

    def strays(self, kwargs, begin, steps):
        """How far PyTorch's own course is from itself where one element begins one ulp above."""
        losses, course, counts, _ = self.descent(kwargs, begin, steps)
        furthest = 0
        for i in NUDGED:
            beside = begin.clone()
            beside[i] = torch.nextafter(beside[i], beside[i] + 1)
            other_losses, other, other_counts, _ = self.descent(kwargs, beside, steps)
            if counts != other_counts:
                return float("inf")
            furthest = max(furthest, relative(course, other), relative(losses, other_losses))
        return furthest

    def descents(self, kwargs, begin, steps=3):
        """One case, of as many steps as PyTorch itself keeps its course."""
        while self.strays(kwargs, begin, steps) > MOST_STRAYING[self.dtype]:
            steps -= 1
            if steps == 0:
                print(f"LBFGS, {dtype_name(self.dtype)}: nothing to hold on to with {kwargs}")
                return
        losses, course, counts, optimizer = self.descent(kwargs, begin, steps)
        case = self.start(kwargs, begin, LBFGS_SHAPES, counts=counts, steepness=STEEPNESS[self.dtype])
        self.recording.put(case, "losses", losses)
        self.recording.put(case, "params", course)
        # Of a long history the last bits tell little: near the minimum its vectors are rounding.
        self.end(case, optimizer, states=counts[-1][0] <= LONGEST_HISTORY)

    def all_descents(self):
        begin = torch.cat([torch.linspace(-1.2, 0.8, 5), torch.linspace(-1, 1, 6), torch.ones(4)])
        begin = begin.to(self.dtype) + self.draw(len(begin)) / 8
        for kwargs in [*database_settings("LBFGS"), *LBFGS]:
            self.descents(kwargs, begin)
        begin[0] = 1e30
        self.descents({}, begin, 1)

    # ---- mistakes ----

    def encoded_params(self, value, numbers):
        """What the constructor is given: a parameter is its number, a group with options a dict."""
        if isinstance(value, torch.Tensor):
            return numbers.setdefault(id(value), len(numbers))
        if isinstance(value, dict):
            return {"dict": {k: self.encoded_params(v, numbers) for k, v in value.items()}}
        if isinstance(value, tuple):
            return {"tuple": [self.encoded_params(v, numbers) for v in value]}
        if isinstance(value, list):
            return [self.encoded_params(v, numbers) for v in value]
        return value

    def mistakes(self):
        for error in info_of(self.name).optim_error_inputs_func(device="cpu", dtype=self.dtype):
            assert error.error_on == OptimizerErrorEnum.CONSTRUCTION_ERROR
            sample = error.optimizer_error_input
            params = [torch.nn.Parameter(torch.ones(1))] if sample.params is None else sample.params
            case = self.recording.add(optim=f"optim.{self.name}", dtype=dtype_name(self.dtype))
            case["params"] = self.encoded_params(params, {})
            case["kwargs"] = self.recording.encode(case, "kwargs", sample.kwargs)
            with warnings.catch_warnings():
                warnings.simplefilter("error")
                try:
                    getattr(optim, self.name)(params, **sample.kwargs)
                except (ValueError, TypeError, UserWarning) as raised:
                    assert isinstance(raised, error.error_type)
                    assert re.search(error.error_regex, str(raised))
                    case["error"] = {"type": type(raised).__name__, "text": str(raised)}
            assert "error" in case, sample.desc


def objective(steepness, x, w, scalar, empty, _):
    """A valley and bowls; the last parameter has no gradient."""
    valley = (steepness * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2).sum()
    return valley + (w ** 4).sum() + (w ** 2).sum() + (scalar - 0.5) ** 2 + empty.sum()


def relative(expected, found):
    """The largest difference, in terms of the number where that is above 0.1."""
    difference = (expected - found).abs() / expected.abs().clamp(min=0.1)
    return difference.nan_to_num(0, 0, 0).max().item()


def record(folder, name, seed):
    name = name.removeprefix("optim.")
    for dtype in FLOATS:
        courses = Courses(name, dtype, seed)
        if name == "LBFGS":
            courses.all_descents()
        else:
            for kwargs in database_settings(name):
                courses.course(kwargs, states=dtype == torch.float32)
            courses.own_courses()
        if dtype == torch.float32:
            courses.mistakes()
        courses.recording.save(folder)
