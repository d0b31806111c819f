"""The calls of losses and distances: all reductions, and the thin spots."""
import inspect

import torch
from torch.nn import functional as F
from torch.nn.modules.loss import _Loss

from .elementwise import SIZES
from .elementwise import sample as spread

REDUCTIONS = ("mean", "sum", "none")
SHAPES = [(), (0, 3), (2, 3)]
INF, NAN = float("inf"), float("nan")


class Chosen:
    """The calls of one function; those of others are passed over."""

    def __init__(self, name):
        self.name = name
        self.calls = []
        self.turn = 0

    def call(self, name, *args, grad=True, **kwargs):
        """grad says which arguments want a gradient, by positions and names; True: all."""
        if name != self.name:
            return
        args = [leaf(a, grad is True or (grad and i in grad)) for i, a in enumerate(args)]
        kwargs = {k: leaf(v, grad is True or (grad and k in grad)) for k, v in kwargs.items()}
        self.calls.append((args, kwargs))


def leaf(value, grad):
    if not isinstance(value, torch.Tensor):
        return value
    return value.detach().clone().requires_grad_(bool(grad) and value.is_floating_point())


def sample(shape, dtype, scale=1.0):
    return spread(shape, dtype, scale).detach()


def each(ops, op, *args, reductions=REDUCTIONS, **kwargs):
    """All reductions in float64; in float32 one of them, in turns: the formulas are the same."""
    if args[0].dtype == torch.float32:
        if args[0].numel() < 2:
            return
        ops.turn += 1
        reductions = [reductions[ops.turn % len(reductions)]]
    for reduction in reductions:
        ops.call(op, *args, reduction=reduction, **kwargs)


def unit(shape, dtype):
    """Between 0 and 1."""
    return torch.rand(shape, dtype=torch.float64).to(dtype)


def signs(shape, dtype):
    return (torch.randint(0, 2, shape) * 2 - 1).to(dtype)


def row(*values, dtype):
    return torch.tensor(values, dtype=dtype)


def sizes(ops, op, dtype, inputs):
    """Around the widths of vectors, all with one reduction each."""
    for number, n in enumerate(SIZES):
        ops.call(op, *inputs(n), reduction=REDUCTIONS[number % 3], grad=(0,))


def pairs(ops, dtype):
    """Losses of two tensors of numbers."""
    weights = {"mse_loss", "l1_loss", "huber_loss"}
    settings = {"mse_loss": [{}], "l1_loss": [{}],
                "smooth_l1_loss": [{}, {"beta": 0.0}, {"beta": 0.3}, {"beta": 4.0}],
                "huber_loss": [{}, {"delta": 0.3}, {"delta": 4.0}]}
    x = row(0.0, 1.0, -1.0, 2.0, INF, -INF, INF, NAN, 1e30, 1e-30, -0.0, 3.0, dtype=dtype)
    y = row(0.0, 0.0, 0.0, 1.7, INF, INF, 1.0, 0.0, -1e30, 0.0, 0.0, 2.0, dtype=dtype)
    for op, choices in settings.items():
        for i, choice in enumerate(choices):
            for shape in SHAPES if i == 0 else []:
                each(ops, op, sample(shape, dtype), sample(shape, dtype))
            ops.call(op, sample((3, 4), dtype), sample((3, 4), dtype), **choice)
            each(ops, op, x, y, reductions=["none"], **choice)
        for a, b in [((3, 4), (4,)), ((4,), (3, 4)), ((2, 1), (1, 3)), ((3,), ())]:
            each(ops, op, sample(a, dtype), sample(b, dtype), reductions=["none"])
        sizes(ops, op, dtype, lambda n: [sample((n,), dtype), sample((n,), dtype)])
        if op in weights:
            each(ops, op, sample((3, 4), dtype), sample((3, 4), dtype), weight=unit((3, 4), dtype))
    distributions(ops, dtype)
    margins(ops, dtype)


