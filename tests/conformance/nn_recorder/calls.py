"""One call of a module or function: what goes in, what comes out, and the gradients."""
import dataclasses
from collections import Counter

import torch

from recorder.ops.call import flat as tensors
from recorder.recording import Recording, dtype_name

FLOATS = [torch.float32, torch.float64]
FEW = 2


def leaves(value):
    """The same value of fresh tensors, contiguous, as leaves."""
    if isinstance(value, torch.Tensor):
        fresh = value.detach().clone(memory_format=torch.contiguous_format)
        return fresh.requires_grad_(value.requires_grad)
    if isinstance(value, (list, tuple)):
        return type(value)(leaves(v) for v in value)
    return value


def elements(*values):
    return sum(t.numel() for value in values for _, t in tensors(value, ""))


def thinned(samples, most):
    """At most so many of them, evenly spread; all for 0."""
    if not most or len(samples) <= most:
        return samples
    return [samples[i * len(samples) // most] for i in range(most)]


def takes_options(sample):
    """Whether there is an options object among the named arguments: most cases of some have one."""
    named = [v for part in sample if isinstance(part, dict) for v in part.values()]
    return any(dataclasses.is_dataclass(v) for v in named)


class Calls:
    """The cases of one module or function and dtype."""

    def __init__(self, name, dtype, seed):
        self.recording = Recording(f"{name}.{dtype_name(dtype)}")
        self.dtype = dtype
        self.seed = seed
        self.left_out = Counter()

    def start(self, **fields):
        return self.recording.add(**fields, dtype=dtype_name(self.dtype), seed=self.seed)

    def attempt(self, record, *arguments):
        """One case; where PyTorch refuses it, or it cannot be written down, it is left out."""
        count = len(self.recording.cases)
        try:
            record(self, *arguments)
        except Exception as error:  # of any kind: PyTorch has many
            self.leave_out(1, f"{type(error).__name__}: {str(error)[:80]}")
            self.recording.drop(count)

    def chosen(self, samples, most_elements, most):
        """Those that are not too large, and of these `most`; samples end with args and kwargs."""
        samples = list(samples)
        small = [s for s in samples if elements(list(s[-2]), list(s[-1].values())) <= most_elements]
        kept = thinned([s for s in small if not takes_options(s)], most)
        kept += thinned([s for s in small if takes_options(s)], most and FEW)
        self.leave_out(len(samples) - len(small), f"more than {most_elements} elements")
        self.leave_out(len(small) - len(kept), "too many: those kept are spread over all")
        return kept

    def leave_out(self, count, reason):
        if count:
            self.left_out[reason] += count

    def encoded(self, case, prefix, args, kwargs):
        """JSON for positional and named arguments, under the keys of the format."""
        place = self.recording.encode
        return ([place(case, f"{prefix}input/{i}", a) for i, a in enumerate(args)],
                {k: place(case, f"{prefix}kwinput/{k}", v) for k, v in kwargs.items()})

    def call(self, case, function, args, kwargs, parameters=()):
        """Calls under the next seed, goes backward with a random gradient, puts all down."""
        case["args"], case["kwargs"] = self.encoded(case, "", args, kwargs)
        torch.manual_seed(self.seed + 1)
        result = function(*args, **kwargs)
        outputs = [t for _, t in tensors(result if isinstance(result, tuple) else [result], "")]
        for i, output in enumerate(outputs):
            self.recording.put(case, f"output/{i}", output)
        case["grad_fn"] = [o.grad_fn and type(o.grad_fn).__name__ for o in outputs]
        inputs = [(f"grad_input/{n}", t) for i, a in enumerate(args) for n, t in tensors(a, str(i))]
        inputs += [(f"grad_kwinput/{n}", t) for k, v in kwargs.items() for n, t in tensors(v, k)]
        inputs += [(f"grad_param/{n}", p) for n, p in parameters]
        self.gradients(case, [(n, t) for n, t in inputs if t.requires_grad], outputs)

    def gradients(self, case, inputs, outputs):
        """Of all outputs that have one, from random gradients."""
        reached = [(i, o) for i, o in enumerate(outputs) if o.requires_grad]
        if not reached or not inputs:
            return
        fed = [torch.randn(o.shape, dtype=torch.float64).to(o.dtype) for _, o in reached]
        for (i, _), grad_out in zip(reached, fed):
            self.recording.put(case, f"grad_out/{i}", grad_out)
        found = torch.autograd.grad([o for _, o in reached], [t for _, t in inputs], fed,
                                    allow_unused=True)
        for (name, _), gradient in zip(inputs, found):
            if gradient is not None:
                self.recording.put(case, name, gradient)

    def save(self, folder):
        for reason, count in self.left_out.items():
            print(f"{self.recording.subject}: left out {count}: {reason}")
        if self.recording.cases:
            self.recording.save(folder)
