"""Shapes: views, transposes, joins, cuts and copies. Nothing is computed, so all is exact."""
from functools import partial

import torch

from .call import ALL, sample


def reshapes(call, make):
    for op in ("reshape", "view"):
        for shape, new in [((2, 6), (3, 4)), ((2, 6), (-1,)), ((2, 6), (4, -1)),
                           ((2, 3, 4), (6, 4)), ((), (1, 1)), ((1,), ()), ((0, 3), (3, 0)),
                           ((0,), (2, 0, 5)),
                           ((4,), (2, -1, 1)), ((2, 2), (2, 2))]:
            call(op, make(shape), shape=list(new))
    for shape, dims in [((2, 3, 4), (0, -1)), ((2, 3, 4), (1, 2)), ((2, 3, 4), (0, 1)),
                        ((2, 3, 4), (1, 1)), ((), (0, -1)), ((5,), (0, 0)), ((2, 0, 3), (1, -1)),
                        ((2, 1, 3, 2), (-3, -2))]:
        call("flatten", make(shape), start_dim=dims[0], end_dim=dims[1])
    for shape, dim, sizes in [((2, 6), 1, (2, 3)), ((2, 6), -1, (3, -1)), ((4,), 0, (2, 2)),
                              ((3, 0), 1, (0, 2)), ((6, 2), 0, (-1, 2, 1))]:
        call("unflatten", make(shape), dim=dim, sizes=list(sizes))
    for shape in [(1, 3, 1), (3,), (), (1,), (1, 0, 1)]:
        call("squeeze", make(shape))
    for shape, dim in [((1, 3, 1), 0), ((1, 3, 1), 1), ((1, 3, 1), -1), ((1, 1, 2), [0, 1]),
                       ((1, 3, 1), [0, 1]), ((), 0)]:
        call("squeeze", make(shape), dim=tuple(dim) if isinstance(dim, list) else dim)
    for shape, dim in [((3,), 0), ((3,), 1), ((3,), -1), ((), 0), ((2, 3), -2), ((0, 2), 1)]:
        call("unsqueeze", make(shape), dim=dim)


def moves(call, make):
    for shape, dims in [((2, 3), (0, 1)), ((2, 3, 4), (0, 2)), ((2, 3, 4), (-1, -2)),
                        ((2, 3, 4), (1, 1)), ((5,), (0, 0)), ((0, 3), (0, 1)), ((17, 5), (0, 1)),
                        ((), (0, -1)), ((2, 3, 2, 2), (1, -1))]:
        call("transpose", make(shape), dim0=dims[0], dim1=dims[1])
    for shape in [(2, 3), (3,), ()]:
        call("t", make(shape))
    for shape, dims in [((2, 3), (1, 0)), ((2, 3, 4), (2, 0, 1)), ((2, 3, 4), (-1, 0, 1)),
                        ((2, 3, 4), (0, 1, 2)), ((), ()), ((2, 0, 3), (1, 2, 0)),
                        ((2, 1, 3, 2), (3, 1, 0, 2))]:
        call("permute", make(shape), dims=list(dims))
    for shape, dims in [((4,), [0]), ((2, 3), [0]), ((2, 3), [-1]), ((2, 3, 2), [0, 2]),
                        ((2, 3), []), ((0, 3), [1]), ((), [])]:
        call("flip", make(shape), dims=dims)
    for shape, shifts, dims in [((5,), 2, 0), ((5,), -1, 0), ((2, 3), 1, 1), ((2, 3), 7, -1),
                                ((2, 3), [1, 2], [0, 1]), ((3, 2), [1, 1], [0, 0]), ((0, 3), 1, 0)]:
        call("roll", make(shape), shifts=shifts, dims=dims)
    call("roll", make((2, 3)), shifts=2)