def distributions(ops, dtype):
    for shape in SHAPES:
        x, logs = sample(shape, dtype), unit(shape, dtype).log()
        every = (*REDUCTIONS, "batchmean") if shape != (0, 3) else REDUCTIONS
        each(ops, "kl_div", logs, unit(shape, dtype), reductions=every)
        each(ops, "kl_div", logs, unit(shape, dtype).log(), reductions=every, log_target=True)
        counts = unit(shape, dtype) * 5 + 0.01
        each(ops, "poisson_nll_loss", x, counts)
        each(ops, "poisson_nll_loss", unit(shape, dtype), counts, full=True, log_input=False)
        each(ops, "gaussian_nll_loss", x, sample(shape, dtype), unit(shape, dtype))
    ops.call("poisson_nll_loss", unit((3,), dtype), unit((3,), dtype), log_input=False,
             eps=0.5)
    zeros = row(0.0, 1.0, 2.0, 0.0, dtype=dtype)
    each(ops, "poisson_nll_loss", zeros, zeros, full=True, grad=(0,))
    each(ops, "kl_div", row(-1.0, -INF, -2.0, 0.0, dtype=dtype), zeros, reductions=["none"])
    each(ops, "kl_div", row(-1.0, NAN, INF, 0.0, dtype=dtype), row(-1.0, 1.0, NAN, 2.0, dtype=dtype),
         reductions=["none"])
    for op in ("kl_div", "poisson_nll_loss"):
        each(ops, op, sample((3, 4), dtype), unit((4,), dtype))
    for var in [(3,), (3, 1), (1, 4)]:
        each(ops, "gaussian_nll_loss", sample((3, 4), dtype), sample((3, 4), dtype),
             unit(var, dtype), full=True)
    each(ops, "gaussian_nll_loss", sample((4,), dtype), sample((4,), dtype),
         row(0.0, 1e-7, 1e-3, INF, dtype=dtype), reductions=["none"])
    ops.call("gaussian_nll_loss", sample((4,), dtype), sample((4,), dtype),
             unit((4,), dtype), eps=0.5)
    each(ops, "gaussian_nll_loss", sample((2, 3), dtype), sample((2, 3), dtype), 0.7)


def margins(ops, dtype):
    for shape in SHAPES:
        y = signs(shape, dtype)
        each(ops, "hinge_embedding_loss", sample(shape, dtype), y, grad=(0,))
        each(ops, "soft_margin_loss", sample(shape, dtype), y, grad=(0,))
        each(ops, "margin_ranking_loss", sample(shape, dtype), sample(shape, dtype), y)
    ops.call("margin_ranking_loss", sample((2, 3), dtype), sample((2, 3), dtype), y,
             margin=0.5)
    ops.call("hinge_embedding_loss", sample((2, 3), dtype), y, margin=0.5, grad=(0,))
    ops.call("hinge_embedding_loss", sample((3, 4), dtype), signs((4,), torch.int64))
    ops.call("hinge_embedding_loss", row(1.0, 2.0, 3.0, NAN, INF, dtype=dtype),
             row(0.5, -1.0, 1.0, 1.0, -1.0, dtype=dtype), reduction="none", grad=(0,))
    ops.call("margin_ranking_loss", sample((3, 4), dtype), sample((1, 4), dtype),
             signs((3, 1), dtype), reduction="none")
    ops.call("margin_ranking_loss", row(1.0, 0.0, NAN, INF, dtype=dtype),
             row(1.0, 0.5, 0.0, INF, dtype=dtype), row(1.0, -1.0, 1.0, 1.0, dtype=dtype),
             reduction="none", grad=False)
    ops.call("soft_margin_loss", sample((3, 4), dtype), signs((4,), dtype), grad=(0,))
    ops.call("soft_margin_loss", row(1000.0, 80.0, -80.0, INF, NAN, dtype=dtype),
             row(1.0, 1.0, 1.0, 1.0, 1.0, dtype=dtype), reduction="none", grad=(0,))
    ops.call("soft_margin_loss", row(-1000.0, -INF, dtype=dtype),
             row(1.0, 1.0, dtype=dtype), reduction="none", grad=False)


