"""Reads the checkpoint that main.cpp wrote, and goes on with it.   read_back.py FILE

Needs torch and safetensors.
"""
import sys

import torch

from train import DigitsNet, digits, train


def main():
    checkpoint = torch.load(sys.argv[1], weights_only=True)
    model = DigitsNet()
    model.load_state_dict(checkpoint["model"])
    optimizer = torch.optim.Adam(model.parameters())
    optimizer.load_state_dict(checkpoint["optimizer"])
    print(f"step {checkpoint['step']}, the last loss was {checkpoint['losses'][-1]:.3f}")

    losses = train(model, optimizer, checkpoint["step"], *digits("train"))
    print(f"trained for {len(losses)} more, it is {losses[-1]:.3f}")
    images, labels = digits("test")
    correct = (model(images).argmax(1) == labels).sum().item()
    print(f"{correct} of {len(labels)} held-out digits are right")


if __name__ == "__main__":
    main()
