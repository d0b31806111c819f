"""The TinyModel of PyTorch's introduction to building models, written in three styles.

main.cpp beside this file says the same in C++, and prints the same bytes.
expected_output.txt holds what this program prints under PyTorch 2.13.0.
"""
import torch
from torch import nn
from torch.nn import functional as F


class TinyModel(nn.Module):
    def __init__(self):
        super().__init__()
        self.linear1 = nn.Linear(100, 200)
        self.activation = nn.ReLU()
        self.linear2 = nn.Linear(200, 10)
        self.softmax = nn.Softmax(1)

    def forward(self, x):
        x = self.linear1(x)
        x = self.activation(x)
        x = self.linear2(x)
        return self.softmax(x)


def functional_model(x, w1, b1, w2, b2):
    return F.softmax(F.linear(F.relu(F.linear(x, w1, b1)), w2, b2), dim=1)


torch.manual_seed(0)
model = TinyModel()
x = torch.rand(1, 100)

print("The model:")
print(model)

print("\nJust one layer:")
print(model.linear2)

print("\nModel params:")
for param in model.parameters():
    print(param)

print("\nLayer params:")
for param in model.linear2.parameters():
    print(param)

with torch.no_grad():
    print("\nBy members:")
    print(model(x))

    print("\nIn functional style:")
    print(functional_model(x, *model.parameters()))

# The same seed draws the same weights and the same input.
torch.manual_seed(0)
model2 = nn.Sequential(nn.Linear(100, 200), nn.ReLU(), nn.Linear(200, 10), nn.Softmax(1))
x = torch.rand(1, 100)

print("\nBy Sequential:")
print(model2)
with torch.no_grad():
    print(model2(x))