def probabilities(ops, dtype):
    """Losses of answers that are yes or no."""
    for shape in SHAPES:
        p, y, w = unit(shape, dtype), unit(shape, dtype), unit(shape, dtype)
        x = sample(shape, dtype, 3.0)
        for weight in ({}, {"weight": w}):
            each(ops, "binary_cross_entropy", p, y, grad=(0, 1), **weight)
            each(ops, "binary_cross_entropy_with_logits", x, y, grad=(0, 1), **weight)
        each(ops, "binary_cross_entropy_with_logits", x, y, grad=(0, 1), pos_weight=w + 0.5)
    each(ops, "binary_cross_entropy_with_logits", x, y, grad=(0, 1), pos_weight=w + 0.5, weight=w)
    certain = row(0.0, 1.0, 0.0, 1.0, 0.5, 1e-30, dtype=dtype)
    each(ops, "binary_cross_entropy", certain, row(0.0, 1.0, 1.0, 0.0, 1.0, 1.0, dtype=dtype),
         reductions=["none", "mean"], grad=(0,))
    far = row(1000.0, -1000.0, 90.0, -90.0, INF, -INF, NAN, 0.0, -0.0, dtype=dtype)
    for y in (0.0, 0.3):
        each(ops, "binary_cross_entropy_with_logits", far, torch.full_like(far, y),
             reductions=["none"], grad=(0,))
        each(ops, "binary_cross_entropy_with_logits", far[:4], torch.full_like(far[:4], y),
             reductions=["none"], grad=(0,), pos_weight=row(2.0, dtype=dtype))
    for op in ("binary_cross_entropy", "binary_cross_entropy_with_logits"):
        for shape in [(4,), (3, 1), (1,)]:
            ops.call(op, unit((3, 4), dtype), unit((3, 4), dtype),
                     weight=unit(shape, dtype), grad=(0, 1))
    each(ops, "binary_cross_entropy_with_logits", sample((2, 3), dtype), unit((2, 3), dtype),
         pos_weight=unit((3,), dtype), grad=(0, 1))
    sizes(ops, "binary_cross_entropy_with_logits", dtype,
          lambda n: [sample((n,), dtype), unit((n,), dtype)])
    for shape in [(4,), (2, 3, 4), (0, 4)]:
        for weight in ({}, {"weight": unit((4,), dtype)}):
            each(ops, "multilabel_soft_margin_loss", sample(shape, dtype), unit(shape, dtype),
                 **weight)
    each(ops, "multilabel_soft_margin_loss", sample((3, 4), dtype), signs((4,), dtype))
    ops.call("multilabel_soft_margin_loss", far[:4], torch.ones_like(far[:4]))


# Inputs (C), (N, C), (N, C, d1, ...): the classes are always 4.
CLASS_SHAPES = [(4,), (3, 4), (2, 4, 3), (2, 4, 1, 3), (1, 4, 2, 1, 2), (0, 4)]
CLASSES = 4


def indices(shape):
    """Of classes, for an input of the shape."""
    return torch.randint(0, CLASSES, shape[:1] + shape[2:] if len(shape) > 1 else ())


def samples(ops, dtype):
    """Losses of samples whose right classes are known."""
    for shape in CLASS_SHAPES:
        x, y, w = sample(shape, dtype), indices(shape), unit((CLASSES,), dtype)
        ignored = int(y.flatten()[0]) if y.numel() else 1
        for op in ("nll_loss", "cross_entropy"):
            x = x.log_softmax(0 if x.dim() == 1 else 1) if op == "nll_loss" else sample(shape, dtype)
            each(ops, op, x, y, grad=(0,))
            each(ops, op, x, y, grad=(0,), ignore_index=ignored, weight=w)
        ops.call("cross_entropy", x, y, grad=(0,), label_smoothing=0.1)
        each(ops, "cross_entropy", x, y, grad=(0,), label_smoothing=0.3, weight=w,
             ignore_index=ignored)
        p = sample(shape, dtype).softmax(0 if x.dim() == 1 else 1)
        ops.call("cross_entropy", x, p)
        each(ops, "cross_entropy", x, p, weight=w, label_smoothing=0.2)
    thin_spots(ops, dtype)
    by_margins(ops, dtype)
    after_linear(ops, dtype)


