"""How to train, apart from which data: one flat record, as the studio file writes it."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from blockwright.contracts.base import Model

OptimizerName = Literal[
    "adam",
    "adamw",
    "amsgrad",
    "adamax",
    "nadam",
    "lion",
    "sgd",
    "rmsprop",
    "adagrad",
    "adadelta",
]
BackendName = Literal["tensorflow", "jax"]
ScheduleName = Literal["constant", "cosine", "one_cycle", "exponential", "step", "plateau"]


class TrainingSettings(Model):
    """How to train, apart from which data. Shares are from 0 to 1."""

    batch_size: int = Field(28, ge=1, le=65_536)
    epochs: int = Field(30, ge=1, le=100_000)

    time_limit_minutes: float = Field(
        0.0, ge=0, le=1_000_000, description="The run ends after so long; 0: when it is done"
    )

    class_weights: Literal["none", "balanced"] = Field(
        "none", description="`balanced`: rows count by how rare their class is"
    )
    weight_feature: str = Field(
        "", max_length=500, description="Feature that says how much each row counts"
    )
    first_stage_epochs: int = Field(
        0, ge=0, le=100_000, description="So many of the epochs learn from another subset first"
    )
    first_stage_rate: float = Field(0.001, gt=0, le=100, description="Learning rate of these")

    optimizer: OptimizerName = "adam"
    learning_rate: float = Field(0.001, gt=0, le=100)
    momentum: float = Field(0.9, ge=0, lt=1, description="For SGD only")
    nesterov: bool = Field(
        default=False, description="For SGD only: look ahead by the momentum before each step"
    )
    weight_decay: float = Field(0.004, ge=0, le=10, description="For AdamW, Lion and SGD")
    decay_everywhere: bool = Field(
        default=False,
        description="Weight decay on biases and normalisation too, not on kernels alone",
    )

    clip: Literal["none", "norm", "value"] = Field(
        "none", description="Limit the length of the gradient as a whole, or each of its numbers"
    )
    clip_at: float = Field(1.0, ge=1e-6, le=1_000_000)
    accumulate: int = Field(
        1, ge=1, le=10_000, description="Batches whose gradients are averaged for one step"
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
        0.0,
        ge=0,
        le=1,
        description="For cosine, and when progress stops: the last rate, as a share of the "
        "learning rate",
    )
    peak_at: float = Field(
        0.3, gt=0, lt=1, description="For one-cycle: the share of the run before the highest rate"
    )
    decay_per_epoch: float = Field(
        0.95, gt=0, le=1, description="For exponential: what each epoch multiplies the rate by"
    )
    drop_every: int = Field(10, ge=1, le=100_000, description="For step: epochs between two drops")
    drop_to: float = Field(0.1, gt=0, le=1, description="What each drop multiplies the rate by")
    plateau_epochs: int = Field(
        5, ge=1, le=10_000, description="Epochs without a better value before the rate drops"
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

    label_smoothing: float = Field(
        0.0,
        ge=0,
        le=0.9,
        description="Share of each label that is spread over all answers, while training only",
    )
    average: float = Field(
        0.0,
        ge=0,
        le=0.99999,
        description="Share of the running average of the weights that each step keeps; the "
        "average is validated and kept. 0: the weights themselves",
    )

    best_by: str = Field(
        "auto",
        description="Metric that picks the best checkpoint; auto: lwlrap, "
        "else accuracy, else the loss, on the validation subset",
    )
    validate_every: int = Field(
        1, ge=1, le=100_000, description="Epochs from one validation to the next"
    )
    early_stopping_epochs: int = Field(
        0,
        ge=0,
        le=10_000,
        description="Stop at a validated epoch when the best one lies so many epochs back; "
        "0 never stops early",
    )
    backend: Literal["auto", "tensorflow", "jax"] = Field(
        "auto", description="What computes; auto: JAX on a GPU that it can use, else TensorFlow"
    )
    precision: Literal["auto", "float32", "bfloat16"] = Field(
        "auto",
        description="Of products and convolutions; weights are kept in float32 in any case. "
        "auto: bfloat16 where a short trial shows it faster and in agreement",
    )
    xla: Literal["auto", "on", "off"] = Field(
        "auto", description="Compile the whole step by XLA; auto: where a trial shows it faster"
    )
    threads: int = Field(
        0, ge=0, le=1_024, description="Cores that one operation may use; 0: all there are"
    )
    shuffle: bool = True
    seed: int = Field(42, ge=0, le=2**31 - 1)
