"""Prints the table of benchmarks/README.md from what was measured.

    table.py brasa_bench.json [threads.json] [python_peers.json]

Times are the processor's, the least of all repetitions; of several threads, the wall clock's. Behind each peer's time stands how many times slower than brasa
it is. The last column is the share of the machine's own limit that brasa reaches: of the measured peak
of multiplications and additions, or of memcpy for the same bytes. Then the limits that the
project has set itself, each with what was measured.
"""

import json
import sys
from collections import defaultdict

PEERS = [
    "brasa",
    "brasa native",
    "Eigen",
    "Eigen native",
    "Eigen native, columns",
    "libtorch",
    "ONNX Runtime",
]


def read(paths):
    """{row: {peer: seconds}} and {row: flops of one run}."""
    times, flops = defaultdict(dict), {}
    for path in paths:
        with open(path, encoding="utf-8") as file:
            figures = json.load(file)
        if isinstance(figures, list):
            for figure in figures:
                row, peer = figure["name"].rsplit("/", 1)
                times[row][peer] = figure["seconds"]
            continue
        units = {"ns": 1e-9, "us": 1e-6, "ms": 1e-3, "s": 1.0}
        for figure in sorted(figures["benchmarks"], key=lambda f: f["family_index"]):
            if figure.get("run_type") != "iteration":
                continue
            name = figure["run_name"].removesuffix("/real_time")
            row, peer = name.rsplit("/", 1)
            clock = "cpu_time" if name == figure["run_name"] else "real_time"
            seconds = figure[clock] * units[figure["time_unit"]]
            times[row][peer] = min(seconds, times[row].get(peer, seconds))
            if "FLOP/s" in figure:
                flops[row] = figure["FLOP/s"] * seconds
    return times, flops


def text(seconds):
    for unit, scale in (("s", 1), ("ms", 1e-3), ("µs", 1e-6)):
        if seconds >= scale:
            return f"{seconds / scale:.3g} {unit}"
    return f"{seconds * 1e9:.3g} ns"


class Figures:
    def __init__(self, times, flops):
        self.times, self.flops = times, flops
        self.peaks = {
            kind: flops[f"peak {kind}"] / times[f"peak {kind}"]["machine"]
            for kind in ("float", "double")
            if f"peak {kind}" in times
        }

    def share(self, row):
        """How much of the machine's own limit brasa reaches, or None."""
        mine = self.times[row].get("brasa")
        if mine is None:
            return None
        if row in self.flops:
            peak = self.peaks.get("double" if row.endswith("double") else "float")
            return None if peak is None else self.flops[row] / mine / peak
        copied = self.times.get(f"memcpy of {row.rsplit(' ', 1)[1]}", {}).get("machine")
        return None if copied is None else copied / mine

    def ratio(self, row, peers):
        """How many times longer the fastest of these peers takes than brasa, or None."""
        mine = self.times.get(row, {}).get("brasa")
        others = [self.times[row][p] for p in peers if p in self.times.get(row, {})]
        return min(others) / mine if mine and others else None

    def table(self):
        peers = [p for p in PEERS if any(p in of_row for of_row in self.times.values())]
        yield "| work | " + " | ".join(peers) + " | of the limit |"
        yield "|---" * (len(peers) + 2) + "|"
        for row, of_row in self.times.items():
            if "brasa" not in of_row:
                continue
            mine = of_row["brasa"]
            cells = [text(mine)]
            for peer in peers[1:]:
                there = peer in of_row
                cells.append(f"{text(of_row[peer])} ({of_row[peer] / mine:.2f})" if there else "–")
            share = self.share(row)
            cells.append("–" if share is None else f"{100 * share:.0f} %")
            yield f"| {row} | " + " | ".join(cells) + " |"

    def others(self):
        for row, of_row in self.times.items():
            if "brasa" not in of_row or row.startswith("load"):
                for peer, seconds in of_row.items():
                    rate = f", {self.flops[row] / seconds / 1e9:.4g} GFLOP/s" if row in self.flops else ""
                    yield f"- {row}, {peer}: {text(seconds)}{rate}"

    def limits(self):
        """(what, measured, at least) of every limit that can be judged here."""
        for size in (512, 1024):
            yield f"GEMM {size} float: share of the peak", self.share(f"GEMM {size} float"), 0.90
            yield f"GEMM {size} double: share of the peak", self.share(f"GEMM {size} double"), 0.85
        for rows in (64, 1024):
            name = f"TinyModel batch {rows}"
            yield f"{name}: share of the peak", self.share(name), 0.80
        native = ["Eigen native", "Eigen native, columns"]
        one = "TinyModel batch 1"
        yield f"{one}: libtorch", self.ratio(one, ["libtorch"]), 10
        yield f"{one}: fastest Eigen", self.ratio(one, native), 1
        for row in [f"TinyModel batch {n}" for n in (1, 64, 1024)] + ["MLP batch 64 forward"]:
            yield f"{row}: ONNX Runtime", self.ratio(row, ["ONNX Runtime"]), 1
        yield "MLP SGD step: libtorch", self.ratio("MLP batch 64 SGD step", ["libtorch"]), 1.25
        yield "MLP Adam step: libtorch", self.ratio("MLP batch 64 Adam step", ["libtorch"]), 1.6
        for count in (4096, 1 << 20):
            yield f"relu of {count}: memcpy", self.share(f"relu of {count}"), 1 / 1.1
            for name in ("exp", "tanh", "sigmoid"):
                row = f"{name} of {count}"
                yield f"{row}: Eigen native", self.ratio(row, native), 1 / 1.1
                yield f"{row}: brasa native", self.ratio(row, ["brasa native"]), 1 / 1.05
        for row in ("GEMM 1024 float", "TinyModel batch 1024"):
            one, two = (self.times.get(f"{row}, {n}", {}).get("brasa") for n in ("1 thread", "2 threads"))
            yield f"{row}: two threads", one / two if one and two else None, 1.7
        for row in self.times:
            if row.startswith("softmax"):
                yield f"{row}: every peer", self.ratio(row, [p for p in PEERS[2:]]), 1


def main(paths):
    figures = Figures(*read(paths))
    print("\n".join(figures.table()))
    print()
    print("\n".join(figures.others()))
    print()
    print("| limit | measured | at least | |\n|---|---|---|---|")
    for what, measured, least in figures.limits():
        if measured is not None:
            verdict = "yes" if measured >= least else "**no**"
            print(f"| {what} | {measured:.3g} | {least:.3g} | {verdict} |")


if __name__ == "__main__":
    main(sys.argv[1:])
