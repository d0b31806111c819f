"""Asks PyTorch's modules and functions with the inputs of its own test databases, and more."""
