"""Records what PyTorch 2.13.0 answers.   python record.py [subject ...]

Needs torch==2.13.0, safetensors, numpy and expecttest. Without a subject everything is recorded
anew. README.md beside this file says what the files hold.
"""
import os
import sys
from pathlib import Path

# The same code paths on every CPU that has AVX2, so that another machine writes the same bytes.
os.environ.update(ATEN_CPU_CAPABILITY="avx2", MKL_CBWR="COMPATIBLE", ONEDNN_MAX_CPU_ISA="AVX2")

sys.dont_write_bytecode = True

import torch  # noqa: E402

from recorder import (  # noqa: E402
    data,
    files,
    init,
    ops,
    optim,
    printing,
    random,
    torch_files,
    torch_saves,
    training,
    utils,
)

SUBJECTS = {
    "random": random.record,
    "init": init.record,
    "printing": printing.record,
    "files": files.record,
    "torch_files": torch_files.record,
    "ops": ops.record,
    "data": data.record,
    "optim": optim.record,
    "training": training.record,
    "torch_saves": torch_saves.record,
    "utils": utils.record,
}


def main():
    if not torch.__version__.startswith("2.13.0"):
        sys.exit(f"PyTorch 2.13.0 is the reference, found {torch.__version__}")
    torch.set_num_threads(1)
    folder = Path(__file__).resolve().parent
    for subject in sys.argv[1:] or SUBJECTS:
        SUBJECTS[subject](folder)


if __name__ == "__main__":
    main()
