"""Files of torch.save, and what torch.load gives for them."""
import argparse
import collections
import io
import math
import os
import pathlib
import struct
import warnings
import zipfile

import numpy
import torch
from torch import nn
from torch.utils.serialization import config

from .recording import Recording, dtype_name

OrderedDict = collections.OrderedDict
# Of each dtype that brasa holds: some values, at the ends of its range.
VALUES = {
    torch.float64: [0.1, -0.0, 1e308, 5e-324, math.inf, math.nan],
    torch.float32: [0.1, -0.0, 3.4e38, 1e-45, -math.inf, math.nan],
    torch.float16: [0.1, -0.0, 65504.0, 6e-8, math.inf, math.nan],
    torch.bfloat16: [0.1, -0.0, 3.38e38, 1e-40, math.inf, math.nan],
    torch.int64: [0, -1, 2**63 - 1, -2**63], torch.int32: [0, -1, 2**31 - 1, -2**31],
    torch.int16: [0, -1, 2**15 - 1, -2**15], torch.int8: [0, -1, 127, -128],
    torch.uint64: [0, 1, 2**64 - 1], torch.uint32: [0, 1, 2**32 - 1],
    torch.uint16: [0, 1, 2**16 - 1], torch.uint8: [0, 1, 255], torch.bool: [True, False, True],
}


class Net(nn.Module):
    """Tied weights, views and buffers of several dtypes, nested modules."""

    def __init__(self):
        super().__init__()
        self.encoder = nn.Linear(3, 3)
        self.decoder = nn.Linear(3, 3)
        self.decoder.weight = self.encoder.weight
        self.blocks = nn.Sequential(nn.Sequential(nn.Linear(3, 2)), nn.BatchNorm1d(2), nn.ReLU())
        self.w = nn.Parameter(torch.ones(2))
        base = torch.arange(10.0)
        self.register_buffer("mask", torch.tensor([True, False]))
        self.register_buffer("transposed", torch.arange(6.0).view(2, 3).t())
        self.register_buffer("slice", base[2:5])
        self.register_buffer("steps", base[::3])


def trained(optimizer, **options):
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(2, 3), nn.BatchNorm1d(3), nn.ReLU(), nn.Linear(3, 1))
    parameters = list(model.parameters())
    groups = [{"params": parameters[:2]}, {"params": parameters[2:], "weight_decay": 0.1}]
    made = optimizer(groups, **options)
    for _ in range(2):
        made.zero_grad()
        model(torch.rand(4, 2)).sum().backward()
        made.step()
    return model, made


def objects():
    """Yields a name and an object, to be saved as an archive and as a stream."""
    torch.manual_seed(0)
    yield "linear", nn.Linear(3, 2).state_dict()
    yield "net", Net().state_dict()
    yield "dtypes", {dtype_name(d): torch.tensor(v, dtype=d) for d, v in VALUES.items()}
    yield "scalars", {dtype_name(d): torch.tensor(v[1], dtype=d) for d, v in VALUES.items()}
    yield "empty", {dtype_name(d): torch.empty(2, 0, 3, dtype=d) for d in VALUES}
    base = torch.arange(24.0).view(4, 6)
    yield "views", [base, base.t(), base[1:3, ::2], base[0, 0], base.expand(2, 4, 6), base[:, :0],
                    base[2:], base[2:], base, base.t(), torch.zeros(4, 6)[4:, 3:],
                    torch.arange(3).expand(2, 3), base.flatten()[5:6].expand(4)]
    yield "tensor", torch.arange(6, dtype=torch.int32).view(1, 2, 1, 3)
    yield "parameters", {
        "p": nn.Parameter(torch.ones(2)), "q": nn.Parameter(torch.ones(2), requires_grad=False),
        "r": torch.ones(2, dtype=torch.float64, requires_grad=True),
        "result": torch.ones(2, requires_grad=True) * 3}
    yield "keep_vars", nn.Linear(2, 1).state_dict(keep_vars=True)
    yield "attributes", attributed()
    model, adam = trained(torch.optim.Adam, lr=0.01, amsgrad=True)
    schedule = torch.optim.lr_scheduler.MultiStepLR(adam, [3, 5, 5])
    yield "checkpoint", {"model": model.state_dict(), "optimizer": adam.state_dict(), "epoch": 3,
                         "scheduler": schedule.state_dict(), "loss": 0.25, "name": "tiny",
                         "history": [0.5, 0.25], "rng": torch.get_rng_state()[:64].clone()}
    yield "sgd", trained(torch.optim.SGD, lr=0.1, momentum=0.9)[1].state_dict()
    yield "parallel", nn.DataParallel(nn.Sequential(nn.Linear(2, 1))).state_dict()
    yield "compiled", torch.compile(nn.Sequential(nn.Linear(2, 1))).state_dict()
    yield "twice", {"model": model.state_dict(), "again": model.state_dict(), "weight": 1,
                    "version": 2, "storage": "cpu"}
    yield "plain", plain()
    for count in (1000, 1001):
        yield f"batch_{count}", [dict.fromkeys(range(count)), OrderedDict.fromkeys(range(count)),
                                 list(range(count))]
    yield "many", {f"layer_{i}": torch.full((i % 3,), float(i)) for i in range(20)}
    yield "footer", torch.tensor([0x08074b50, 7, 9], dtype=torch.int32)
    deep = []
    for _ in range(90):
        deep = [deep, {"x": ()}]
    yield "deep", deep
    yield "layouts", {dtype_name(d): layouts(torch.tensor(v[:2] * 6, dtype=d))
                      for d, v in VALUES.items()}
    yield "overlapping", overlapping()


