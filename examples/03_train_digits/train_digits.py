"""Trains a network on handwritten digits, from scratch.

    python3 train_digits.py [FOLDER]    the folder with digits.safetensors

main.cpp beside this file says the same in C++, and prints the same losses.
expected_output.txt holds what this program prints under PyTorch 2.13.0.
"""
import sys

import torch
from safetensors.torch import load_file
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

EPOCHS = 20


class DigitsMlp(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1 = nn.Linear(64, 128)
        self.tanh = nn.Tanh()  # smooth: at the kink of a ReLU the last bit of a sum may decide
        self.dropout = nn.Dropout(0.2)
        self.fc2 = nn.Linear(128, 10)

    def forward(self, images):
        return self.fc2(self.dropout(self.tanh(self.fc1(images))))


class Score:
    """How well a classifier does, summed up over batches."""
    samples = right = loss = 0

    def add(self, loss, logits, labels):
        self.samples += len(labels)
        self.loss += loss.item() * len(labels)
        self.right += (logits.argmax(1) == labels).sum().item()

    def __str__(self):
        return f"loss {self.loss / self.samples:.4f}  accuracy {100 * self.right / self.samples:5.1f} %"


def digits(file, part):
    """Images of 8x8 counts from 0 to 16 -> rows of 64 floats from 0 to 1, and the right digits."""
    return TensorDataset(file[part + "_images"].float().flatten(1) / 16, file[part + "_labels"])


def train_epoch(model, loader, loss_of, optimizer):
    score = Score()
    model.train()
    for images, labels in loader:
        optimizer.zero_grad()
        logits = model(images)
        loss = loss_of(logits, labels)
        loss.backward()
        optimizer.step()
        score.add(loss, logits, labels)
    return score


@torch.no_grad()
def test(model, loader, loss_of):
    score = Score()
    model.eval()
    for images, labels in loader:
        logits = model(images)
        score.add(loss_of(logits, labels), logits, labels)
    return score


def main():
    torch.set_num_threads(1)
    file = load_file((sys.argv[1] if len(sys.argv) > 1 else "examples/data") + "/digits.safetensors")

    torch.manual_seed(0)
    train_loader = DataLoader(digits(file, "train"), batch_size=32, shuffle=True)
    test_loader = DataLoader(digits(file, "test"), batch_size=100)
    model = DigitsMlp()
    loss_of = nn.CrossEntropyLoss()
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-2)
    scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, EPOCHS)
    print(model)

    for epoch in range(1, EPOCHS + 1):
        trained = train_epoch(model, train_loader, loss_of, optimizer)
        scheduler.step()
        tested = test(model, test_loader, loss_of)
        print(f"epoch {epoch:2}  train {trained}  test {tested}")

    torch.save(model.state_dict(), "digits_mlp.pt")
    print("wrote digits_mlp.pt")


if __name__ == "__main__":
    main()
