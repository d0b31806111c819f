"""Writes down what PyTorch answers, for the C++ tests to read. One module of this package a subject."""