def layouts(base):
    """Views of one memory of 12 elements."""
    matrix = base.view(3, 4)
    return [matrix.t(), matrix[:, ::2], matrix[1:, 1:], base[5:], base[4].expand(2, 3), base[7],
            matrix[1:2].t(), matrix.view(1, 3, 1, 4)[:, :1], base[12:], matrix]


def overlapping():
    """Views that overlap, in the places where such are met."""
    base, tied = torch.arange(24.0), torch.arange(6.0).view(2, 3)
    conv = base.view(3, 2, 2, 2).to(memory_format=torch.channels_last)
    alone = torch.arange(8, dtype=torch.int16)[1:]
    return {
        "windows": base.unfold(0, 4, 2), "diagonal": base.view(4, 6).diagonal(),
        "strided": base.as_strided((2, 3, 2), (0, 5, 1), 3), "odd": base.as_strided((1, 2), (99, 3)),
        "halves": base.split(12), "nested": base[2:20][3:9], "conv": conv,
        "tied": OrderedDict(a=tied, b=tied.t(), c=tied.detach()),
        "alone": alone[::3], "parameter": nn.Parameter(torch.ones(2, 3).t()),
        "frozen": nn.Parameter(base[3:5], requires_grad=False),
        "empty": [base[:0], base[24:], base.view(4, 6)[:, 6:], torch.zeros(0, 3).t()],
    }


def attributed():
    tensor, parameter = torch.ones(2), nn.Parameter(torch.zeros(1, dtype=torch.float64))
    tensor.tag, parameter.tag = "a", ["b"]
    return {"tensor": tensor, "parameter": parameter, "buffer": nn.Buffer(torch.ones(3))}


def plain():
    shared = [1, 2]
    return {
        "none": None, "true": True, "false": False,
        "ints": [0, 255, 256, 65535, 65536, -1, 2**31 - 1, 2**31, -2**31, -2**31 - 1, 2**39,
                 -2**39, 2**63 - 1, -2**63],
        "floats": [0.25, math.nan, math.inf, -math.inf, -0.0, 5e-324], "text": "é€\U0001f600\n'",
        "": "empty key", "long": "x" * 300, "tuples": ((), (1,), (1, 2), (1, 2, 3), (1, 2, 3, 4)),
        "lists": [[], [1], [[]]], "dicts": [{}, {1: 2}, {-1: "x"}],
        "ordered": OrderedDict(a=1, b=OrderedDict()), "counter": collections.Counter("abca"),
        "set": {7}, "size": torch.Size([2, 3]), "dtype": torch.float32,
        "devices": [torch.device("cpu"), torch.device("cuda", 1)], "shared": [shared, shared],
    }


def negated():
    """Real tensors whose sign is in a flag."""
    whole = torch.tensor([1 + 2j, -3 + 0.5j]).conj()
    return {"imag": whole.imag, "kept": torch.ones(2)}


class Evil:
    def __reduce__(self):
        return os.system, ("echo evil",)


