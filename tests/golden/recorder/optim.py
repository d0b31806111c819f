"""A few steps of every optimizer with given gradients, option by option, and what it looks like then.

Each case is recorded in a process of its own kind: with fused multiply-adds and without, for PyTorch's
kernels round a product of their own in the one and not in the other. MKL is told to take the square root
of float32 that is correctly rounded.
"""
import os
import pickle
import subprocess
import sys
import tempfile
import warnings
from pathlib import Path

import torch
from torch import optim

from .recording import Recording, dtype_name

SHAPES = [(5,), (2, 3)]
STEPS = 5
CAPABILITIES = {"avx2": True, "default": False}  # whether it has fused multiply-adds

# optimizer, kwargs and what else there is to the case, see README.md
CASES = [
    ("SGD", {}, {}),
    ("SGD", dict(lr=1), {}),
    ("SGD", dict(lr=0.1, weight_decay=0.1, maximize=True), {}),
    ("SGD", dict(lr=0.1, momentum=0.9), {"missing": [[0, 1], [2, 0], [2, 1]]}),
    ("SGD", dict(lr=0.1, momentum=0.5, dampening=0.3, maximize=True), {}),
    ("SGD", dict(lr=0.05, momentum=0.9, nesterov=True, weight_decay=1), {}),
    ("Adam", {}, {"missing": [[0, 0], [1, 0], [3, 1]]}),
    ("Adam", dict(lr=1, weight_decay=0.1, eps=1e-3), {}),
    ("Adam", dict(lr=0.02, betas=(0.4, 0.9), amsgrad=True, maximize=True), {}),
    ("Adam", dict(lr=0.05, weight_decay=0.1, decoupled_weight_decay=True), {}),
    ("AdamW", {}, {}),
    ("AdamW", dict(lr=0.05, amsgrad=True, weight_decay=0.5, maximize=True), {}),
    ("RMSprop", {}, {"missing": [[1, 0]]}),
    ("RMSprop", dict(momentum=0.9, weight_decay=0.01, alpha=0.5), {}),
    ("RMSprop", dict(centered=True, maximize=True), {}),
    ("RMSprop", dict(centered=True, momentum=0.5, eps=0.01), {}),
    ("Adagrad", {}, {"missing": [[0, 0], [1, 1]]}),
    ("Adagrad", dict(lr=0.1, lr_decay=0.1, weight_decay=0.01, initial_accumulator_value=0.1), {}),
    ("Adagrad", dict(maximize=True, eps=1e-3, initial_accumulator_value=1), {}),
    ("Adadelta", {}, {"missing": [[1, 1]]}),
    ("Adadelta", dict(lr=0.5, rho=0.5, weight_decay=0.1, maximize=True, eps=1e-3), {}),
    ("Adamax", {}, {"missing": [[0, 1]]}),
    ("Adamax", dict(lr=0.1, betas=(0.6, 0.7), weight_decay=0.1, maximize=True, eps=0.01), {}),
    ("NAdam", {}, {"missing": [[0, 1]]}),
    ("NAdam", dict(lr=0.1, weight_decay=0.1, momentum_decay=0.1, maximize=True), {}),
    ("NAdam", dict(betas=(0.6, 0.9), weight_decay=0.1, decoupled_weight_decay=True), {}),
    ("RAdam", dict(lr=0.01), {"missing": [[2, 0]]}),
    ("RAdam", dict(lr=0.01, betas=(0.9, 0.9), weight_decay=0.1), {}),
    ("RAdam", dict(lr=0.1, weight_decay=0.1, decoupled_weight_decay=True, maximize=True), {}),
    # groups: the options of each, another one from a certain step on, a change of lr
    ("SGD", dict(lr=0.1, momentum=0.9),
     {"param_groups": [[[0], {}], [[1], dict(lr=0.01, momentum=0)]], "lr": [2, 1, 0.5]}),
    ("Adam", dict(lr=0.1), {"param_groups": [[[1], dict(betas=(0.5, 0.5), amsgrad=True)]],
                            "added": [2, [0], dict(lr=1, weight_decay=0.1)]}),
    ("RMSprop", {}, {"param_groups": [[[1], dict(centered=True)], [[0], dict(momentum=0.5)]]}),
    ("NAdam", dict(lr=0.1), {"param_groups": [[[0], dict(momentum_decay=0.5)]], "added": [3, [1], {}]}),
]

