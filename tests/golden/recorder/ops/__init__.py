"""Forwards and gradients of the tensor operations, a file a family."""
import warnings

from . import compare, creation, index, matmul, pointwise, reduce, softmax, sort, view
from .call import Ops

FAMILIES = [creation, view, index, pointwise, compare, reduce, matmul, sort, softmax]


def record(folder):
    warnings.simplefilter("ignore")  # the variance of one value: meant
    for family in FAMILIES:
        ops = Ops("ops/" + family.__name__.rpartition(".")[2])
        family.record(ops)
        ops.recording.save(folder)
