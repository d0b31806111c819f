"""Whole training runs: the loss of each of 100 steps and the parameters at the end.

The data are drawn under the run's seed, so a run is its settings. Batches come from a shuffling
DataLoader, dropout masks from the default generator.
"""
import torch
from torch import nn, optim
from torch.optim import lr_scheduler
from torch.utils.data import DataLoader, TensorDataset

from .recording import Recording

EXAMPLES, FEATURES, HIDDEN, CLASSES, BATCH, STEPS = 64, 8, 16, 4, 16, 100


class Mlp(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1 = nn.Linear(FEATURES, HIDDEN)
        self.act = nn.Tanh()
        self.fc2 = nn.Linear(HIDDEN, CLASSES)

    def forward(self, x):
        return self.fc2(self.act(self.fc1(x)))


def with_dropout():
    return nn.Sequential(nn.Linear(FEATURES, HIDDEN), nn.ReLU(), nn.Dropout(0.25),
                         nn.Linear(HIDDEN, CLASSES))


# LBFGS trains this one, with a penalty, on all examples at once: a convex problem. On others the last bit
# of a sum decides after a few steps where a line search goes, in PyTorch too.
def linear():
    return nn.Linear(FEATURES, CLASSES)


PENALTY = 0.1
MODELS = {"mlp": Mlp, "dropout": with_dropout, "linear": linear}

OPTIMIZERS = [
    ("SGD", dict(lr=0.1)),
    ("SGD", dict(lr=0.05, momentum=0.9, nesterov=True, weight_decay=0.01)),
    ("SGD", dict(lr=0.05, momentum=0.9, dampening=0.5, maximize=False)),
    ("Adam", dict(lr=0.01)),
    ("Adam", dict(lr=0.01, betas=(0.8, 0.95), weight_decay=0.01, amsgrad=True)),
    ("AdamW", dict(lr=0.01)),
    ("RMSprop", dict(lr=0.005)),
    ("RMSprop", dict(lr=0.005, momentum=0.9, centered=True)),
    ("Adagrad", dict(lr=0.05, lr_decay=0.01)),
    ("Adadelta", dict(lr=1.0)),
    ("Adamax", dict(lr=0.01)),
    ("NAdam", dict(lr=0.01)),
    ("RAdam", dict(lr=0.01)),
]

LBFGS = [
    dict(lr=0.1, max_iter=3, history_size=5),
    dict(lr=1.0, max_iter=4, history_size=5, line_search_fn="strong_wolfe"),
]

SCHEDULERS = [
    ("StepLR", dict(step_size=30, gamma=0.5)),
    ("MultiStepLR", dict(milestones=[20, 60], gamma=0.3)),
    ("ExponentialLR", dict(gamma=0.98)),
    ("CosineAnnealingLR", dict(T_max=40, eta_min=0.001)),
    ("CosineAnnealingWarmRestarts", dict(T_0=15, T_mult=2)),
    ("LinearLR", dict(start_factor=0.25, total_iters=20)),
    ("ConstantLR", dict(factor=0.5, total_iters=10)),
    ("PolynomialLR", dict(total_iters=80, power=2.0)),
    ("LambdaLR", {}),
    ("OneCycleLR", dict(max_lr=0.2, total_steps=110)),
    ("CyclicLR", dict(base_lr=0.01, max_lr=0.1, step_size_up=15, cycle_momentum=False)),
    ("ReduceLROnPlateau", dict(factor=0.5, patience=4)),
    ("SequentialLR", {}),
    ("ChainedScheduler", {}),
]


def make_scheduler(name, optimizer, kwargs):
    if name == "LambdaLR":
        return lr_scheduler.LambdaLR(optimizer, lambda step: 1 / (1 + 0.05 * step))
    if name in ("SequentialLR", "ChainedScheduler"):
        first = lr_scheduler.ConstantLR(optimizer, factor=0.5, total_iters=10)
        second = lr_scheduler.ExponentialLR(optimizer, gamma=0.97)
        if name == "SequentialLR":
            return lr_scheduler.SequentialLR(optimizer, [first, second], milestones=[12])
        return lr_scheduler.ChainedScheduler([first, second])
    return getattr(lr_scheduler, name)(optimizer, **kwargs)


def run(recording, seed, model_name, dtype, optimizer_name, kwargs, scheduler_name=None,
        scheduler_kwargs=None):
    torch.set_default_dtype(dtype)
    torch.manual_seed(seed)
    x = torch.rand(EXAMPLES, FEATURES)
    y = torch.randint(0, CLASSES, (EXAMPLES,))
    model = MODELS[model_name]()
    criterion = nn.CrossEntropyLoss()
    optimizer = getattr(optim, optimizer_name)(model.parameters(), **kwargs)
    scheduler = make_scheduler(scheduler_name, optimizer, scheduler_kwargs) if scheduler_name else None
    batch = EXAMPLES if model_name == "linear" else BATCH
    loader = DataLoader(TensorDataset(x, y), batch, shuffle=True)
    losses = []
    while len(losses) < STEPS:
        for images, labels in loader:
            def closure():
                optimizer.zero_grad()
                loss = criterion(model(images), labels)
                if model_name == "linear":
                    loss = loss + PENALTY * (model.weight.square().sum() + model.bias.square().sum())
                loss.backward()
                return loss
            loss = optimizer.step(closure)
            losses.append(loss.detach())
            if scheduler_name == "ReduceLROnPlateau":
                scheduler.step(loss.item())
            elif scheduler:
                scheduler.step()
    case = recording.add(seed=seed, model=model_name, dtype=str(dtype).removeprefix("torch."),
                         optimizer=optimizer_name, kwargs=recording.encode(None, "", kwargs),
                         scheduler=scheduler_name)
    if scheduler_name:
        case["scheduler_kwargs"] = recording.encode(None, "", scheduler_kwargs)
        case["last_lr"] = optimizer.param_groups[0]["lr"]
    recording.put(case, "losses", torch.stack(losses))
    for name, parameter in model.named_parameters():
        recording.put(case, f"param/{name}", parameter)
    torch.set_default_dtype(torch.float32)


def record(folder):
    recording = Recording("training")
    for dtype in torch.float32, torch.float64:
        for model in "mlp", "dropout":
            for name, kwargs in OPTIMIZERS:
                run(recording, 7, model, dtype, name, kwargs)
        for kwargs in LBFGS:
            run(recording, 7, "linear", dtype, "LBFGS", kwargs)
        for name, kwargs in SCHEDULERS:
            run(recording, 11, "dropout", dtype, "SGD", dict(lr=0.1), name, kwargs)
    recording.save(folder)