# Continued from a state: of the first two steps, as they are or from before the keys that are left out.
LOADED = [
    ("SGD", dict(lr=0.1, momentum=0.9), ["nesterov", "maximize", "foreach", "differentiable", "fused"]),
    ("Adam", dict(lr=0.1), ["amsgrad", "maximize", "foreach", "capturable", "differentiable", "fused",
                            "decoupled_weight_decay"]),
    ("Adam", dict(lr=0.1, amsgrad=True), []),
    ("AdamW", dict(lr=0.1), ["decoupled_weight_decay", "foreach"]),
    ("RMSprop", dict(lr=0.1), ["momentum", "centered", "foreach", "maximize", "differentiable",
                               "capturable"]),
    ("Adagrad", dict(lr=0.1), ["foreach", "maximize", "differentiable", "fused"]),
    ("Adadelta", dict(lr=0.1), ["foreach", "maximize", "differentiable", "capturable"]),
    ("Adamax", dict(lr=0.1), ["foreach", "maximize", "differentiable", "capturable"]),
    ("NAdam", dict(lr=0.1), ["maximize", "foreach", "capturable", "differentiable",
                             "decoupled_weight_decay"]),
    ("RAdam", dict(lr=0.1), ["foreach", "maximize", "differentiable", "decoupled_weight_decay",
                             "capturable"]),
]


def gradients(dtype):
    generator = torch.Generator().manual_seed(5)
    grads = torch.randn(STEPS, 11, generator=generator, dtype=torch.float64)
    grads[:, 2] = 0
    grads[1] *= 1e-4
    grads[3] *= 1e3
    return grads.to(dtype)


def parameters(dtype):
    generator = torch.Generator().manual_seed(3)
    return [torch.nn.Parameter(torch.randn(shape, generator=generator, dtype=torch.float64).to(dtype))
            for shape in SHAPES]


def flat(tensors):
    return torch.cat([tensor.detach().reshape(-1) for tensor in tensors])


def set_gradients(params, grads, missing):
    parts = grads.split([param.numel() for param in params])
    for i, (param, part) in enumerate(zip(params, parts)):
        param.grad = None if i in missing else part.reshape(param.shape).clone()


def outline(value):
    """The value with texts in place of its tensors, 'float32[2, 3]', and of LBFGS' loss."""
    if isinstance(value, torch.Tensor):
        return f"{dtype_name(value.dtype)}{list(value.shape)}"
    if isinstance(value, dict):
        return {key: "float" if key == "prev_loss" else outline(part) for key, part in value.items()}
    if isinstance(value, (list, tuple)):
        return type(value)(outline(part) for part in value)
    return value


def make(name, kwargs, params, more):
    groups = [dict(params=[params[i] for i in indices], **options)
              for indices, options in more.get("param_groups", [[range(len(params)), {}]])]
    return getattr(optim, name)(groups, **kwargs)


def stepped(optimizer, params, grads, more, steps):
    """The parameters after each of the steps."""
    course = []
    for step in steps:
        if more.get("added", [None])[0] == step:
            _, indices, options = more["added"]
            optimizer.add_param_group(dict(params=[params[i] for i in indices], **options))
        if more.get("lr", [None])[0] == step:
            _, group, lr = more["lr"]
            optimizer.param_groups[group]["lr"] = lr
        set_gradients(params, grads[step], [i for at, i in more.get("missing", []) if at == step])
        optimizer.step()
        course.append(flat(params))
    return torch.stack(course)


def run(dtype, name, kwargs, more):
    params = parameters(dtype)
    optimizer = make(name, kwargs, params, more)
    course = stepped(optimizer, params, gradients(dtype), more, range(STEPS))
    return dict(course=course)


def older_state(state, left_out):
    """Without some keys, and with numbers for counters, where it is that old."""
    state = pickle.loads(pickle.dumps(state))
    for group in state["param_groups"]:
        for key in left_out:
            del group[key]
    for kept in state["state"].values():
        for key in ("step", "mu_product"):
            if left_out and key in kept:
                kept[key] = kept[key].item()
    return state


