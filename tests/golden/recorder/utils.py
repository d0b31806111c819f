"""torch.nn.utils: clipped gradients."""
import math

import torch
from torch.nn import utils

from .recording import Recording

SHAPES = [(3, 4), (5,), (), (2, 1, 3)]
NORM_TYPES = [2.0, 1.0, 3.0, 0.5, 0.0, math.inf, -math.inf]


def parameters(dtype, scale):
    """Parameters with gradients, and one without."""
    made = [torch.zeros(shape, dtype=dtype, requires_grad=True) for shape in SHAPES]
    for parameter in made[:-1]:
        parameter.grad = scale * torch.randn(parameter.shape, dtype=dtype)
    return made


def put_grads(recording, case, name, params):
    for i, parameter in enumerate(params):
        if parameter.grad is not None:
            recording.put(case, f"{name}/{i}", parameter.grad)


def record_norms(recording, dtype):
    for norm_type in NORM_TYPES:
        for max_norm, scale in (1.0, 1.0), (0.1, 10.0), (1000.0, 1.0), (2, 1.0), (0.0, 1.0):
            params = parameters(dtype, scale)
            case = recording.add(kind="norm", dtype=str(dtype).removeprefix("torch."),
                                 norm_type=recording.encode(None, "", norm_type), max_norm=max_norm)
            put_grads(recording, case, "grad", params)
            recording.put(case, "norm", utils.clip_grad_norm_(params, max_norm, norm_type))
            put_grads(recording, case, "clipped", params)


def record_special(recording, dtype):
    """Gradients that are zero, or not finite."""
    for value in 0.0, math.inf, -math.inf, math.nan:
        for norm_type in 2.0, math.inf:
            params = parameters(dtype, 1.0)
            params[0].grad[1, 2] = value
            if value == 0:
                for parameter in params[:-1]:
                    parameter.grad.zero_()
            case = recording.add(kind="norm", dtype=str(dtype).removeprefix("torch."),
                                 norm_type=recording.encode(None, "", norm_type), max_norm=1.0)
            put_grads(recording, case, "grad", params)
            recording.put(case, "norm", utils.clip_grad_norm_(params, 1.0, norm_type))
            put_grads(recording, case, "clipped", params)


def record_values(recording, dtype):
    for clip_value in 0.5, 2, 0.0, -0.25:
        params = parameters(dtype, 1.0)
        params[0].grad[0, 0] = math.nan
        params[0].grad[1, 1] = math.inf
        case = recording.add(kind="value", dtype=str(dtype).removeprefix("torch."),
                             clip_value=clip_value)
        put_grads(recording, case, "grad", params)
        utils.clip_grad_value_(params, clip_value)
        put_grads(recording, case, "clipped", params)


def record(folder):
    torch.manual_seed(5)
    recording = Recording("utils")
    for dtype in torch.float32, torch.float64:
        record_norms(recording, dtype)
        record_special(recording, dtype)
        record_values(recording, dtype)
    recording.save(folder)
