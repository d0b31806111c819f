"""Modules: what they start with, print, give and hand back as gradients."""
import warnings

import torch

from .recording import Recording, dtype_name
from .trees import build, container, leaf

FLOATS = [torch.float32, torch.float64]
SIZES = [0, 1, 3, 7, 8, 15, 16, 17, 31, 33, 100]


def sequential(*children):
    return container("Sequential", *children)


def leaf_of(x):
    return x.detach().requires_grad_(x.requires_grad) if isinstance(x, torch.Tensor) else x


class Modules:
    def __init__(self, subject="modules"):
        self.recording = Recording(subject)

    def case(self, tree, shape, dtype, seed=0, scale=1.0, **kwargs):
        """Feeds the tree a random input of the shape."""
        torch.manual_seed(seed + 1)
        x = (torch.randn(shape, dtype=torch.float64) * scale).to(dtype).requires_grad_()
        self.call(tree, [x], dtype, seed, **kwargs)

    def call(self, tree, inputs, dtype, seed=0, training=True):
        """Builds the tree under the seed, calls it under the next one, goes backward."""
        inputs = [leaf_of(x) for x in inputs]
        state = torch.get_rng_state()
        torch.set_default_dtype(dtype)
        torch.manual_seed(seed)
        module = build(tree).train(training)
        case = self.describe(tree, module, dtype, seed)
        case["args"] = [self.recording.encode(case, f"input/{i}", x) for i, x in enumerate(inputs)]
        for name, parameter in module.named_parameters():
            self.recording.put(case, f"param/{name}", parameter)
        torch.manual_seed(seed + 1)
        output = module(*inputs)
        torch.set_default_dtype(torch.float32)
        torch.set_rng_state(state)
        self.recording.put(case, "output/0", output)
        case["grad_fn"] = [output.grad_fn and type(output.grad_fn).__name__]
        grad_out = torch.randn(output.shape, dtype=torch.float64).to(dtype)
        self.recording.put(case, "grad_out/0", grad_out)
        output.backward(grad_out)
        for i, x in enumerate(inputs):
            if isinstance(x, torch.Tensor) and x.requires_grad:
                self.recording.put(case, f"grad_input/{i}", x.grad)
        for name, parameter in module.named_parameters():
            self.recording.put(case, f"grad_param/{name}", parameter.grad)

    def describe(self, tree, module, dtype, seed):
        case = self.recording.add(module=f"nn.{tree['type']}", tree=tree, seed=seed)
        if tree["type"] == "TinyModel":
            case["module"] = "TinyModel"
        if "kwargs" in tree:
            kwargs = {k: self.recording.encode(case, f"ctor/{k}", v)
                      for k, v in tree["kwargs"].items()}
            case["tree"] = {**tree, "kwargs": kwargs}
        case["ctor_args"] = tree.get("args") or [{"module": repr(m)} for m in module.children()]
        case["ctor_kwargs"] = case["tree"].get("kwargs", {})
        case.update(kwargs={}, training=module.training, dtype=dtype_name(dtype), repr=repr(module))
        case["state_dict"] = [[k, list(v.shape)] for k, v in module.state_dict().items()]
        return case


def layers(m, dtype):
    for seed in (0, 42):
        for bias in (True, False):
            linear = leaf("Linear", 3, 4) if bias else leaf("Linear", 3, 4, bias=False)
            for shape in [(3,), (2, 3), (2, 5, 3), (0, 3), (2, 1, 2, 3)]:
                m.case(linear, shape, dtype, seed)
    for inputs, outputs in [(1, 1), (17, 5), (100, 20), (20, 10), (8, 16), (33, 31)]:
        m.case(leaf("Linear", inputs, outputs), (3, inputs), dtype, 1)
    for kind in ("Identity", "ReLU", "Sigmoid", "Tanh"):
        for n in SIZES:
            m.case(leaf(kind), (n,), dtype, scale=2.0)
        m.case(leaf(kind), (2, 3, 2), dtype)
        m.case(leaf(kind), (), dtype)
    for kind in ("Softmax", "LogSoftmax"):
        for dim, shape in [(0, (5,)), (1, (2, 3)), (-1, (2, 3, 4)), (0, (3, 2)), (1, (2, 17)),
                           (1, (2, 3, 4, 2)), (0, (0, 3)), (1, (2, 100))]:
            m.case(leaf(kind, dim), shape, dtype, scale=3.0)
        for shape in [(4,), (2, 3), (2, 3, 4), (2, 3, 2, 2), ()]:  # dim unset: PyTorch's own rule
            m.case(leaf(kind), shape, dtype)


def shapes(m, dtype):
    for args, shape in [([], (2, 3, 4)), ([], (2, 3)), ([0], (2, 3)), ([0, 1], (2, 3, 4)),
                        ([1, -2], (2, 3, 2, 2)), ([0], ()), ([], (0, 3, 2))]:
        m.case(leaf("Flatten", *args), shape, dtype)
    for dim, sizes, shape in [(1, [2, 3], (2, 6)), (-1, [2, -1], (3, 4)), (0, [4], (4, 2)),
                              (1, [3, 1, 2], (0, 6)), (0, [2, 2], (4,))]:
        m.case(leaf("Unflatten", dim, {"tuple": sizes}), shape, dtype)


def trees(m, dtype):
    relu, softmax = leaf("ReLU"), leaf("Softmax", 1)
    for seed in (0, 42, 1234):
        m.case(leaf("TinyModel", 100, 20, 10), (1, 100), dtype, seed)
        m.case(sequential(leaf("Linear", 5, 7), relu, leaf("Linear", 7, 3), softmax), (4, 5), dtype,
               seed)
    m.case(leaf("TinyModel", 6, 17, 4), (5, 6), dtype)
    m.case(leaf("TinyModel", 6, 17, 4), (0, 6), dtype)
    m.case(sequential(), (2, 3), dtype)
    m.case(sequential(("first", leaf("Linear", 3, 4)), ("act", leaf("Tanh")),
                      ("last", leaf("Linear", 4, 2, bias=False))), (2, 3), dtype)
    inner = sequential(leaf("Linear", 4, 4), leaf("Sigmoid"))
    m.case(sequential(inner, leaf("Identity"), sequential(inner, relu)), (3, 4), dtype)
    m.case(sequential(leaf("Flatten"), leaf("Linear", 12, 6),
                      leaf("Unflatten", 1, {"tuple": [2, 3]}), leaf("LogSoftmax", -1)), (2, 3, 4),
           dtype)
    m.case(sequential(*(leaf("Linear", 8, 8) for _ in range(4)), leaf("LogSoftmax", 1)), (2, 8),
           dtype)


def record(folder):
    m = Modules()
    warnings.simplefilter("ignore")  # Softmax without dim: meant
    for dtype in FLOATS:
        for part in (layers, shapes, trees):
            part(m, dtype)
    m.recording.save(folder)
