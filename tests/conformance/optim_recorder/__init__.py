"""Asks PyTorch's optimizers and schedulers with the settings of its own tests, and more."""
