"""Random numbers: every function, seed and size, and the state that the generator is left in."""
import torch

from .recording import Recording, dtype_name

SEEDS = [0, 1, 42, 1234, 2**32 + 7, -1, 67280421310721]
FEW_SEEDS = [0, 42, -1]
SIZES = [0, 1, 2, 3, 5, 8, 15, 16, 17, 20, 31, 32, 33, 100]
FLOATS = [torch.float32, torch.float64]
INTERVALS = [(-1.0, 1.0), (0.1, 0.7), (-3.0, 10.0), (1.0, 1.0 + 2**-22), (0.1, 0.1000001),
             (16777216.0, 16777220.0), (-1.7e38, 1.7e38), (1e-40, 3e-40), (5.0, 5.0)]
RANGES = [(0, 2), (0, 10), (-5, 7), (3, 4), (0, 2**28 - 1), (0, 2**28), (-2**27, 2**27),
          (0, 2**31 - 1), (-2**31, 2**31 - 1), (0, 2**32 - 1), (0, 2**32), (0, 10**12),
          (-2**62, 2**62), (-2**63, 2**63 - 1)]

FILLS = {"uniform_", "normal_", "random_", "bernoulli_"}


def run(op, dtype, args, generator):
    """Calls torch.<op>, or fills an empty tensor of the size with it."""
    if op in FILLS:
        values = {k: v for k, v in args.items() if k != "size"}
        positional = [values.pop("from")] if "from" in values else []
        positional += [values.pop("to")] if "to" in values else []
        tensor = torch.empty(args["size"], dtype=dtype)
        return getattr(tensor, op)(*positional, **values, generator=generator)
    if op == "bernoulli":
        return torch.bernoulli(args["p"], generator=generator)
    if op == "get_rng_state":
        return (generator or torch.default_generator).get_state()
    return getattr(torch, op)(**args, dtype=dtype, generator=generator)


def next_numbers(generator):
    """Two more draws: they tell where the stream stands, and whether a normal is kept for later."""
    whole = torch.empty((), dtype=torch.int64).random_(generator=generator)
    normal = torch.randn((), dtype=torch.float64, generator=generator)
    return {"next": whole.item(), "next_normal": normal.item()}


class Random:
    def __init__(self):
        self.recording = Recording("random")

    def call(self, case, number, op, dtype, args, generator):
        """Runs one call, keeps its result as output/<number>, gives its description."""
        shown = {k: self.recording.encode(case, f"input/{number}", v) for k, v in args.items()}
        if op == "set_rng_state":
            (generator or torch.default_generator).set_state(args["state"])
        else:
            result = run(op, dtype, args, generator)
            self.recording.put(case, f"output/{number}", result)
        return {"op": op, **({"dtype": dtype_name(dtype)} if dtype else {}), "args": shown}

    def one(self, seed, op, dtype, state=False, **args):
        torch.manual_seed(seed)
        case = self.recording.add(seed=seed)
        case.update(self.call(case, 0, op, dtype, args, None))
        if state:
            self.recording.put(case, "state", torch.get_rng_state())
        case.update(next_numbers(None))

    def sequence(self, seed, calls, state=False):
        torch.manual_seed(seed)
        case = self.recording.add(seed=seed, op="sequence")
        case["calls"] = [self.call(case, i, op, dtype, args, None)
                         for i, (op, dtype, args) in enumerate(calls)]
        if state:
            self.recording.put(case, "state", torch.get_rng_state())
        case.update(next_numbers(None))

    def explicit(self, seed, op, dtype, **args):
        """With a Generator of its own; the default one, seeded 5, must not move."""
        torch.manual_seed(5)
        generator = torch.Generator()
        if seed is not None:
            generator.manual_seed(seed)
        case = self.recording.add(seed=seed, generator="explicit", default_seed=5)
        case.update(self.call(case, 0, op, dtype, args, generator))
        self.recording.put(case, "state", generator.get_state())
        case.update(next_numbers(generator))
        case["default_next"] = next_numbers(None)["next"]


def uniforms_and_normals(r):
    for dtype in FLOATS:
        for seed in SEEDS:
            for n in SIZES:
                state = n in (3, 20) and seed in (0, -1)
                r.one(seed, "rand", dtype, state, size=[n])
                r.one(seed, "randn", dtype, state, size=[n])
        for seed in FEW_SEEDS:
            for a, b in INTERVALS:
                r.one(seed, "uniform_", dtype, size=[40], **{"from": a, "to": b})
            for mean, std in [(0.3, 2.5), (-100.0, 1e-3), (7.0, 0.0), (0.0, 1e30)]:
                for n in (5, 15, 16, 17, 33):
                    r.one(seed, "normal_", dtype, size=[n], mean=mean, std=std)
            for size in ([], [0, 3], [2, 3], [4, 4], [3, 5, 7], [2, 1, 3, 5]):
                r.one(seed, "rand", dtype, size=size)
                r.one(seed, "randn", dtype, size=size)
    for dtype in FLOATS:
        r.one(0, "uniform_", dtype, size=[700], **{"from": 1.0, "to": 1.0 + 2**-22})
    r.one(0, "rand", torch.float32, True, size=[624])
    r.one(0, "rand", torch.float32, True, size=[625])
    r.one(0, "rand", torch.float64, True, size=[1300])
    r.one(0, "randn", torch.float32, True, size=[1001])


