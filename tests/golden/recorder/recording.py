"""A recording: cases in JSON and their tensors, in one safetensors file."""
import dataclasses
import json
from pathlib import Path

import torch

NAMES = {
    torch.float64: "F64", torch.float32: "F32", torch.int64: "I64", torch.int32: "I32",
    torch.uint8: "U8", torch.bool: "BOOL",
}


def dtype_name(dtype):
    return str(dtype).removeprefix("torch.")


def compact(value):
    return json.dumps(value, separators=(",", ":"), allow_nan=False)


def write_safetensors(path, tensors, metadata):
    """Writes the format itself: in the package's files the order of metadata keys changes."""
    entries = {"__metadata__": metadata}
    ordered = sorted(tensors.items(), key=lambda item: -item[1].element_size())
    start, chunks = 0, []
    for name, tensor in ordered:
        data = tensor.detach().contiguous().numpy().tobytes()
        entries[name] = {"dtype": NAMES[tensor.dtype], "shape": list(tensor.shape),
                         "data_offsets": [start, start + len(data)]}
        start += len(data)
        chunks.append(data)
    header = compact(entries).encode()
    header += b" " * (-len(header) % 8)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(len(header).to_bytes(8, "little") + header + b"".join(chunks))


class Recording:
    """Collects the cases of one file. Equal inputs of several cases are kept once."""

    def __init__(self, subject):
        self.subject = subject
        self.cases = []
        self.tensors = {}
        self.inputs = {}

    def add(self, **fields):
        """Starts a case; tensors that follow belong to it."""
        case = {"case": str(len(self.cases)), **fields}
        self.cases.append(case)
        return case

    def drop(self, count):
        """Forgets all cases from that number on."""
        for case in self.cases[count:]:
            prefix = f"{case['case']}/"
            self.tensors = {n: t for n, t in self.tensors.items() if not n.startswith(prefix)}
            self.inputs = {k: n for k, n in self.inputs.items() if not n.startswith(prefix)}
        del self.cases[count:]

    def put(self, case, name, tensor):
        full = f"{case['case']}/{name}"
        assert full not in self.tensors, full
        self.tensors[full] = tensor.detach().clone()
        return full

    def put_input(self, case, name, tensor):
        """The tensor's name in the file: an earlier one, if an earlier case had the same input."""
        plain = tensor.detach().contiguous()
        key = (plain.dtype, tuple(plain.shape), plain.numpy().tobytes())
        if key not in self.inputs:
            self.inputs[key] = self.put(case, name, plain)
        return self.inputs[key]

    def encode(self, case, name, value):
        """JSON for an argument; the tensors in it go into the file as name, name.0, name.1, ..."""
        if isinstance(value, torch.Tensor):
            shown = {"tensor": self.put_input(case, name, value)}
            return {**shown, "requires_grad": True} if value.requires_grad else shown
        if isinstance(value, torch.dtype):
            return {"dtype": dtype_name(value)}
        if isinstance(value, float) and value - value != 0:
            return {"float": str(value)}
        if isinstance(value, torch.nn.Module):
            return {"module": repr(value)}
        if isinstance(value, dict):
            return {"dict": {k: self.encode(case, f"{name}.{k}", v) for k, v in value.items()}}
        if isinstance(value, (list, tuple)):
            parts = [self.encode(case, f"{name}.{i}", v) for i, v in enumerate(value)]
            return {"tuple": parts} if type(value) is tuple else parts
        if callable(value):
            return {"callable": getattr(value, "__name__", repr(value))}
        if dataclasses.is_dataclass(value):
            fields = dataclasses.asdict(value).items()
            return {"options": {k: self.encode(case, f"{name}.{k}", v) for k, v in fields}}
        assert value is None or isinstance(value, (bool, int, float, str)), value
        return value

    def save(self, folder):
        path = Path(folder) / f"{self.subject}.safetensors"
        metadata = {"format": "torch-golden-1", "torch": torch.__version__.split("+")[0],
                    "cases": compact(self.cases)}
        write_safetensors(path, self.tensors, metadata)
        print(f"{self.subject}: {len(self.cases)} cases, {len(self.tensors)} tensors, "
              f"{path.stat().st_size} bytes")
