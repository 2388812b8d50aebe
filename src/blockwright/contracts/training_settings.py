"""How to train, apart from which data: one flat record, as the studio file writes it."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from blockwright.contracts.base import Model

OptimizerName = Literal["adam", "adamw", "sgd", "rmsprop"]
ScheduleName = Literal["constant", "cosine", "one_cycle", "exponential", "step"]


class TrainingSettings(Model):
    """How to train, apart from which data. Shares are from 0 to 1."""

    batch_size: int = Field(28, ge=1, le=65_536)
    epochs: int = Field(30, ge=1, le=100_000)

    optimizer: OptimizerName = "adam"
    learning_rate: float = Field(0.001, gt=0, le=100)
    momentum: float = Field(0.9, ge=0, lt=1, description="For SGD only")
    weight_decay: float = Field(0.004, ge=0, le=10, description="For AdamW only")
    decay_everywhere: bool = Field(
        default=False,
        description="Weight decay on biases and normalisation too, not on kernels alone",
    )

    schedule: ScheduleName = Field(
        "constant", description="How the learning rate changes during the run"
    )
    warmup: float = Field(
        0.0,
        ge=0,
        le=1_000_000,
        description="The rate rises evenly from nothing over so many epochs or steps",
    )
    warmup_unit: Literal["epochs", "steps"] = "epochs"
    lowest_rate: float = Field(
        0.0, ge=0, le=1, description="For cosine: the last rate, as a share of the learning rate"
    )
    peak_at: float = Field(
        0.3, gt=0, lt=1, description="For one-cycle: the share of the run before the highest rate"
    )
    decay_per_epoch: float = Field(
        0.95, gt=0, le=1, description="For exponential: what each epoch multiplies the rate by"
    )
    drop_every: int = Field(10, ge=1, le=100_000, description="For step: epochs between two drops")
    drop_to: float = Field(
        0.1, gt=0, le=1, description="For step: what each drop multiplies the rate by"
    )

    mixup: float = Field(
        0.0,
        ge=0,
        le=10,
        description="Both parameters of the beta distribution that shares of mixed rows are "
        "drawn from; 0 mixes nothing",
    )
    mixup_labels: Literal["mix", "either"] = Field(
        "mix", description="`either`: a mixed row carries the labels of both rows in full"
    )
    time_masks: int = Field(0, ge=0, le=20, description="Stretches of time that are covered")
    time_mask_width: float = Field(
        0.15, gt=0, le=1, description="Largest width of one, as a share of all frames"
    )
    frequency_masks: int = Field(0, ge=0, le=20, description="Frequency ranges that are covered")
    frequency_mask_width: float = Field(
        0.15, gt=0, le=1, description="Largest width of one, as a share of all bands"
    )
    time_shift: float = Field(
        0.0,
        ge=0,
        le=1,
        description="Largest shift along time, to either side, as a share of the length; "
        "what leaves at one end comes in at the other",
    )

    best_by: str = Field(
        "auto",
        description="Metric that picks the best checkpoint; auto: lwlrap, "
        "else accuracy, else the loss, on the validation subset",
    )
    early_stopping_epochs: int = Field(
        0,
        ge=0,
        le=10_000,
        description="Stop after so many epochs without a better value; 0 never stops early",
    )
    shuffle: bool = True
    seed: int = Field(42, ge=0, le=2**31 - 1)
