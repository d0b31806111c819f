"""Files of an old PyTorch, into the folder of golden/torch named like its version.

    python record_old_torch.py       # by a Python that has that version; 1.13.1 is checked in

What they hold is then recorded by 2.13.0, as of all files there.
"""
from pathlib import Path

import torch
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.ModuleList([nn.Linear(2, 2) for _ in range(6)])
        self.layers[5].weight = self.layers[0].weight
        self.norm = nn.BatchNorm1d(2)
        self.register_buffer("transposed", torch.arange(6, dtype=torch.int16).view(2, 3).t())


def main():
    folder = Path(__file__).resolve().parent / "torch" / torch.__version__.split("+")[0]
    folder.mkdir(exist_ok=True)
    torch.manual_seed(0)
    model = Net()
    optimizer = torch.optim.AdamW(model.parameters(), lr=0.1)
    sum(layer(torch.ones(1, 2)).sum() for layer in model.layers).backward()
    optimizer.step()
    checkpoint = {"model": model.state_dict(), "optimizer": optimizer.state_dict(), "epoch": 1}
    dtypes = [torch.float64, torch.float16, torch.bfloat16, torch.int64, torch.int8, torch.uint8,
              torch.bool]
    values = {str(dtype): torch.tensor([0, 1, 100]).to(dtype) for dtype in dtypes}
    for name, value in (("net", model.state_dict()), ("checkpoint", checkpoint),
                        ("dtypes", values)):
        torch.save(value, folder / f"{name}.pt")
        torch.save(value, folder / f"{name}.stream.pt", _use_new_zipfile_serialization=False)


if __name__ == "__main__":
    main()
