"""The calls of losses that are recorded: all reductions, and the thin spots."""
import torch

from .ops.call import INF, NAN, sample

REDUCTIONS = ("mean", "sum", "none")
SHAPES = [(), (0, 3), (2, 3)]


def each(ops, op, *args, reductions=REDUCTIONS, **kwargs):
    """All reductions in float64; in float32 one of them, in turns: the formulas are the same."""
    if args[0].dtype == torch.float32:
        if args[0].numel() < 2:
            return
        reductions = [reductions[len(ops.recording.cases) % len(reductions)]]
    for reduction in reductions:
        ops.call(f"functional.{op}", *args, reduction=reduction, **kwargs)


def unit(shape, dtype):
    """Between 0 and 1."""
    return torch.rand(shape, dtype=torch.float64).to(dtype)


def signs(shape, dtype):
    return (torch.randint(0, 2, shape) * 2 - 1).to(dtype)


def row(*values, dtype):
    return torch.tensor(values, dtype=dtype)


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
            ops.call(f"functional.{op}", sample((3, 4), dtype), sample((3, 4), dtype), **choice)
            each(ops, op, x, y, reductions=["none"], **choice)
        for a, b in [((3, 4), (4,)), ((4,), (3, 4)), ((2, 1), (1, 3)), ((3,), ())]:
            each(ops, op, sample(a, dtype), sample(b, dtype), reductions=["none"])
        ops.call(f"functional.{op}", sample((40,), dtype), sample((40,), dtype), reduction="mean")
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
    ops.call("functional.poisson_nll_loss", unit((3,), dtype), unit((3,), dtype), log_input=False,
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
    ops.call("functional.gaussian_nll_loss", sample((4,), dtype), sample((4,), dtype),
             unit((4,), dtype), eps=0.5)
    each(ops, "gaussian_nll_loss", sample((2, 3), dtype), sample((2, 3), dtype), 0.7)


def margins(ops, dtype):
    for shape in SHAPES:
        y = signs(shape, dtype)
        each(ops, "hinge_embedding_loss", sample(shape, dtype), y, grad=(0,))
        each(ops, "soft_margin_loss", sample(shape, dtype), y, grad=(0,))
        each(ops, "margin_ranking_loss", sample(shape, dtype), sample(shape, dtype), y)
    ops.call("functional.margin_ranking_loss", sample((2, 3), dtype), sample((2, 3), dtype), y,
             margin=0.5)
    ops.call("functional.hinge_embedding_loss", sample((2, 3), dtype), y, margin=0.5, grad=(0,))
    ops.call("functional.hinge_embedding_loss", sample((3, 4), dtype), signs((4,), torch.int64))
    ops.call("functional.hinge_embedding_loss", row(1.0, 2.0, 3.0, NAN, INF, dtype=dtype),
             row(0.5, -1.0, 1.0, 1.0, -1.0, dtype=dtype), reduction="none", grad=(0,))
    ops.call("functional.margin_ranking_loss", sample((3, 4), dtype), sample((1, 4), dtype),
             signs((3, 1), dtype), reduction="none")
    ops.call("functional.margin_ranking_loss", row(1.0, 0.0, NAN, INF, dtype=dtype),
             row(1.0, 0.5, 0.0, INF, dtype=dtype), row(1.0, -1.0, 1.0, 1.0, dtype=dtype),
             reduction="none", grad=False)
    ops.call("functional.soft_margin_loss", sample((3, 4), dtype), signs((4,), dtype), grad=(0,))
    ops.call("functional.soft_margin_loss", row(1000.0, 80.0, -80.0, INF, NAN, dtype=dtype),
             row(1.0, 1.0, 1.0, 1.0, 1.0, dtype=dtype), reduction="none", grad=(0,))
    ops.call("functional.soft_margin_loss", row(-1000.0, -INF, dtype=dtype),
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
            ops.call(f"functional.{op}", unit((3, 4), dtype), unit((3, 4), dtype),
                     weight=unit(shape, dtype), grad=(0, 1))
    each(ops, "binary_cross_entropy_with_logits", sample((2, 3), dtype), unit((2, 3), dtype),
         pos_weight=unit((3,), dtype), grad=(0, 1))
    for shape in [(4,), (2, 3, 4), (0, 4)]:
        for weight in ({}, {"weight": unit((4,), dtype)}):
            each(ops, "multilabel_soft_margin_loss", sample(shape, dtype), unit(shape, dtype),
                 **weight)
    each(ops, "multilabel_soft_margin_loss", sample((3, 4), dtype), signs((4,), dtype))
    ops.call("functional.multilabel_soft_margin_loss", far[:4], torch.ones_like(far[:4]))


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
        ops.call("functional.cross_entropy", x, y, grad=(0,), label_smoothing=0.1)
        each(ops, "cross_entropy", x, y, grad=(0,), label_smoothing=0.3, weight=w,
             ignore_index=ignored)
        p = sample(shape, dtype).softmax(0 if x.dim() == 1 else 1)
        ops.call("functional.cross_entropy", x, p)
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
        ops.call(f"functional.{op}", sample((2, 4), dtype), torch.tensor([0, 3]), grad=(0,))
    each(ops, "cross_entropy", sample((3, 4), dtype), none_counts, ignore_index=-1,
         label_smoothing=0.1, grad=(0,))
    each(ops, "cross_entropy", sample((3, 4), dtype), torch.tensor([0, 1, 2]), label_smoothing=1.0,
         grad=(0,))
    each(ops, "cross_entropy", sample((20, 9), dtype, 4.0), torch.randint(0, 9, (20,)), grad=(0,),
         reductions=["mean"])


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
    ops.call("functional.multi_margin_loss", sample((0, 4), dtype), indices((0, 4)),
             reduction="none", grad=(0,))
    ops.call("functional.multilabel_margin_loss", sample((0, 4), dtype),
             torch.zeros((0, 4), dtype=torch.int64), reduction="none", grad=(0,))


def after_linear(ops, dtype):
    w = unit((CLASSES,), dtype)
    for shape, outputs in [((3, 2), (4,)), ((2,), (4,)), ((2, 2), (4, 3)), ((1, 2), (4, 2, 1))]:
        x, weight, bias = (sample(s, dtype) for s in (shape, (*outputs, 2), outputs))
        logits = (*shape[:-1], *outputs)
        y = indices(logits)
        p = sample(logits, dtype).softmax(len(shape) - 1)
        ops.call("functional.linear_cross_entropy", x, weight, y, grad=(0, 1))
        each(ops, "linear_cross_entropy", x, weight, y, grad=(0, 1, "linear_bias"),
             linear_bias=bias, weight=w, label_smoothing=0.1, ignore_index=1)
        ops.call("functional.linear_cross_entropy", x, weight, p, linear_bias=bias)


def distances(ops, dtype):
    """The functions between two vectors, and the losses that are made of them."""
    for p in (1.0, 3.0, 0.5, INF):
        ops.call("functional.pairwise_distance", sample((3, 4), dtype), sample((3, 4), dtype), p=p)
    for shape in [(4,), (2, 3, 4), (0, 4)]:
        for keepdim in (False, True):
            ops.call("functional.pairwise_distance", sample(shape, dtype), sample(shape, dtype),
                     keepdim=keepdim)
    ops.call("functional.pairwise_distance", sample((3, 4), dtype), sample((4,), dtype), eps=0.1)
    same = sample((3, 4), dtype)
    ops.call("functional.pairwise_distance", same, same)
    for shape, dim in [((3, 4), 1), ((3, 4), 0), ((2, 3, 4), -1), ((4,), 0), ((0, 4), 1)]:
        ops.call("functional.cosine_similarity", sample(shape, dtype), sample(shape, dtype), dim=dim)
    ops.call("functional.cosine_similarity", sample((3, 4), dtype), sample((1, 4), dtype))
    ops.call("functional.cosine_similarity", torch.zeros((2, 3), dtype=dtype), sample((2, 3), dtype))
    ops.call("functional.cosine_similarity", sample((2, 3), dtype, 1e-3), sample((2, 3), dtype), eps=1.0)
    for shape in [(4,), (3, 4), (0, 4)]:
        x, y, z = (sample(shape, dtype) for _ in range(3))
        ops.call("functional.triplet_margin_loss", x, y, z)
        each(ops, "triplet_margin_loss", x, y, z, p=1.0, margin=0.5, swap=True)
        each(ops, "triplet_margin_loss", x, y, z, p=3.0, eps=0.01, margin=2.0)
        target = signs(shape[:-1], dtype)
        each(ops, "cosine_embedding_loss", x, y, target, grad=(0, 1))
        each(ops, "cosine_embedding_loss", x, y, target.long(), margin=-0.5, grad=(0, 1))
    ops.call("functional.triplet_margin_loss", sample((3, 4), dtype), sample((1, 4), dtype),
             sample((3, 1), dtype))
    ops.call("functional.cosine_embedding_loss", torch.zeros((3, 4), dtype=dtype),
             sample((3, 4), dtype), row(1.0, -1.0, 0.5, dtype=dtype), reduction="none", grad=(0, 1))
