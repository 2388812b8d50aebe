"""Other versions of the same rows in each epoch: shifts, masks, blends.

Takes   a batch as it was read, the row numbers behind it, the epoch.
Gives   the batch to learn from; the one that was read stays as it is.
Never   draws from anything but run seed, epoch and rows: a resumed run sees the same.

References:
    masks: Park et al., SpecAugment (2019), covered with the mean as they do. Blends: Zhang et
    al., mixup (2018); labels of both in full as by the winners of Freesound Audio Tagging 2019.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from blockwright.contracts.training_settings import TrainingSettings
from blockwright.contracts.work import DataPlan
from blockwright.training.batches import Batch, FloatArray, RowNumbers, bare
from blockwright.training.chance import uniform

_MIXUP = 0x6D69
_PURPOSES_PER_INPUT = 1_000


@dataclass(frozen=True)
class InputAxes:
    """Which axes of an input's values, without the row axis, mean what; None: there is none."""

    time: int | None
    frequency: int | None


def input_axes(data: DataPlan, source_name: str) -> InputAxes:
    """Say along which axes an input may be shifted and covered.

    Recordings and arrays of rank 2 and up are read as pictures, height first: frequency, then
    time, unless the values vary in length, which says where time runs. An array of rank 1 is
    time alone. Words and numbers in columns have neither.
    """
    source = next(item for item in data.data_schema.sources if item.name == source_name)
    encoding = data.encodings.get(source.features[0])
    if source.kind != "tensor" or (encoding is not None and encoding.kind == "text"):
        return InputAxes(None, None)
    if len(source.shape) < 2:
        return InputAxes(0, None)
    time = source.variable.axis if source.variable is not None else 1
    is_wave = encoding is not None and encoding.kind == "waveform"
    return InputAxes(time, None if is_wave else 1 - min(time, 1))


class Augmentation:
    """What the settings ask for, applied to the batches of a run."""

    def __init__(self, settings: TrainingSettings, axes: list[InputAxes]) -> None:
        """Augment as the settings say; `axes` has one entry per input of the model."""
        self._settings = settings
        self._axes = axes
        self._masks = [
            (settings.time_masks, settings.time_mask_width, "time"),
            (settings.frequency_masks, settings.frequency_mask_width, "frequency"),
        ]

    @property
    def is_asked_for(self) -> bool:
        """Whether the settings ask for any change at all."""
        settings = self._settings
        return settings.mixup > 0 or settings.time_shift > 0 or any(n for n, _, _ in self._masks)

    def apply(self, batch: Batch, rows: RowNumbers, *, epoch: int) -> Batch:
        """Give the batch to learn from.

        Args:
            batch: As it was read; left as it is.
            rows: The row numbers behind it, shape (rows,).
            epoch: From 1.
        """
        given = batch.inputs if isinstance(batch.inputs, list) else [batch.inputs]
        made = [
            self._rows(values, axes, _Draw(rows, self._settings.seed, epoch, place))
            for place, (values, axes) in enumerate(zip(given, self._axes, strict=True))
        ]
        changed = batch._replace(inputs=bare(made))
        return self._blend(changed, rows, epoch) if self._settings.mixup > 0 else changed

    def _rows(self, values: FloatArray, axes: InputAxes, draw: _Draw) -> FloatArray:
        """Shift and cover each row by itself."""
        shifted = values
        if self._settings.time_shift > 0 and axes.time is not None:
            shifted = _shift(values, axes.time, self._settings.time_shift, draw)
        masks = [
            (count, width, axis)
            for count, width, name in self._masks
            if count > 0 and (axis := getattr(axes, name)) is not None
        ]
        if not masks or values.ndim < 3:
            return shifted
        covered = values.copy() if shifted is values else shifted
        means = covered.reshape(len(covered), -1).mean(axis=1)
        for count, width, axis in masks:
            for _ in range(count):
                _cover(covered, means, axis, width, draw)
        return covered

    def _blend(self, batch: Batch, rows: RowNumbers, epoch: int) -> Batch:
        """Blend each row with another of its batch."""
        # By the first row, not by the batch's number: it is the same batch wherever it begins.
        chance = np.random.default_rng([self._settings.seed, epoch, int(rows[0]), _MIXUP])
        partners = chance.permutation(len(rows))
        alpha = self._settings.mixup
        shares = chance.beta(alpha, alpha, size=len(rows)).astype(np.float32)
        inputs = batch.inputs if isinstance(batch.inputs, list) else [batch.inputs]
        if self._settings.mixup_labels == "either":
            target = np.maximum(batch.target, batch.target[partners])
        else:
            target = _mix(batch.target, partners, shares)
        weights = None if batch.weights is None else _mix(batch.weights, partners, shares)
        return Batch(bare([_mix(each, partners, shares) for each in inputs]), target, weights)


class _Draw:
    """Numbers for each row of a batch, other ones at each call."""

    def __init__(self, rows: RowNumbers, run_seed: int, epoch: int, place: int) -> None:
        self._rows = rows
        self._run_seed = run_seed
        self._epoch = epoch
        self._purpose = place * _PURPOSES_PER_INPUT

    def uniform(self) -> npt.NDArray[np.float64]:
        """Draw from 0 to below 1, shape (rows,)."""
        self._purpose += 1
        return uniform(
            self._rows, run_seed=self._run_seed, epoch=self._epoch, purpose=self._purpose
        )


def _shift(values: FloatArray, axis: int, largest: float, draw: _Draw) -> FloatArray:
    length = values.shape[axis + 1]
    steps = np.rint((2 * draw.uniform() - 1) * largest * length).astype(np.int64) % length
    shifted = np.empty_like(values)
    for row, step in enumerate(steps.tolist()):
        source, goal = np.moveaxis(values[row], axis, 0), np.moveaxis(shifted[row], axis, 0)
        goal[step:] = source[: length - step]
        goal[:step] = source[length - step :]
    return shifted


def _cover(values: FloatArray, means: FloatArray, axis: int, largest: float, draw: _Draw) -> None:
    """Cover one stretch of each row with the row's mean, in place."""
    length = values.shape[axis + 1]
    widths = np.floor(draw.uniform() * (largest * length + 1)).astype(np.int64)
    widths = np.minimum(widths, length)
    starts = np.floor(draw.uniform() * (length - widths + 1)).astype(np.int64)
    for row, (start, width) in enumerate(zip(starts.tolist(), widths.tolist(), strict=True)):
        np.moveaxis(values[row], axis, 0)[start : start + width] = means[row]


def _mix(values: FloatArray, partners: RowNumbers, shares: FloatArray) -> FloatArray:
    own = shares.reshape(-1, *[1] * (values.ndim - 1))
    mixed = values[partners]
    mixed *= 1 - own
    mixed += values * own
    return mixed
