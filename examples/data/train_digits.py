"""Trains the MLP of examples/02_digits with PyTorch, and writes the two files beside this program.

Needs torch==2.13.0, scikit-learn (for the images), safetensors and numpy.
"""
from pathlib import Path

import torch
from safetensors.torch import save_file
from sklearn.datasets import load_digits
from torch import nn
from torch.nn import functional as F

HERE = Path(__file__).resolve().parent
HELD_OUT = 360


class DigitsMLP(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1 = nn.Linear(64, 64)
        self.fc2 = nn.Linear(64, 32)
        self.fc3 = nn.Linear(32, 10)

    def forward(self, x):
        x = F.relu(self.fc1(x))
        x = F.relu(self.fc2(x))
        return self.fc3(x)


def split(images, labels):
    order = torch.randperm(len(labels))
    train, test = order[HELD_OUT:], order[:HELD_OUT]
    return images[train], labels[train], images[test], labels[test]


def scaled(images):
    """(N, 8, 8) counts of 0 to 16 -> (N, 64) floats of 0 to 1."""
    return images.flatten(1).float() / 16


def train(model, images, labels, epochs=80, batch=32):
    optimizer = torch.optim.AdamW(model.parameters(), lr=3e-3, weight_decay=0.05)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, epochs)
    for _ in range(epochs):
        for chosen in torch.randperm(len(labels)).split(batch):
            optimizer.zero_grad()
            F.cross_entropy(model(images[chosen]), labels[chosen], label_smoothing=0.1).backward()
            optimizer.step()
        schedule.step()


def main():
    torch.set_num_threads(1)
    torch.manual_seed(0)
    digits = load_digits()
    images = torch.from_numpy(digits.images).to(torch.uint8)
    labels = torch.from_numpy(digits.target).to(torch.int64)
    train_images, train_labels, test_images, test_labels = split(images, labels)

    model = DigitsMLP()
    train(model, scaled(train_images), train_labels)
    with torch.no_grad():
        probabilities = F.softmax(model(scaled(test_images)), dim=1)
    correct = (probabilities.argmax(1) == test_labels).sum().item()
    print(f"{correct} of {HELD_OUT} held-out digits are right: {100 * correct / HELD_OUT:.2f} %")

    save_file(model.state_dict(), HERE / "digits_mlp.safetensors", {"format": "pt"})
    save_file({"train_images": train_images, "train_labels": train_labels,
               "test_images": test_images, "test_labels": test_labels,
               "test_probabilities": probabilities}, HERE / "digits.safetensors",
              {"format": "pt"})


if __name__ == "__main__":
    main()
