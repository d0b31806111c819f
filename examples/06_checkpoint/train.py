"""Trains for 50 steps and saves a checkpoint, started.pt; goes on for 50 more, and saves that as
continued.pt. main.cpp goes on from the first, and is held against the second; expected_output.txt,
which is written here too, is what it must print.

Needs torch==2.13.0 and safetensors.
"""
from pathlib import Path

import torch
from safetensors.torch import load_file
from torch import nn
from torch.nn import functional as F

HERE = Path(__file__).resolve().parent
STEPS, BATCH = 50, 64


class DigitsNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1 = nn.Linear(64, 32)
        self.act = nn.Tanh()
        self.fc2 = nn.Linear(32, 10)

    def forward(self, x):
        return self.fc2(self.act(self.fc1(x)))


def digits(part):
    data = load_file(HERE.parent / "data" / "digits.safetensors")
    return data[f"{part}_images"].flatten(1).float() / 16, data[f"{part}_labels"]


def train(model, optimizer, first, images, labels):
    """The loss of each step. Step n takes the n-th batch; after the last whole one, the first."""
    losses = []
    for step in range(first, first + STEPS):
        begin = step % (len(labels) // BATCH) * BATCH
        batch = slice(begin, begin + BATCH)
        optimizer.zero_grad()
        loss = F.cross_entropy(model(images[batch]), labels[batch])
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


def expected_output(model, optimizer, losses):
    """What main.cpp prints if it trains as Python does."""
    tensors = len(model.state_dict()) + sum(map(len, optimizer.state_dict()["state"].values()))
    yield from (model, optimizer, "", "step   loss here   loss in Python")
    for i in range(9, STEPS, 10):
        yield f"{STEPS + 1 + i:4}       {losses[i]:.3f}            {losses[i]:.3f}"
    yield from ("", f"All {STEPS} losses within 1e-5 of Python's: yes",
                "The file has the keys, types and shapes of Python's: yes",
                f"Its {tensors} tensors are within 1e-5 of Python's: yes")


def main():
    torch.set_num_threads(1)
    torch.manual_seed(0)
    images, labels = digits("train")
    model = DigitsNet()
    optimizer = torch.optim.Adam(model.parameters(), lr=0.003)
    for first, name in (0, "started.pt"), (STEPS, "continued.pt"):
        losses = train(model, optimizer, first, images, labels)
        torch.save({"model": model.state_dict(), "optimizer": optimizer.state_dict(),
                    "step": first + STEPS, "losses": losses}, HERE / name)
        print(f"{name}: the loss of step {first + STEPS} was {losses[-1]:.4f}")
    expected = "".join(f"{line}\n" for line in expected_output(model, optimizer, losses))
    (HERE / "expected_output.txt").write_text(expected)


if __name__ == "__main__":
    main()
