"""Files that torch.save writes: what is saved, as plain data, and a digest of the file."""
import io
import math
import os
import tempfile
import zipfile
import zlib
from collections import Counter, OrderedDict

import torch
from torch import nn, optim
from torch.optim import lr_scheduler

from .recording import Recording, dtype_name
from .trees import build, container, leaf, parameters

DTYPES = [torch.float32, torch.float64, torch.float16, torch.bfloat16, torch.int64, torch.int32,
          torch.int16, torch.int8, torch.uint8, torch.bool, torch.uint64, torch.uint32,
          torch.uint16]


def saved(value):
    file = io.BytesIO()
    torch.save(value, file)
    return file.getvalue()


def pattern(number, size, is_bool):
    """What a storage is filled with, so that its values need not be recorded."""
    return [(number + i) % 2 if is_bool else (31 * number + 7 * i) % 251 for i in range(size)]


class Tree:
    """An object as plain data. Fills all storages with their patterns."""

    def __init__(self, fill=True):
        self.fill = fill
        self.objects = {}  # id -> (number, object); the object, so that its id stays its own
        self.storages = {}
        self.sizes = []

    def __call__(self, value):
        if isinstance(value, float) and not math.isfinite(value):
            return {"float": str(value)}
        if value is None or type(value) in (bool, int, float, str):
            return value
        if id(value) in self.objects:
            return {"ref": self.objects[id(value)][0]}
        self.objects[id(value)] = (len(self.objects), value)
        if isinstance(value, torch.Tensor):
            return self.tensor(value)
        if type(value) in (list, tuple):
            return {type(value).__name__: [self(item) for item in value]}
        assert type(value) in (dict, OrderedDict, Counter), type(value)
        node = {type(value).__name__: [[key, self(item)] for key, item in value.items()]}
        if getattr(value, "__dict__", None):
            node["attributes"] = [[key, self(item)] for key, item in vars(value).items()]
        return node

    def tensor(self, tensor):
        assert tensor.is_contiguous() and tensor.storage_offset() == 0
        node = {"tensor": self.storage(tensor), "dtype": dtype_name(tensor.dtype),
                "shape": list(tensor.shape)}
        if type(tensor) is nn.Parameter:
            node["parameter"] = True
        if tensor.requires_grad:
            node["requires_grad"] = True
        return node

    def storage(self, tensor):
        storage = tensor.untyped_storage()
        if storage._cdata not in self.storages:
            number = self.storages[storage._cdata] = len(self.storages)
            data = torch.empty(0, dtype=torch.uint8).set_(storage)
            if self.fill:
                data.copy_(torch.tensor(pattern(number, len(data), tensor.dtype == torch.bool)))
                self.sizes.append(len(data))
            else:
                self.sizes.append(data.tolist())
        return self.storages[storage._cdata]


class Tied(nn.Module):
    def __init__(self):
        super().__init__()
        self.a = nn.Linear(3, 3)
        self.b = nn.Linear(3, 3)
        self.b.weight = self.a.weight
        for name, tensor in dict(
                counts=torch.arange(5), mask=torch.zeros(2, dtype=torch.bool),
                empty=torch.zeros(0, 3), scale=torch.tensor(1.5, dtype=torch.float64),
                f16=torch.ones(3, dtype=torch.float16),
                bf16=torch.ones(3, dtype=torch.bfloat16)).items():
            self.register_buffer(name, tensor)


class TiedLinears(nn.Module):
    def __init__(self):
        super().__init__()
        self.a = nn.Linear(2, 2)
        self.b = nn.Linear(2, 2, bias=False)
        self.b.weight = self.a.weight
        self.norm = nn.BatchNorm1d(2)


class OneLetter(nn.Module):
    """Texts of one character exist once in CPython, wherever they come from."""

    def __init__(self):
        super().__init__()
        self.w = nn.Parameter(torch.ones(2))
        self.m = nn.Linear(1, 1)
        self.é = nn.Buffer(torch.zeros(3))
        self.u = nn.ParameterList([torch.ones(1), torch.ones(2)])
        self.d = nn.ParameterDict({"k": torch.ones(1)})
        self.s = nn.Sequential(nn.Sequential(nn.Linear(1, 1)))


