"""Writes down what PyTorch answers, for the C++ tests to read: a module a subject."""
