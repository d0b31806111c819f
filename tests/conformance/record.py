"""Records how torch.nn and torch.optim of PyTorch 2.13.0 answer, class by class and function by function.

    brasa_conformance --list | python3 record.py FOLDER        what brasa has
    python3 record.py FOLDER --seed 7 nn.ELU functional.elu    these, from another seed

Needs torch==2.13.0, numpy and expecttest (PyTorch's test databases ask for it). README.md beside
this file says what the recordings hold.
"""
import argparse
import os
import sys
from pathlib import Path

# The same code paths on every CPU that has AVX2, so that another machine writes the same bytes.
os.environ.update(ATEN_CPU_CAPABILITY="avx2", MKL_CBWR="COMPATIBLE", ONEDNN_MAX_CPU_ISA="AVX2")

sys.dont_write_bytecode = True
sys.path.append(str(Path(__file__).resolve().parent.parent / "golden"))

import warnings  # noqa: E402

import torch  # noqa: E402

from nn_recorder import functions, inventory, modules  # noqa: E402
from optim_recorder import optimizers, schedulers  # noqa: E402

# By the beginning of a name, the longer ones first.
KINDS = {
    "nn.": modules,
    "functional.": functions,
    "optim.lr_scheduler.": schedulers,
    "optim.": optimizers,
}


def main():
    if not torch.__version__.startswith("2.13.0"):
        sys.exit(f"PyTorch 2.13.0 is the reference, found {torch.__version__}")
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("names", nargs="*", help="nn.ELU, functional.elu, ...; read if there are none")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--most", type=int, default=16,
                        help="of a database's cases for one subject and dtype; 0: all (default: 16)")
    options = parser.parse_intermixed_args()  # names may follow on options
    names = options.names or sys.stdin.read().split()
    torch.set_num_threads(1)
    warnings.simplefilter("ignore")  # softmax without dim, tensors without elements: meant
    inventory.record(options.folder)
    for name in names:
        kind = next(kind for start, kind in KINDS.items() if name.startswith(start))
        thinned = {"most": options.most} if kind in (modules, functions) else {}
        kind.record(options.folder, name, options.seed, **thinned)


if __name__ == "__main__":
    main()
