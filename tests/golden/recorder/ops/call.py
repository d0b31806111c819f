"""Calls an operation, and keeps what went in, what came out and the gradients."""
import torch
from torch.nn import functional as F

from ..recording import Recording, dtype_name

FLOATS = [torch.float32, torch.float64]
INTS = [torch.int64, torch.int32, torch.uint8]
ALL = [*FLOATS, *INTS, torch.bool]
INF, NAN = float("inf"), float("nan")

METHODS = {
    "view": lambda x, shape: x.view(shape),
    "expand": lambda x, size: x.expand(size),
    "repeat": lambda x, repeats: x.repeat(repeats),
}


def function(op):
    return METHODS.get(op) or getattr(torch, op, None) or getattr(F, op)


def sample(shape, dtype, scale=1.0):
    """Random values that suit the dtype."""
    if dtype.is_floating_point:
        return (torch.randn(shape, dtype=torch.float64) * scale).to(dtype)
    if dtype == torch.bool:
        return torch.rand(shape) < 0.5
    return torch.randint(0 if dtype == torch.uint8 else -9, 10, shape).to(dtype)


def flat(value, name):
    """Yields the tensors of a nested value with their names: 0, 0.1, ..."""
    if isinstance(value, torch.Tensor):
        yield name, value
    elif isinstance(value, (list, tuple)):
        for i, part in enumerate(value):
            yield from flat(part, f"{name}.{i}")


def leaves(value, grad):
    """The same value of fresh tensors, the floating ones with grad as leaves that want a gradient."""
    if isinstance(value, torch.Tensor):
        return value.clone().requires_grad_(grad and value.is_floating_point())
    if isinstance(value, (list, tuple)):
        return type(value)(leaves(v, grad) for v in value)
    return value


class Ops:
    def __init__(self, family):
        torch.manual_seed(3)
        self.recording = Recording(family)

    def create(self, op, dtype, **kwargs):
        """An operation that makes a tensor from numbers."""
        result = function(op)(**kwargs, dtype=dtype)
        case = self.recording.add(op=op, dtype=dtype_name(dtype), args=[])
        case["kwargs"] = self.encoded(case, kwargs)
        if not (dtype.is_floating_point and op in ("arange", "linspace")):
            case["exact"] = True
        self.recording.put(case, "output/0", result)

    def call(self, op, *args, grad=True, exact=None, **kwargs):
        """Records op(*args, **kwargs).

        grad says which arguments want a gradient, by their positions and names, or all (True) or
        none (False) of them; exact says that the answer is equal to the bit.
        """
        wants = (lambda which: which in grad) if isinstance(grad, (tuple, set)) else lambda _: grad
        args = tuple(leaves(a, wants(i)) for i, a in enumerate(args))
        kwargs = {k: leaves(v, wants(k)) for k, v in kwargs.items()}
        result = function(op)(*args, **kwargs)
        outputs = list(result) if isinstance(result, (list, tuple)) else [result]
        first = next(t for _, t in flat(args, "0"))
        case = self.recording.add(op=op, dtype=dtype_name(first.dtype))
        case["args"] = [self.recording.encode(case, f"input/{i}", a) for i, a in enumerate(args)]
        case["kwargs"] = self.encoded(case, kwargs)
        if exact if exact is not None else not any(o.is_floating_point() for o in outputs):
            case["exact"] = True
        for i, output in enumerate(outputs):
            self.recording.put(case, f"output/{i}", output)
        inputs = [(f"grad_input/{n}", t) for i, a in enumerate(args) for n, t in flat(a, str(i))]
        inputs += [(f"grad_kwinput/{n}", t) for k, v in kwargs.items() for n, t in flat(v, k)]
        inputs = [(name, t) for name, t in inputs if t.requires_grad]
        if inputs:
            self.gradients(case, inputs, outputs)

    def encoded(self, case, kwargs):
        return {k: self.recording.encode(case, f"kwinput/{k}", v) for k, v in kwargs.items()}

    def gradients(self, case, inputs, outputs):
        case["grad_fn"] = [o.grad_fn and type(o.grad_fn).__name__ for o in outputs]
        reached = [(i, o) for i, o in enumerate(outputs) if o.requires_grad]
        if not reached:
            return
        fed = [torch.randn(o.shape, dtype=torch.float64).to(o.dtype) for _, o in reached]
        for (i, _), grad_out in zip(reached, fed):
            self.recording.put(case, f"grad_out/{i}", grad_out)
        found = torch.autograd.grad([o for _, o in reached], [t for _, t in inputs], fed,
                                    allow_unused=True)
        for (name, _), gradient in zip(inputs, found):
            if gradient is not None:
                self.recording.put(case, name, gradient)
