"""Fits a curve with a module of one's own: a damped oscillation to noisy measurements.

main.cpp beside this file says the same in C++, and prints the same bytes.
expected_output.txt holds what this program prints under PyTorch 2.13.0.
"""
import torch
from torch import nn

STEPS = 600


class DampedOscillation(nn.Module):
    """y = amplitude * exp(-decay * t) * cos(frequency * t + phase)"""

    def __init__(self, amplitude, decay, frequency, phase):
        super().__init__()
        self.amplitude = nn.Parameter(torch.tensor(amplitude, dtype=torch.float64))
        self.decay = nn.Parameter(torch.tensor(decay, dtype=torch.float64))
        self.frequency = nn.Parameter(torch.tensor(frequency, dtype=torch.float64))
        self.phase = nn.Parameter(torch.tensor(phase, dtype=torch.float64))

    def forward(self, t):
        return self.amplitude * torch.exp(-self.decay * t) * torch.cos(self.frequency * t + self.phase)


def draw(measured, fitted):
    """One column for each measurement (o) and what the fit says there (*)."""
    rows = [[" "] * len(measured) for _ in range(17)]
    for values, mark in (fitted, "*"), (measured, "o"):
        for column, y in enumerate(values.tolist()):
            rows[round(8 - 4 * y)][column] = mark
    for row in rows:
        print("".join(row).rstrip())


def main():
    torch.manual_seed(0)
    truth = DampedOscillation(2.0, 0.25, 2.5, 0.5)
    t = torch.linspace(0, 10, 71, dtype=torch.float64)
    y = truth(t).detach() + 0.1 * torch.randn(71, dtype=torch.float64)

    model = DampedOscillation(1.0, 0.1, 2.0, 0.0)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.02)
    for step in range(STEPS + 1):
        optimizer.zero_grad()
        loss = nn.functional.mse_loss(model(t), y)
        loss.backward()
        if step % 100 == 0:
            print(f"step {step:3}  loss {loss.item():.6f}")
        optimizer.step()

    print("\n           fitted    true")
    for name, fitted in model.named_parameters():
        print(f"{name:9} {fitted.item():7.4f} {truth.get_parameter(name).item():7.4f}")

    print("\no measured, * fitted\n")
    with torch.no_grad():
        draw(y, model(t))


if __name__ == "__main__":
    main()