class ExtraState(nn.Module):
    def __init__(self):
        super().__init__()
        self.p = nn.ParameterList([torch.ones(1) for _ in range(12)])
        self.l = nn.ModuleList([nn.Linear(1, 1)])

    def get_extra_state(self):
        return {"version": 3, "weight": "cpu", "n": None}


class Losses(nn.Module):
    """Those that have buffers or parameters."""

    def __init__(self):
        super().__init__()
        self.nll = nn.NLLLoss(torch.ones(3))
        self.cross_entropy = nn.CrossEntropyLoss(torch.ones(3), label_smoothing=0.1)
        self.linear = nn.LinearCrossEntropyLoss(2, 3, weight=torch.ones(3))
        self.margin = nn.MultiMarginLoss(weight=torch.ones(3))
        self.bce = nn.BCELoss(torch.ones(2))
        self.logits = nn.BCEWithLogitsLoss(torch.ones(2), pos_weight=torch.ones(2))
        self.plain = nn.MSELoss()


def torch_modules():
    """Also modules that brasa may not have: their state_dicts it can hold all the same."""
    yield "Linear", nn.Linear(3, 2)
    yield "BatchNorm", nn.Sequential(nn.Linear(2, 3), nn.BatchNorm1d(3), nn.ReLU(), nn.Linear(3, 1))
    yield "Conv2d", nn.Conv2d(3, 4, 3)
    yield "LSTM", nn.LSTM(2, 3, 2, bidirectional=True)
    yield "GRU", nn.GRU(3, 4, 2)
    yield "MultiheadAttention", nn.MultiheadAttention(4, 2)
    yield "Transformer", nn.Transformer(4, 2, 1, 1, 4, batch_first=True)
    yield "Embedding", nn.Embedding(30, 4)
    yield "LayerNorm", nn.LayerNorm([2, 3])
    yield "InstanceNorm2d", nn.InstanceNorm2d(2, affine=True, track_running_stats=True)
    yield "tied", Tied()
    yield "one letter", OneLetter()
    yield "deep", nn.Sequential(nn.Sequential(nn.Sequential(nn.Linear(1, 2))))
    yield "no parameters", nn.ReLU()
    yield "losses", Losses()
    yield "extra state", ExtraState()
    yield "DataParallel", nn.DataParallel(nn.Linear(2, 1))
    yield "AveragedModel", optim.swa_utils.AveragedModel(nn.Linear(2, 1))
    yield "weight_norm", nn.utils.parametrizations.weight_norm(nn.Linear(2, 2))


def small():
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(2, 3), nn.BatchNorm1d(3), nn.ReLU(), nn.Linear(3, 1))


def trained(kind="Adam", named=False, groups=1, **options):
    model = small()
    held = list(model.named_parameters() if named else model.parameters())
    if groups == 2:
        held = [{"params": held[:2]}, {"params": held[2:], "weight_decay": 0.1}]
    optimizer = getattr(optim, kind)(held, **options)

    def closure():
        optimizer.zero_grad()
        loss = model(torch.rand(4, 2)).sum()
        loss.backward()
        return loss

    for _ in range(2):
        optimizer.step(closure)
    return model, optimizer


def optimizers():
    yield "Adam", trained()
    yield "Adam, two groups", trained(groups=2, amsgrad=True)
    yield "Adam, names", trained(named=True)
    yield "Adam, betas", trained(groups=2, betas=(0.8, 0.9))
    yield "SGD", trained("SGD", momentum=0.9)
    yield "SGD without momentum", trained("SGD")
    for kind in ("AdamW", "NAdam", "RAdam", "RMSprop", "Adagrad", "Adamax", "Adadelta", "ASGD",
                 "Rprop", "Adafactor", "LBFGS"):
        yield kind, trained(kind)
    yield "RMSprop, centered", trained("RMSprop", centered=True, momentum=0.9)