def thin_spots(ops, dtype):
    none_counts = torch.tensor([-1, -1, -1])
    far = torch.tensor([[1000.0, -1000.0, 0.0], [INF, 0.0, 1.0], [-INF, 0.0, 1.0], [NAN, 0.0, 1.0],
                        [1e30, 1e30, 1e30]], dtype=dtype)
    y = torch.tensor([1, 0, 0, 1, 2])
    for op in ("nll_loss", "cross_entropy"):
        each(ops, op, sample((3, 4), dtype), none_counts, ignore_index=-1, grad=(0,))
        each(ops, op, sample((3, 4), dtype), torch.tensor([0, 3, 1], dtype=torch.uint8), grad=(0,))
        each(ops, op, sample((4,), dtype), torch.tensor([2]), grad=False)  # its backward fails
        each(ops, op, sample((3, 1), dtype), torch.zeros(3, dtype=torch.int64), grad=(0,))
        each(ops, op, far, y, reductions=["none"], grad=(0,))
        each(ops, op, sample((3, 4), dtype), torch.tensor([0, 3, 1]), grad=(0,),
             weight=torch.zeros(4, dtype=dtype))
        ops.call(op, sample((2, 4), dtype), torch.tensor([0, 3]), grad=(0,))
    each(ops, "cross_entropy", sample((3, 4), dtype), none_counts, ignore_index=-1,
         label_smoothing=0.1, grad=(0,))
    each(ops, "cross_entropy", sample((3, 4), dtype), torch.tensor([0, 1, 2]), label_smoothing=1.0,
         grad=(0,))
    sizes(ops, "cross_entropy", dtype,
          lambda n: [sample((2, n + 1), dtype, 4.0), torch.randint(0, n + 1, (2,))])
    sizes(ops, "nll_loss", dtype, lambda n: [sample((n, 3), dtype), torch.randint(0, 3, (n,))])


def by_margins(ops, dtype):
    for shape in [(4,), (3, 4)]:
        x, y, w = sample(shape, dtype), indices(shape), unit((CLASSES,), dtype)
        each(ops, "multi_margin_loss", x, y, grad=(0,))
        each(ops, "multi_margin_loss", x, y, p=2, margin=0.5, weight=w, grad=(0,))
        several = torch.stack([torch.randperm(CLASSES) for _ in range(max(1, y.numel()))])
        several[:, 2:] = -1
        each(ops, "multilabel_margin_loss", x, several.reshape(shape), grad=(0,))
    each(ops, "multi_margin_loss", sample((4,), dtype), torch.tensor([2]), grad=(0,))
    y = torch.tensor([[3, 0, -1, 1], [-1, 0, 1, 2], [0, 1, 2, 3], [2, -1, -1, -1]])
    each(ops, "multilabel_margin_loss", sample((4, 4), dtype), y, grad=(0,))
    # Only "none": else PyTorch gives what there was in memory.
    ops.call("multi_margin_loss", sample((0, 4), dtype), indices((0, 4)),
             reduction="none", grad=(0,))
    ops.call("multilabel_margin_loss", sample((0, 4), dtype),
             torch.zeros((0, 4), dtype=torch.int64), reduction="none", grad=(0,))


def after_linear(ops, dtype):
    w = unit((CLASSES,), dtype)
    for shape, outputs in [((3, 2), (4,)), ((2,), (4,)), ((2, 2), (4, 3)), ((1, 2), (4, 2, 1))]:
        x, weight, bias = (sample(s, dtype) for s in (shape, (*outputs, 2), outputs))
        logits = (*shape[:-1], *outputs)
        y = indices(logits)
        p = sample(logits, dtype).softmax(len(shape) - 1)
        ops.call("linear_cross_entropy", x, weight, y, grad=(0, 1))
        each(ops, "linear_cross_entropy", x, weight, y, grad=(0, 1, "linear_bias"),
             linear_bias=bias, weight=w, label_smoothing=0.1, ignore_index=1)
        ops.call("linear_cross_entropy", x, weight, p, linear_bias=bias)