def integers(r):
    for seed in SEEDS:
        for low, high in RANGES:
            r.one(seed, "randint", torch.int64, low=low, high=high, size=[12])
    for seed in FEW_SEEDS:
        for dtype, low, high in [
                (torch.int32, -5, 7), (torch.int32, 0, 2**28 - 1), (torch.int32, 0, 2**28),
                (torch.int32, -2**31, 2**31 - 1), (torch.uint8, 0, 256), (torch.uint8, 10, 20),
                (torch.bool, 0, 2), (torch.float32, -5, 7), (torch.float32, 0, 2**24),
                (torch.float64, -5, 7), (torch.float64, 0, 2**53)]:
            r.one(seed, "randint", dtype, low=low, high=high, size=[3, 7])
        r.one(seed, "randint", torch.int64, low=0, high=9, size=[])
        r.one(seed, "randint", torch.int64, low=0, high=9, size=[0])
        for dtype in (torch.int64, torch.int32, torch.uint8, torch.bool, *FLOATS):
            r.one(seed, "random_", dtype, size=[17])
        r.one(seed, "random_", torch.int64, size=[9], to=100)
        r.one(seed, "random_", torch.float32, size=[9], to=100)
        r.one(seed, "random_", torch.int64, size=[9], **{"from": -2**40, "to": 2**40})
        r.one(seed, "random_", torch.float64, size=[9], **{"from": -3, "to": 2**30})
        r.one(seed, "random_", torch.int64, size=[9], **{"from": 5, "to": None})
        r.one(seed, "random_", torch.int64, size=[9], **{"from": -2**63, "to": None})
    for seed in SEEDS:
        for n in (0, 1, 2, 3, 10, 33, 100):
            r.one(seed, "randperm", torch.int64, seed == 0 and n == 10, n=n)
    r.one(0, "randperm", torch.int32, n=20)


def coins(r):
    for seed in SEEDS:
        for p in (0.0, 0.1, 0.5, 0.9, 1.0):
            r.one(seed, "bernoulli_", torch.float32, size=[33], p=p)
    for seed in FEW_SEEDS:
        for dtype in (torch.float64, torch.int64, torch.int32, torch.uint8, torch.bool):
            r.one(seed, "bernoulli_", dtype, size=[2, 9], p=0.3)
        for dtype in FLOATS:
            for n in (0, 1, 15, 16, 33):
                r.one(seed, "bernoulli", dtype, p=torch.linspace(0, 1, n, dtype=dtype))
            r.one(seed, "bernoulli", dtype, p=torch.tensor([[0.5, 1.0], [0.0, 0.25]], dtype=dtype))


def sequences(r):
    f32, f64, i64 = torch.float32, torch.float64, torch.int64
    randn, rand = (lambda n, t=f32: ("randn", t, {"size": [n]})), (
        lambda n, t=f32: ("rand", t, {"size": [n]}))
    mixes = [
        [randn(3), rand(2), randn(2)],
        [randn(1), randn(1), randn(1)],
        [randn(1), randn(1, f64), rand(1), randn(2, f64), randn(1)],
        [randn(1), randn(20), randn(1), rand(3)],
        [randn(15), randn(16, f64), randn(1, f64)],
        [rand(5), ("randint", i64, {"low": 0, "high": 100, "size": [5]}), rand(5, f64),
         ("randperm", i64, {"n": 7}), randn(3)],
        [("bernoulli_", f32, {"size": [3], "p": 0.5}), ("randint", i64, {
            "low": 0, "high": 2**40, "size": [3]}), randn(1), ("random_", f32, {"size": [3]}),
         randn(1)],
        [("normal_", f32, {"size": [3], "mean": 1.0, "std": 2.0}),
         ("normal_", f64, {"size": [1], "mean": -1.0, "std": 0.5}), rand(0), randn(0), rand(1)],
        [rand(620), rand(7), randn(2), rand(5, f64)],
    ]
    for seed in SEEDS:
        for i, calls in enumerate(mixes):
            r.sequence(seed, calls, state=seed == 0 or (i == 1 and seed == 42))
    torch.manual_seed(1)
    torch.randn(3)
    state = torch.get_rng_state()
    for seed in (0, 9):
        r.sequence(seed, [randn(1), ("get_rng_state", None, {}), randn(1), rand(2)])
        r.sequence(seed, [rand(3), ("set_rng_state", None, {"state": state}), randn(2), rand(2)])


def generators(r):
    for seed in (*SEEDS, None):
        r.explicit(seed, "rand", torch.float32, size=[5])
    for op, dtype, args in [
            ("randn", torch.float32, {"size": [3]}), ("randn", torch.float64, {"size": [17]}),
            ("uniform_", torch.float32, {"size": [3], "from": -1.0, "to": 2.0}),
            ("normal_", torch.float32, {"size": [3], "mean": 1.0, "std": 2.0}),
            ("randint", torch.int64, {"low": 0, "high": 9, "size": [5]}),
            ("random_", torch.int64, {"size": [2]}), ("randperm", torch.int64, {"n": 9}),
            ("bernoulli_", torch.float32, {"size": [9], "p": 0.5})]:
        r.explicit(3, op, dtype, **args)
    for seed in (*SEEDS, 2**63, 2**64 - 1, -2**63):
        torch.manual_seed(seed)
        r.recording.add(op="initial_seed", seed=seed, value=torch.initial_seed())


def record(folder):
    r = Random()
    for part in (uniforms_and_normals, integers, coins, sequences, generators):
        part(r)
    r.recording.save(folder)