SCHEDULERS = {
    "StepLR": lambda o: lr_scheduler.StepLR(o, 3),
    "MultiStepLR": lambda o: lr_scheduler.MultiStepLR(o, [3, 5]),
    "CosineAnnealingLR": lambda o: lr_scheduler.CosineAnnealingLR(o, 10),
    "CosineAnnealingWarmRestarts": lambda o: lr_scheduler.CosineAnnealingWarmRestarts(o, 3),
    "OneCycleLR": lambda o: lr_scheduler.OneCycleLR(o, 0.1, total_steps=10),
    "ReduceLROnPlateau": lr_scheduler.ReduceLROnPlateau,
    "LambdaLR": lambda o: lr_scheduler.LambdaLR(o, lambda epoch: 0.5),
    "CyclicLR": lambda o: lr_scheduler.CyclicLR(o, 0.1, 0.2, cycle_momentum=False),
    "SequentialLR": lambda o: lr_scheduler.SequentialLR(
        o, [lr_scheduler.ConstantLR(o), lr_scheduler.ExponentialLR(o, 0.9)], [2]),
}


def schedules():
    for name, make in SCHEDULERS.items():
        model, optimizer = trained()
        scheduler = make(optimizer)
        optimizer.step()
        scheduler.step(*((1.0,) if name == "ReduceLROnPlateau" else ()))
        yield name, {"model": model.state_dict(), "optimizer": optimizer.state_dict(),
                     "scheduler": scheduler.state_dict()}


def checkpoints():
    model, optimizer = trained()
    state = model.state_dict()
    yield "checkpoint", {"model": state, "optimizer": optimizer.state_dict(), "epoch": 3,
                         "loss": 0.25}
    yield "the same twice", {"model": state, "ema": model.state_dict(), "again": state,
                             "weight": torch.ones(1), "version": 2, "storage": "cpu",
                             "0.weight": "0.weight"}
    yield "prefixed", {"state_dict": {"module." + key: t for key, t in state.items()}}
    module = TiedLinears()
    yield "tied Linears twice", {"model": module.state_dict(), "ema": module.state_dict()}
    yield "with a prefix", model.state_dict(prefix="net.")
    yield "cloned", OrderedDict((key, t.clone()) for key, t in state.items())
    yield "keep_vars", model.state_dict(keep_vars=True)
    yield "named_parameters", dict(model.named_parameters())
    yield "parameters", list(model.parameters())
    yield "two optimizers", {"a": optimizer.state_dict(), "b": trained(groups=2)[1].state_dict(),
                             "c": trained("AdamW")[1].state_dict()}
    yield "options", {"lr": 1e-3, "name": "x y", "layers": [1, 2], "rng": torch.get_rng_state()}


def tensors():
    yield "every dtype", {dtype_name(d): torch.ones(3).to(d) for d in DTYPES}
    yield "every dtype, empty", {dtype_name(d): torch.empty(0, 3, dtype=d) for d in DTYPES}
    yield "every dtype, 0-d", {dtype_name(d): torch.ones(1).to(d)[0].clone() for d in DTYPES}
    yield "a tensor", torch.ones(2, 3)
    yield "shapes", [torch.ones(shape) for shape in (
        (), (0,), (1,), (1, 1), (2, 0, 3), (0, 4), (2, 3, 4), (2, 1, 3, 1), (1, 2, 3, 2, 1),
        (300, 1), (70000, 0))]
    base = torch.ones(24)
    yield "reshaped", [base, base.view(4, 6), base.view(2, 3, 4).detach(), base, base.view(1, 24)]
    empty = torch.zeros(0)
    yield "empty views", [empty, empty.view(0, 5), empty.view(torch.int32),
                          empty.view(torch.uint16)]
    yield "gradients", {"leaf": torch.ones(2, requires_grad=True),
                        "result": torch.ones(2, requires_grad=True) * 2,
                        "parameter": nn.Parameter(torch.ones(2)),
                        "frozen": nn.Parameter(torch.ones(2), requires_grad=False)}
    parameter = nn.Parameter(torch.ones(2))
    yield "a parameter twice", [parameter, parameter, parameter.detach()]
    yield "tensors and storages twice", [base, (base, base.detach()), {"a": base}]