def refused():
    """Yields a name and an object that brasa does not read."""
    yield "whole_module", nn.Sequential(nn.Linear(1, 1), nn.ReLU())
    yield "code", {"a": Evil()}
    yield "numpy_scalar", {"loss": numpy.float64(0.5)}
    yield "numpy_array", {"x": numpy.zeros(2)}
    yield "sparse", {"x": torch.eye(2).to_sparse()}
    yield "quantised", {"x": torch.quantize_per_tensor(torch.ones(2), 0.1, 0, torch.quint8)}
    yield "meta", {"x": torch.empty(2, device="meta")}
    yield "nested", {"x": torch.nested.nested_tensor([torch.ones(1), torch.ones(2)])}
    yield "complex", {"y": torch.ones(1), "x": torch.ones(2, dtype=torch.complex64)}
    yield "float8", {"model": {"x": torch.ones(2).to(torch.float8_e4m3fn)}}
    yield "complex_number", {"x": 1 + 2j}
    yield "bytes", {"x": b"ab"}
    yield "large_int", {"seed": 2**64 - 1}
    yield "storage", {"x": torch.ones(1).untyped_storage()}
    yield "defaultdict", {"x": collections.defaultdict(list)}
    yield "namespace", {"args": argparse.Namespace(lr=1)}
    yield "path", {"x": pathlib.PurePosixPath("a")}
    yield "function", {"x": torch.relu}
    yield "tuple_key", {(1, 2): 3}
    cycle = []
    cycle.append(cycle)
    yield "cycle", cycle
    yield "optimizer_object", {"optimizer": torch.optim.SGD(nn.Linear(1, 1).parameters(), lr=1)}


def swap(data, size):
    return b"".join(data[i:i + size][::-1] for i in range(0, len(data), size))


def big_endian(tensors):
    """What a big-endian machine writes: built from what this one writes."""
    buffer = io.BytesIO()
    torch.save(tensors, buffer)
    sizes = [tensor.element_size() for tensor in tensors.values()]
    made = io.BytesIO()
    with zipfile.ZipFile(buffer) as old, zipfile.ZipFile(made, "w") as new:
        for name in old.namelist():
            data = old.read(name)
            if "/data/" in name:
                data = swap(data, sizes[int(name.rsplit("/", 1)[1])])
            if name.endswith("/byteorder"):
                data = b"big"
            new.writestr(zipfile.ZipInfo(name), data)
    return made.getvalue()


def repacked(value, method, comment=b""):
    """An archive as a zip tool packs it anew, with its folders and a comment."""
    buffer, made = io.BytesIO(), io.BytesIO()
    torch.save(value, buffer)
    with zipfile.ZipFile(buffer) as old, zipfile.ZipFile(made, "w", method) as new:
        new.writestr(zipfile.ZipInfo("archive/"), b"")
        for name in old.namelist():
            new.writestr(zipfile.ZipInfo(name), old.read(name), method)
        new.comment = comment
    return made.getvalue()


def python2_ordered_dict():
    """An archive whose pickle makes an OrderedDict from a list of pairs, as Python 2 did."""
    pickle = (b"\x80\x02ccollections\nOrderedDict\nq\x01]q\x02(]q\x03(U\x01aK\x01e]q\x04(U\x01bq"
              b"\x05K\x02ee\x85q\x06Rq\x07.")
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as new:
        new.writestr(zipfile.ZipInfo("archive/data.pkl"), pickle)
        new.writestr(zipfile.ZipInfo("archive/version"), b"3\n")
    return made.getvalue()


def write_files(folder):
    for name, value in objects():
        torch.save(value, folder / f"{name}.pt")
        if not has_untyped(value):  # PyTorch cannot read these back
            torch.save(value, folder / f"{name}.stream.pt", _use_new_zipfile_serialization=False)
    torch.save(negated(), folder / "negated.pt")
    linear = nn.Linear(3, 2).state_dict()
    with_object = io.BytesIO()
    torch.save(linear, with_object)
    (folder / "file_object.pt").write_bytes(with_object.getvalue())
    (folder / "repacked.pt").write_bytes(repacked(linear, zipfile.ZIP_STORED, b"packed anew"))
    (folder / "deflated.pt").write_bytes(repacked(Net().state_dict(), zipfile.ZIP_DEFLATED))
    (folder / "python2.pt").write_bytes(python2_ordered_dict())
    for alignment in (1, 4096):
        config.save.storage_alignment = alignment
        torch.save(linear, folder / f"alignment_{alignment}.pt")
    config.save.storage_alignment = 64
    config.save.compute_crc32 = False
    torch.save(linear, folder / "no_crc.pt")
    config.save.compute_crc32 = True
    tree = {"linear": linear, "plain": plain()}
    for protocol in (1, 3, 4, 5):
        torch.save(tree, folder / f"protocol_{protocol}.pt", pickle_protocol=protocol)
    for protocol in (3, 4, 5):
        torch.save(tree, folder / f"protocol_{protocol}.stream.pt", pickle_protocol=protocol,
                   _use_new_zipfile_serialization=False)
    torch.save(plain(), folder / "protocol_0.pt", pickle_protocol=0)
    values = {dtype_name(d): torch.tensor(v, dtype=d) for d, v in VALUES.items()}
    (folder / "big_endian.pt").write_bytes(big_endian(values))