def run_loaded(dtype, saved_dtype, name, kwargs, left_out):
    params = parameters(saved_dtype)
    optimizer = make(name, kwargs, params, {})
    stepped(optimizer, params, gradients(saved_dtype), {}, range(2))
    saved = older_state(optimizer.state_dict(), left_out)
    params = [torch.nn.Parameter(param.detach().to(dtype)) for param in params]
    optimizer = make(name, dict(lr=3.0), params, {})
    optimizer.load_state_dict(pickle.loads(pickle.dumps(saved)))
    begin = flat(params)
    course = stepped(optimizer, params, gradients(dtype), {}, range(2, STEPS))
    return dict(course=course, begin=begin, saved=saved, state=optimizer.state_dict(),
                text=repr(optimizer))


def answers():
    """Everything as data, of the process that this runs in."""
    warnings.simplefilter("error")
    torch.set_num_threads(1)
    dtypes = torch.float32, torch.float64
    return dict(
        steps=[run(dtype, *case) for dtype in dtypes for case in CASES],
        loaded=[run_loaded(dtype, saved, *case) for dtype, saved in
                ((torch.float32, torch.float32), (torch.float64, torch.float32)) for case in LOADED])


def answers_with(capability):
    environment = dict(os.environ, ATEN_CPU_CAPABILITY=capability, MKL_ENABLE_INSTRUCTIONS="AVX2")
    environment.pop("MKL_CBWR", None)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "answers"
        subprocess.run([sys.executable, "-B", "-m", "recorder.optim", path], env=environment,
                       check=True, cwd=Path(__file__).parent.parent)
        return torch.load(path, weights_only=True)


def encode_ordered(recording, case, name, value):
    """As `encode`, but a dict is {"items": [[key, value], ...]}: in its order, with int keys."""
    if not isinstance(value, (dict, list)):
        return recording.encode(case, name, value)
    entries = value.items() if isinstance(value, dict) else enumerate(value)
    parts = [[key, encode_ordered(recording, case, f"{name}.{key}", part)] for key, part in entries]
    return {"items": parts} if isinstance(value, dict) else [part for _, part in parts]


def state_tensors(value):
    """The tensors of a state, those of lists too."""
    if isinstance(value, torch.Tensor):
        return [value]
    return [t for part in value for t in state_tensors(part)] if isinstance(value, list) else []


def put_state(recording, case, state):
    """For each key its tensors, of all parameters, in one vector."""
    for key in sorted({key for kept in state.values() for key in kept}):
        tensors = [t for kept in state.values() for t in state_tensors(kept.get(key))]
        if tensors:
            recording.put(case, f"state/{key}", flat(tensors))


def add_steps(recording, dtype, case_of, answer, fma):
    name, kwargs, more = case_of
    case = recording.add(kind="steps", optimizer=name, dtype=dtype_name(dtype), fma=fma, shapes=SHAPES,
                         kwargs=recording.encode(None, "", kwargs))
    case.update({key: recording.encode(None, "", value) for key, value in more.items()})
    case["grads"] = recording.encode(case, "grads", gradients(dtype))
    case["begin"] = recording.encode(case, "begin", flat(parameters(dtype)))
    recording.put(case, "params", answer["course"])


def add_loaded(recording, dtype, case_of, answer):
    name, kwargs, left_out = case_of
    case = recording.add(kind="loaded", optimizer=name, dtype=dtype_name(dtype), fma=True,
                         shapes=SHAPES, kwargs=recording.encode(None, "", kwargs))
    case["grads"] = recording.encode(case, "grads", gradients(dtype))
    case["begin"] = recording.encode(case, "begin", answer["begin"])
    case["saved"] = encode_ordered(recording, case, "saved", answer["saved"])
    recording.put(case, "params", answer["course"])
    case["repr"] = answer["text"]
    case["groups"] = repr(outline(answer["state"]["param_groups"]))
    case["state"] = repr(outline(answer["state"]["state"]))
    put_state(recording, case, answer["state"]["state"])


def record(folder):
    recording = Recording("optim")
    dtypes = torch.float32, torch.float64
    for capability, fma in CAPABILITIES.items():
        all_answers = answers_with(capability)
        cases = [(dtype, case) for dtype in dtypes for case in CASES]
        for (dtype, case), answer in zip(cases, all_answers["steps"], strict=True):
            add_steps(recording, dtype, case, answer, fma)
        if not fma:
            continue
        cases = [(dtype, case) for dtype in dtypes for case in LOADED]
        for (dtype, case), answer in zip(cases, all_answers["loaded"], strict=True):
            add_loaded(recording, dtype, case, answer)
    recording.save(folder)


if __name__ == "__main__":
    torch.save(answers(), sys.argv[1])
