"""Losses: what they give, at which values and shapes, and the gradients."""
import warnings

import torch
from torch.nn.modules.loss import _Loss
from torch.testing._internal.common_modules import module_db

from .loss_calls import distances, indices, pairs, probabilities, samples, signs, unit
from .modules import Modules
from .ops.call import FLOATS, Ops, sample
from .trees import leaf

# Of PyTorch's own cases one in so many; none for a 0.
ONE_IN = {"LinearCrossEntropyLoss": 15, "CrossEntropyLoss": 5, "NLLLoss": 3, "SmoothL1Loss": 2,
          "HingeEmbeddingLoss": 2, "MultiLabelMarginLoss": 2, "CTCLoss": 0}
LARGEST = 110  # elements


def plain(kwargs):
    """The arguments that C++ has too."""
    return {k: v for k, v in kwargs.items() if k not in ("device", "dtype", "options")}


def cases_of(info, dtype):
    """PyTorch's own cases for a module: its constructor's arguments and forward's."""
    for each in info.module_inputs_func(info, device="cpu", dtype=dtype, requires_grad=True,
                                        training=True):
        if each.constructor_input.kwargs.get("options") is not None:  # computes in chunks
            continue
        inputs = list(each.forward_input.args)
        if sum(x.numel() for x in inputs if isinstance(x, torch.Tensor)) <= LARGEST:
            yield each.constructor_input.args, plain(each.constructor_input.kwargs), inputs


def own_modules(m, dtype):
    """Those whose cases there are large, or missing; and initial values."""
    x, y, z = (sample((2, 3), dtype).requires_grad_() for _ in range(3))
    p, w, target = unit((2, 3), dtype), unit((3,), dtype), signs((2,), dtype)
    for kwargs in ({}, {"reduction": "none"}, {"weight": w}, {"weight": w, "reduction": "sum"}):
        m.call(leaf("BCELoss", **kwargs), [unit((2, 3), dtype).requires_grad_(), p], dtype)
        m.call(leaf("BCEWithLogitsLoss", pos_weight=w + 1, **kwargs), [x, p], dtype)
        m.call(leaf("BCEWithLogitsLoss", **kwargs), [x, p], dtype)
    for kwargs in ({}, {"margin": 0.5}, {"reduction": "none"}):
        m.call(leaf("CosineEmbeddingLoss", **kwargs), [x, y, target], dtype)
        m.call(leaf("MarginRankingLoss", **kwargs), [x, y, signs((2, 3), dtype)], dtype)
        m.call(leaf("TripletMarginLoss", **kwargs), [x, y, z], dtype)
    m.call(leaf("TripletMarginLoss", p=1.0, eps=0.1, swap=True, reduction="sum"), [x, y, z], dtype)
    for kwargs in ({}, {"log_input": False, "full": True}, {"reduction": "sum", "eps": 0.1}):
        m.call(leaf("PoissonNLLLoss", **kwargs), [unit((2, 3), dtype).requires_grad_(), p], dtype)
    for seed in (0, 42):
        m.call(leaf("LinearCrossEntropyLoss", 3, 4, bias=True, weight=unit((4,), dtype)),
               [x, indices((2, 4))], dtype, seed)
        m.call(leaf("LinearCrossEntropyLoss", 3, 4, out_features=(2,)), [x, indices((2, 4, 2))],
               dtype, seed)


def modules(m, dtype):
    """PyTorch's own cases, but few."""
    for info in module_db:
        kind = info.name.removeprefix("nn.")
        every = ONE_IN.get(kind, 1) * (3 if dtype == torch.float32 else 1)
        if not issubclass(info.module_cls, _Loss) or every == 0:
            continue
        torch.manual_seed(5)
        for args, kwargs, inputs in list(cases_of(info, dtype))[::every]:
            m.call(leaf(kind, *args, **kwargs), inputs, dtype)
    own_modules(m, dtype)


def record(folder):
    warnings.simplefilter("ignore")  # targets of another shape: meant
    ops, m = Ops("functional/loss"), Modules("modules/loss")
    for dtype in FLOATS:
        for part in (pairs, probabilities, samples, distances):
            part(ops, dtype)
        modules(m, dtype)
    ops.recording.save(folder)
    m.recording.save(folder)