def write_refused(folder):
    for name, value in refused():
        torch.save(value, folder / f"{name}.pt")
    torch.save(nn.Linear(1, 1), folder / "whole_module.stream.pt",
               _use_new_zipfile_serialization=False)
    torch.jit.save(torch.jit.script(nn.Linear(1, 1)), folder / "torchscript.pt")
    torch.export.save(torch.export.export(nn.Linear(1, 1), (torch.ones(1, 1),)),
                      folder / "exported.pt2")
    (folder / "tar.pt").write_bytes(bytes(257) + b"ustar" + bytes(762))
    torch.save({"x": torch.ones(1)}, folder / "protocol_0.pt", pickle_protocol=0)


def has_untyped(value):
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, (list, tuple)):
        return any(has_untyped(v) for v in value)
    return isinstance(value, torch.Tensor) and value.dtype in (torch.uint16, torch.uint32,
                                                               torch.uint64)


class Tree:
    """A tree as JSON, its tensors in the recording."""

    def __init__(self, recording, case):
        self.recording, self.case = recording, case
        self.tensors, self.memory = 0, {}

    def __call__(self, value):
        if isinstance(value, torch.Tensor):
            return self.tensor(value)
        if isinstance(value, float):
            return {"float": str(value)}
        if isinstance(value, dict):
            kind = {OrderedDict: "ordered_dict", collections.Counter: "counter"}
            shown = {"dict": [[key, self(v)] for key, v in value.items()],
                     "type": kind.get(type(value), "dict")}
            metadata = getattr(value, "_metadata", None)
            if metadata is not None:
                shown["versions"] = [[path, m["version"]] for path, m in metadata.items()]
            return shown
        if isinstance(value, tuple):  # also a torch.Size
            return {"tuple": [self(v) for v in value]}
        if isinstance(value, (list, set)):
            return {"list": [self(v) for v in value]}
        if isinstance(value, (torch.dtype, torch.device)):
            return str(value)
        assert value is None or isinstance(value, (bool, int, str)), value
        return value

    def tensor(self, value):
        name, self.tensors = f"tensor/{self.tensors}", self.tensors + 1
        shown = {"dtype": dtype_name(value.dtype), "parameter": isinstance(value, nn.Parameter)}
        if value.is_contiguous() and value.numel() > 0:  # which tensors begin at one place
            place = self.memory.setdefault(value.data_ptr(), len(self.memory))
            shown["memory"] = place
        plain_value = value.detach().resolve_neg()
        if value.dtype == torch.uint64:
            return {**shown, "unsigned": plain_value.flatten().tolist(), "shape": list(value.shape)}
        wide = torch.float64 if value.is_floating_point() else torch.int64
        return {**shown, "tensor": self.recording.put(self.case, name, plain_value.to(wide))}


def record(folder):
    recording = Recording("torch_files")
    warnings.filterwarnings("ignore")
    (folder / "torch" / "refused").mkdir(parents=True, exist_ok=True)
    write_files(folder / "torch")
    write_refused(folder / "torch" / "refused")
    originals = {"big_endian.pt": {dtype_name(d): torch.tensor(v, dtype=d)
                                   for d, v in VALUES.items()}}
    for path in sorted((folder / "torch").rglob("*.pt*")):
        if "refused" in path.parts:
            continue
        # torch.load forgets to swap the bytes of uint16, uint32 and uint64.
        value = originals.get(path.name)
        if value is None:
            value = torch.load(path, weights_only=False)
        case = recording.add(file=path.relative_to(folder).as_posix())
        case["tree"] = Tree(recording, case)(value)
    recording.save(folder)
