"""Reads files that brasa wrote.   read_files.py zipfile|torch WRITE_FILES

WRITE_FILES is the program that writes them.
"""
import math
import subprocess
import sys
import tempfile
import zipfile
from collections import Counter, OrderedDict
from pathlib import Path


def check_zipfile(folder):
    for path, records in ("model", 10), ("checkpoint", 15), ("many", 1006):
        with zipfile.ZipFile(folder / f"{path}.pt") as archive:
            assert archive.testzip() is None, path
            names = archive.namelist()
        assert len(names) == records, (path, len(names))
        assert all(name.startswith(f"{path}/") for name in names), names


def check_torch(folder):
    import torch
    from torch import nn

    for mmap in False, True:
        state = torch.load(folder / "model.pt", weights_only=True, mmap=mmap)
        torch.manual_seed(0)
        model = nn.Sequential(nn.Linear(4, 3), nn.ReLU(), nn.Linear(3, 2))
        same_state(torch, state, model.state_dict())
        model.load_state_dict(state)

        checkpoint = torch.load(folder / "checkpoint.pt", weights_only=True, mmap=mmap)
        same_state(torch, checkpoint["model"], model.state_dict())
        check_plain(checkpoint["plain"])
        check_tensors(torch, checkpoint["tensors"])

        many = torch.load(folder / "many.pt", weights_only=True, mmap=mmap)
        assert len(many) == 1000
        for i, tensor in enumerate(many):
            assert torch.equal(tensor, torch.full((i % 3,), float(i))), i


def same_state(torch, state, expected):
    assert type(state) is OrderedDict and list(state) == list(expected)
    assert state._metadata == expected._metadata
    assert all(torch.equal(state[name], expected[name]) for name in expected)
    assert not any(tensor.requires_grad for tensor in state.values())


def check_plain(plain):
    assert plain["ints"] == [0, 255, 65536, -1, 2**63 - 1, -2**63]
    assert plain["floats"] == (0.1, 0.0, 1e308) and math.copysign(1, plain["floats"][1]) == -1
    assert plain["texts"] == ["", "a", "é \U0001f600", "a.b"]
    assert plain["others"][0] is None and plain["others"][1] is True and plain["others"][2] is False
    assert plain["nested"] == [((), [])]
    assert type(plain["ordered"]) is OrderedDict and list(plain["ordered"].items()) == [
        ("b", 1), ("a", 2)]
    assert type(plain["counter"]) is Counter and plain["counter"] == {7: 3}


def check_tensors(torch, tensors):
    base = tensors["base"]
    assert torch.equal(base, torch.arange(6.0)) and tensors["again"] is base
    assert tensors["reshaped"].shape == (2, 3)
    assert tensors["reshaped"].data_ptr() == base.data_ptr()
    assert tensors["empty"].shape == (0, 3) and tensors["empty"].dtype is torch.float64
    assert tensors["scalar"].shape == () and tensors["scalar"].item() == 2.5
    assert tensors["labels"].dtype is torch.int64 and tensors["labels"].tolist() == [0, 1, 2]
    assert tensors["mask"].tolist() == [False, False, False, True, True, True]


def main():
    reader, program = sys.argv[1:]
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([program, folder], check=True)
        {"zipfile": check_zipfile, "torch": check_torch}[reader](Path(folder))
    print(f"{reader} reads what brasa wrote")


if __name__ == "__main__":
    main()