def distances(ops, dtype):
    """The functions between two vectors, and the losses that are made of them."""
    for p in (1.0, 3.0, 0.5, INF):
        ops.call("pairwise_distance", sample((3, 4), dtype), sample((3, 4), dtype), p=p)
    for shape in [(4,), (2, 3, 4), (0, 4)]:
        for keepdim in (False, True):
            ops.call("pairwise_distance", sample(shape, dtype), sample(shape, dtype),
                     keepdim=keepdim)
    ops.call("pairwise_distance", sample((3, 4), dtype), sample((4,), dtype), eps=0.1)
    same = sample((3, 4), dtype)
    ops.call("pairwise_distance", same, same)
    for shape, dim in [((3, 4), 1), ((3, 4), 0), ((2, 3, 4), -1), ((4,), 0), ((0, 4), 1)]:
        ops.call("cosine_similarity", sample(shape, dtype), sample(shape, dtype), dim=dim)
    ops.call("cosine_similarity", sample((3, 4), dtype), sample((1, 4), dtype))
    ops.call("cosine_similarity", torch.zeros((2, 3), dtype=dtype), sample((2, 3), dtype))
    ops.call("cosine_similarity", sample((2, 3), dtype, 1e-3), sample((2, 3), dtype), eps=1.0)
    for shape in [(4,), (3, 4), (0, 4)]:
        x, y, z = (sample(shape, dtype) for _ in range(3))
        ops.call("triplet_margin_loss", x, y, z)
        each(ops, "triplet_margin_loss", x, y, z, p=1.0, margin=0.5, swap=True)
        each(ops, "triplet_margin_loss", x, y, z, p=3.0, eps=0.01, margin=2.0)
        target = signs(shape[:-1], dtype)
        each(ops, "cosine_embedding_loss", x, y, target, grad=(0, 1))
        each(ops, "cosine_embedding_loss", x, y, target.long(), margin=-0.5, grad=(0, 1))
    ops.call("triplet_margin_loss", sample((3, 4), dtype), sample((1, 4), dtype),
             sample((3, 1), dtype))
    ops.call("cosine_embedding_loss", torch.zeros((3, 4), dtype=dtype),
             sample((3, 4), dtype), row(1.0, -1.0, 0.5, dtype=dtype), reduction="none", grad=(0, 1))


PARTS = (pairs, probabilities, samples, distances)


def functions(name, dtype):
    """Yields arguments, positional and named."""
    chosen = Chosen(name)
    for part in PARTS:
        part(chosen, dtype)
    yield from chosen.calls


# ---- modules, whose constructors take the options of the functions ----

def function_name(cls):
    """mse_loss for MSELoss, and so on."""
    named = {name.replace("_", ""): name for name in vars(F)}
    known = {"BCELoss": "binary_cross_entropy", "KLDivLoss": "kl_div",
             "BCEWithLogitsLoss": "binary_cross_entropy_with_logits",
             "CrossEntropyLoss": "cross_entropy", "LinearCrossEntropyLoss": None}
    return known.get(cls.__name__, named.get(cls.__name__.lower()))


def modules(cls, dtype):
    """Yields training, constructor arguments, positional and named, and forward's."""
    if not issubclass(cls, _Loss):
        return
    if cls.__name__ == "LinearCrossEntropyLoss":
        yield from after_linear_modules(dtype)
    options = inspect.signature(cls).parameters
    for number, (args, kwargs) in enumerate(functions(function_name(cls), dtype)):
        if number % 2 == 0 and all(k in options for k in kwargs):
            ctor = {k: v.detach() if isinstance(v, torch.Tensor) else v for k, v in kwargs.items()}
            yield number % 5 != 0, (), ctor, args


def after_linear_modules(dtype):
    x = leaf(sample((2, 3), dtype), True)
    for kwargs in ({}, {"bias": True}, {"weight": unit((4,), dtype), "label_smoothing": 0.2}):
        for training in (True, False):
            yield training, (3, 4), kwargs, [x, indices((2, 4))]
    yield True, (3, 4), {"out_features": (2,)}, [x, indices((2, 4, 2))]
    yield True, (17, 5), {"bias": True}, [leaf(sample((3, 17), dtype), True), indices((3, 4))]
