"""Writes checkpoint.pt, and what Python says stands in it and in a safetensors file.

    python make_checkpoint.py        # PyTorch 2.13.0, safetensors
"""
import json
import struct
from pathlib import Path

import torch
from torch import nn

HERE = Path(__file__).resolve().parent


def checkpoint():
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(4, 3), nn.BatchNorm1d(3), nn.ReLU(), nn.Linear(3, 2))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
    model(torch.rand(5, 4)).sum().backward()
    optimizer.step()
    return {
        "model": model.state_dict(), "optimizer": optimizer.state_dict(), "epoch": 3, "loss": 0.25,
        "ema": {"weight": torch.zeros(1000, 3, dtype=torch.bfloat16)}, "note": "a tiny model"}


def size_text(size):
    for unit in ("B", "KiB", "MiB"):
        if size < 1024:
            return f"{size:.0f} B" if unit == "B" else f"{size:.1f} {unit}"
        size /= 1024


def entries(path, value):
    """Rows: name, dtype or type, shape or value, bytes or None."""
    if isinstance(value, torch.Tensor):
        yield path, str(value.dtype)[6:], str(tuple(value.shape)), value.nbytes
    elif isinstance(value, (dict, list, tuple)):
        items = value.items() if isinstance(value, dict) else enumerate(value)
        for key, item in items:
            yield from entries(f"{path}[{key!r}]", item)
    else:
        yield path, type(value).__name__, repr(value), None


def table(rows):
    sizes = [row[3] for row in rows if row[3] is not None]
    shown = [("name", "dtype", "shape", "size")]
    shown += [(*row[:3], "-" if row[3] is None else size_text(row[3])) for row in rows]
    widths = [max(len(row[i]) for row in shown) + 2 for i in range(3)]
    lines = ["".join(row[i].ljust(widths[i]) for i in range(3)) + row[3].rjust(10) for row in shown]
    return "\n".join(lines) + f"\n{len(sizes)} tensors, {size_text(sum(sizes))}\n"


def safetensors_rows(path):
    data = path.read_bytes()
    header = json.loads(data[8:8 + struct.unpack("<Q", data[:8])[0]])
    header.pop("__metadata__", None)
    for name, entry in sorted(header.items(), key=lambda item: item[1]["data_offsets"]):
        begin, end = entry["data_offsets"]
        yield name, entry["dtype"], str(tuple(entry["shape"])), end - begin


torch.save(checkpoint(), HERE / "checkpoint.pt")
loaded = torch.load(HERE / "checkpoint.pt")
digits = HERE.parent / "data" / "digits_mlp.safetensors"
(HERE / "expected_output.txt").write_text(
    table(list(entries("", loaded))) + "\n" + table(list(safetensors_rows(digits))))