def plain():
    for name, value in (("None", None), ("True", True), ("False", False), ("an int", 7),
                        ("a float", 0.1), ("a str", "text"), ("an empty dict", {}),
                        ("an empty list", []), ("an empty tuple", ()),
                        ("an empty OrderedDict", OrderedDict()), ("an empty Counter", Counter())):
        yield name, value
    ends = [2**bits for bits in (7, 8, 15, 16, 31, 32, 39, 40, 47, 48, 55, 56, 62)]
    yield "ints", [0, 1, 255, 256, 65535, 65536, -1, 2**63 - 1, -2**63] + [
        sign * end + step for end in ends for sign in (1, -1) for step in (-1, 0, 1)]
    yield "floats", [0.0, -0.0, 0.25, 0.1, 1.0, 5e-324, 1.7976931348623157e308, math.inf, -math.inf,
                     math.nan, 0.25]
    yield "strs", ["", "a", "é", "ÿ", "Ā", "word", "word", "a.b", "a.b", "\x00", "\n", "\U0001f600",
                   "\U0001f600", "a", "é", "ÿ", "Ā", "", "storage", "_metadata", "x" * 300]
    yield "tuples", [(), (1,), (1, 2), (1, 2, 3), (1, 2, 3, 4), ((), ((),)), tuple(range(300))]
    shared, pair = [1], (1, 2)
    yield "the same objects", {"list": shared, "tuple": pair, "both": [shared, pair, shared],
                               "other": ([1], (2, 1)), "empty": [(), ()], "dict": [{}, {}]}
    yield "dicts", [{}, {1: 2}, {-1: "x"}, {"a": 1, 2: {}}, OrderedDict(a=1), OrderedDict(a=1, b=2),
                    Counter({3: 1}), Counter({3: 1, 5: 2}), OrderedDict(), Counter(), {"": 0}]
    counter = Counter({3: 1})
    yield "a Counter twice", [counter, counter]
    with_attribute = OrderedDict(a=1)
    with_attribute.note = "x"
    yield "an attribute", [with_attribute, with_attribute]
    many = [[number] for number in range(300)]
    yield "more objects than a byte can number", [many, many[:2], many[298:], many]


def add(recording, name, value, **more):
    tree = Tree(fill=name != "looks like a footer")
    case = recording.add(kind="tree", name=name, tree=tree(value), storages=tree.sizes, **more)
    file = saved(value)
    digest(case, file)
    pickle = zipfile.ZipFile(io.BytesIO(file)).read("archive/data.pkl")
    recording.put(case, "pickle", torch.tensor(list(pickle), dtype=torch.uint8))


def digest(case, file):
    case |= {"length": len(file), "crc32": zlib.crc32(file)}


def module_trees():
    yield leaf("Linear", 3, 2)
    yield leaf("Linear", 3, 2, bias=False)
    yield leaf("PReLU")
    yield leaf("PReLU", 3)
    plain = ["ReLU", "Identity", "Sigmoid", "Tanh", "ReLU6", "Hardsigmoid", "Hardswish", "Hardtanh",
             "Hardshrink", "Softshrink", "LeakyReLU", "RReLU", "LogSigmoid", "Softsign",
             "Tanhshrink", "Softplus", "ELU", "CELU", "SELU", "SiLU", "Mish", "GELU", "GLU",
             "Softmin", "Softmax2d", "Dropout", "Dropout1d", "Dropout2d", "Dropout3d",
             "AlphaDropout", "FeatureAlphaDropout"]
    for kind in plain:
        yield leaf(kind)
    yield leaf("Threshold", 0.5, 2.0)
    yield container("Sequential", *map(leaf, plain), leaf("PReLU"))
    yield leaf("Softmax", 1)
    yield leaf("LogSoftmax", 1)
    yield leaf("Flatten")
    yield leaf("Unflatten", 1, {"tuple": [2, 3]})
    yield leaf("TinyModel", 5, 4, 3)
    yield parameters("ParameterList", [2], [3, 1], *[[1]] * 10)
    yield parameters("ParameterDict", ("k", [2]), ("long", []))
    yield container("Sequential", leaf("Linear", 2, 3), leaf("ReLU"), leaf("Linear", 3, 1))
    yield container("Sequential", ("first", leaf("Linear", 2, 3)), ("last", leaf("Linear", 3, 1)))
    yield container("ModuleList", *[leaf("Linear", 1, 1)] * 12)
    yield container("ModuleDict", ("a", leaf("Linear", 2, 3, bias=False)), ("b", leaf("Tanh")),
                    ("lists", container("Sequential", parameters("ParameterList", [2], [3, 1]))))