def copies(call, make):
    for shape, size in [((3,), (2, 3)), ((3, 1), (3, 4)), ((3, 1), (-1, 4)), ((1, 3), (2, -1)),
                        ((), (2, 2)), ((1,), (0,)), ((2, 1, 3), (4, 2, 5, 3)), ((2,), (2,))]:
        call("expand", make(shape), size=list(size))
    for shape, repeats in [((3,), (2,)), ((3,), (2, 2)), ((2, 3), (1, 2)), ((2, 1), (2, 3)),
                           ((), (2,)), ((2,), (0,)), ((2, 2), (1, 1, 1))]:
        call("repeat", make(shape), repeats=list(repeats))
    for op in ("tril", "triu"):
        for shape, diagonal in [((3, 3), 0), ((3, 4), 1), ((4, 3), -1), ((2, 3, 3), 0),
                                ((3, 3), 5), ((3, 3), -5), ((0, 3), 0), ((1, 1), 0)]:
            call(op, make(shape), diagonal=diagonal)
    for shape, kwargs in [((3, 3), {}), ((3, 4), {"offset": 1}), ((4, 3), {"offset": -2}),
                          ((2, 3, 4), {"dim1": 1, "dim2": 2}), ((2, 3, 2), {"dim1": 0, "dim2": -1}),
                          ((2, 2), {"offset": 3})]:
        call("diagonal", make(shape), **kwargs)


def joins(call, make):
    for shapes, dim in [([(2,), (3,)], 0), ([(2, 3), (1, 3)], 0), ([(2, 3), (2, 1), (2, 2)], 1),
                        ([(2, 3), (2, 2)], -1), ([(2, 3)], 0), ([(0,), (2,)], 0),
                        ([(0, 3), (2, 3)], 0), ([(2, 1, 3), (2, 2, 3)], 1), ([(0,), (2, 3)], 0)]:
        call("cat", [make(s) for s in shapes], dim=dim)
    for shape, count, dim in [((3,), 2, 0), ((3,), 2, 1), ((3,), 3, -1), ((2, 3), 2, 1), ((), 3, 0),
                              ((0, 2), 2, 0), ((2, 3), 1, -3)]:
        call("stack", [make(shape) for _ in range(count)], dim=dim)
    for shape, size, dim in [((6,), 2, 0), ((7,), 3, 0), ((2, 5), 2, 1), ((2, 5), [1, 4], -1),
                             ((5, 2), [2, 0, 3], 0), ((3,), 5, 0), ((0, 2), 1, 0)]:
        call("split", make(shape), split_size_or_sections=size, dim=dim)
    for shape, chunks, dim in [((6,), 3, 0), ((7,), 3, 0), ((5,), 4, 0), ((2, 5), 2, 1),
                               ((2,), 5, 0), ((4, 3), 1, -1), ((0, 2), 2, 0)]:
        call("chunk", make(shape), chunks=chunks, dim=dim)
    for shape, dim in [((3,), 0), ((2, 3), 0), ((2, 3), -1), ((2, 1, 2), 1)]:
        call("unbind", make(shape), dim=dim)


def cuts(call, make):
    for shape, dim, start, length in [((5,), 0, 1, 3), ((4, 5), 1, 0, 2), ((4, 5), -1, 3, 2),
                                      ((4, 5), 0, 2, 0), ((2, 3, 4), 1, 1, 2), ((5,), 0, -2, 2),
                                      ((0, 3), 1, 1, 1)]:
        call("narrow", make(shape), dim=dim, start=start, length=length)
    for shape, dim, index in [((5,), 0, 2), ((5,), 0, -1), ((3, 4), 0, 1), ((3, 4), 1, -2),
                              ((2, 3, 4), 1, 0), ((2, 3, 4), -1, 3), ((2, 0), 0, 1)]:
        call("select", make(shape), dim=dim, index=index)


def record(ops):
    for dtype in ALL:
        call = partial(ops.call, exact=True, grad=dtype in (torch.float32, torch.float64))
        make = partial(sample, dtype=dtype)
        for part in (reshapes, moves, copies, joins, cuts):
            part(call, make)
