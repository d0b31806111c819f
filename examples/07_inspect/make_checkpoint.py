"""Wrote checkpoint.pt:   python make_checkpoint.py   (PyTorch 2.13.0)"""
from pathlib import Path

import torch
from torch import nn

torch.manual_seed(0)
model = nn.Sequential(nn.Linear(4, 3), nn.BatchNorm1d(3), nn.ReLU(), nn.Linear(3, 2))
optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
model(torch.rand(5, 4)).sum().backward()
optimizer.step()
checkpoint = {
    "model": model.state_dict(), "optimizer": optimizer.state_dict(), "epoch": 3, "loss": 0.25,
    "ema": {"weight": torch.zeros(1000, 3, dtype=torch.bfloat16)}, "note": "a tiny model"}
torch.save(checkpoint, Path(__file__).resolve().parent / "checkpoint.pt")
