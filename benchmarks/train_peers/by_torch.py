"""The peer of `benchmarks/train.py` that is a hand-written PyTorch loop, channels last.

Where there is a GPU it computes there, compiled as a whole, with batches in pinned memory.

Run by the interpreter that `--torch-python` names; imports nothing of the studio.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import torch
from rounds import Facts, serve
from torch import nn
from torch.nn import functional

# Keras keeps 0.99 of the old averages, PyTorch says how much of the new one comes in.
KERAS_MOMENTUM = 0.01
STAGES = ((64, 3, 2), (128, 4, 2), (256, 6, 2), (512, 3, 1))


class SmallCnn(nn.Module):
    """The snippet CNN small."""

    def __init__(self, classes: int) -> None:
        super().__init__()
        parts: list[nn.Module] = [nn.BatchNorm2d(1, eps=1e-3)]
        before = 1
        for filters, stride in ((32, 2), (64, 1), (128, 1), (256, 1)):
            parts += [
                nn.Conv2d(before, filters, 3, stride, padding=1),
                nn.BatchNorm2d(filters, eps=1e-3),
                nn.ReLU(inplace=True),
                nn.MaxPool2d(2),
            ]
            before = filters
        self.body = nn.Sequential(*parts)
        self.end = nn.Sequential(nn.Dropout(0.3), nn.Linear(before, classes))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Give what is said before the sigmoid."""
        return self.end(self.body(x[:, None]).mean(dim=(2, 3)))


class Unit(nn.Module):
    """A bottleneck of ResNet v2, normalised before each convolution."""

    def __init__(self, before: int, filters: int, stride: int, *, widen: bool) -> None:
        super().__init__()
        self.first = nn.BatchNorm2d(before, eps=1.001e-5, momentum=KERAS_MOMENTUM)
        self.shortcut = nn.Conv2d(before, 4 * filters, 1, stride) if widen else None
        self.stride = stride
        self.rest = nn.Sequential(
            nn.Conv2d(before, filters, 1, bias=False),
            nn.BatchNorm2d(filters, eps=1.001e-5, momentum=KERAS_MOMENTUM),
            nn.ReLU(inplace=True),
            nn.Conv2d(filters, filters, 3, stride, padding=1, bias=False),
            nn.BatchNorm2d(filters, eps=1.001e-5, momentum=KERAS_MOMENTUM),
            nn.ReLU(inplace=True),
            nn.Conv2d(filters, 4 * filters, 1),
        )

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Give shortcut and rest, added."""
        before = functional.relu(self.first(x))
        if self.shortcut is not None:
            shortcut = self.shortcut(before)
        else:
            shortcut = functional.max_pool2d(x, 1, self.stride) if self.stride > 1 else x
        return shortcut + self.rest(before)


class ResNet50V2(nn.Module):
    """ResNet-50 v2 as `keras.applications` lays it out, stride at the end of a stage."""

    def __init__(self, classes: int) -> None:
        super().__init__()
        parts: list[nn.Module] = [
            nn.Conv2d(1, 64, 7, 2, padding=3),
            nn.MaxPool2d(3, 2, padding=1),
        ]
        before = 64
        for filters, units, stride in STAGES:
            for unit in range(1, units + 1):
                step = stride if unit == units else 1
                parts.append(Unit(before, filters, step, widen=unit == 1))
                before = 4 * filters
        parts += [
            nn.BatchNorm2d(before, eps=1.001e-5, momentum=KERAS_MOMENTUM),
            nn.ReLU(inplace=True),
        ]
        self.body = nn.Sequential(*parts)
        self.end = nn.Linear(before, classes)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Give what is said before the sigmoid."""
        return self.end(self.body(x[:, None]).mean(dim=(2, 3)))


def mlp(columns: int, classes: int) -> nn.Module:
    """Two hidden layers on a table."""
    return nn.Sequential(
        nn.Linear(columns, 128), nn.ReLU(), nn.Linear(128, 64), nn.ReLU(), nn.Linear(64, classes)
    )


def main(folder: Path, model_name: str, batch_size: int, precision: str) -> None:
    """Train as told."""
    values = torch.from_numpy(np.load(folder / "values.npy"))
    truth = torch.from_numpy(np.load(folder / "truth.npy"))
    model: nn.Module
    if model_name == "mlp":
        model = mlp(values.shape[1], truth.shape[1])
    else:
        kind = SmallCnn if model_name == "cnn_small" else ResNet50V2
        model = kind(truth.shape[1])
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    model = model.to(device, memory_format=torch.channels_last).train()
    forward = model
    if device.type == "cuda":
        torch.backends.cudnn.benchmark = True
        torch.set_float32_matmul_precision("high")
        forward = torch.compile(model)

    def bring(batch: torch.Tensor) -> torch.Tensor:
        if device.type == "cuda":
            return batch.pin_memory().to(device, non_blocking=True)
        return batch

    optimizer = torch.optim.Adam(model.parameters(), lr=0.001)

    def loss_of(outputs: torch.Tensor, wanted: torch.Tensor) -> torch.Tensor:
        if model_name == "mlp":
            return functional.cross_entropy(outputs, wanted)
        return functional.binary_cross_entropy_with_logits(outputs, wanted)

    def train() -> Facts:
        order = torch.randperm(len(values))
        total = torch.zeros((), device=device)
        for start in range(0, len(values), batch_size):
            rows = order[start : start + batch_size]
            inputs, wanted = bring(values[rows]), bring(truth[rows])
            optimizer.zero_grad(set_to_none=True)
            with torch.autocast(device.type, torch.bfloat16, enabled=precision == "bfloat16"):
                outputs = forward(inputs)
            loss = loss_of(outputs.float(), wanted)
            loss.backward()
            optimizer.step()
            total += loss.detach() * len(rows)
        return {"loss": float(total) / len(values)}

    numbers = [*model.parameters(), *model.buffers()]
    serve(
        train,
        {
            "engine": f"PyTorch {torch.__version__} on {device}"
            + (", compiled" if forward is not model else ""),
            "parameters": sum(item.numel() for item in numbers if item.is_floating_point()),
        },
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), sys.argv[4])
