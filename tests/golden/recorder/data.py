"""In which order a DataLoader and random_split give their examples."""
import torch
from torch.utils.data import DataLoader, TensorDataset, random_split

from .recording import Recording

SEEDS = 0, 42


def order_of(loader):
    """The examples of one pass as one tensor, and the sizes of its batches."""
    batches = [x for x, _ in loader]
    order = torch.cat(batches) if batches else torch.zeros(0, dtype=torch.int64)
    return order, [len(x) for x in batches]


def record_loaders(recording):
    for seed in SEEDS:
        for size, batch_size in (10, 3), (12, 4), (7, 10), (1, 1), (33, 8):
            for shuffle in False, True:
                for drop_last in False, True:
                    for own in False, True:
                        generator = torch.Generator().manual_seed(seed + 1) if own else None
                        dataset = TensorDataset(torch.arange(size), torch.arange(size))
                        loader = DataLoader(dataset, batch_size, shuffle, drop_last=drop_last,
                                            generator=generator)
                        torch.manual_seed(seed)
                        case = recording.add(kind="loader", seed=seed, size=size,
                                             batch_size=batch_size, shuffle=shuffle,
                                             drop_last=drop_last, own_generator=own, batches=[])
                        for epoch in range(2):
                            order, sizes = order_of(loader)
                            recording.put(case, f"order/{epoch}", order)
                            case["batches"].append(sizes)
                        case["length"] = len(loader)
                        case["next"] = int(torch.empty((), dtype=torch.int64).random_())
                        if own:
                            drawn = torch.empty((), dtype=torch.int64).random_(generator=generator)
                            case["next_own"] = int(drawn)


def record_splits(recording):
    for seed in SEEDS:
        for size, lengths in ((10, [7, 3]), (10, [10, 0]), (11, [0.8, 0.2]), (10, [0.33, 0.33, 0.34]),
                              (5, [1, 1, 3])):
            torch.manual_seed(seed)
            case = recording.add(kind="split", seed=seed, size=size, lengths=lengths)
            for i, part in enumerate(random_split(range(size), lengths)):
                recording.put(case, f"part/{i}", torch.tensor(list(part.indices), dtype=torch.int64))


def record(folder):
    recording = Recording("data")
    record_loaders(recording)
    record_splits(recording)
    recording.save(folder)