def record_modules(recording):
    for tree in module_trees():
        for dtype in torch.float32, torch.float64:
            torch.set_default_dtype(dtype)
            torch.manual_seed(5)
            case = recording.add(kind="module", name=tree["type"], tree=tree, seed=5,
                                 dtype=dtype_name(dtype))
            digest(case, saved(build(tree).state_dict()))
            torch.set_default_dtype(torch.float32)


def record_large(recording):
    """Too many things to be written down: the test makes them by the same rule."""
    for size in 999, 1000, 1001, 2000, 2001:
        case = recording.add(kind="batch", size=size)
        digest(case, saved([dict.fromkeys(range(size)), OrderedDict.fromkeys(range(size)),
                            list(range(size)), tuple(range(size))]))
    for count in 10, 100, 1000, 10000, 65540:
        case = recording.add(kind="storages", count=count)
        digest(case, saved([torch.full((i % 5,), float(i)) for i in range(count)]))
    case = recording.add(kind="modules", count=600)
    state = nn.Sequential(*[nn.Linear(1, 1) for _ in range(600)]).state_dict()
    for i, tensor in enumerate(state.values()):
        tensor.fill_(i)
    digest(case, saved(state))


def record_new_optimizers(recording):
    """States before the first step."""
    def parameters():
        return list(small().parameters())

    for kind in ("SGD", "Adam", "AdamW", "NAdam", "RAdam", "RMSprop", "Adagrad", "Adamax",
                 "Adadelta", "LBFGS"):
        case = recording.add(kind="optimizer", name=kind)
        digest(case, saved(getattr(optim, kind)(parameters()).state_dict()))
    case = recording.add(kind="optimizer", name="several")
    adam = optim.Adam(parameters())
    adam.add_param_group({"params": [nn.Parameter(torch.ones(2))], "lr": 0.5})
    twice = [getattr(optim, kind)(parameters()).state_dict()
             for kind in ("NAdam", "NAdam", "RAdam", "RAdam", "Adamax", "Adamax")]
    digest(case, saved({"a": adam.state_dict(), "b": optim.Adam(parameters()).state_dict(),
                        "c": optim.AdamW(parameters()).state_dict(),
                        "d": optim.Adam(parameters(), betas=(0.5, 0.75)).state_dict(),
                        "twice": twice}))


def record_names(recording):
    with tempfile.TemporaryDirectory() as folder:
        os.makedirs(f"{folder}/d.e")
        for name in ("model", "model.pt", "a.b.c.pt", "x.", "a b.pt", "d.e/f", "d.e/g.pt",
                     "back\\slash.pt", "ünï.pt", ".pt", "..pt"):
            case = recording.add(kind="file", name=name)
            try:
                torch.save({"a": 1, "b": 0.5}, f"{folder}/{name}")
            except RuntimeError:
                continue
            with open(f"{folder}/{name}", "rb") as file:
                digest(case, file.read())


def record(folder):
    recording = Recording("torch_saves")
    for name, module in torch_modules():
        add(recording, name, module.state_dict())
    for name, (_, optimizer) in optimizers():
        add(recording, name, optimizer.state_dict(), optimizer=type(optimizer).__name__)
    for group in schedules, checkpoints, tensors, plain:
        for name, value in group():
            add(recording, name, value)
    add(recording, "looks like a footer",
        torch.tensor([0x08074b50, 7, 9], dtype=torch.int32))
    record_modules(recording)
    record_large(recording)
    record_new_optimizers(recording)
    record_names(recording)
    recording.save(folder)
