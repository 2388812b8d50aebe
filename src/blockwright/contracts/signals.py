"""What is measured while a run learns: signals of each epoch, and the loss batch by batch."""

from __future__ import annotations

from pydantic import Field

from blockwright.contracts.base import Model


class EpochSignals(Model):
    """How training went in one epoch, beside its metrics."""

    gradient_norm: float | None = Field(
        description="Mean over the steps, before clipping; null when it was not a number"
    )
    gradient_norm_max: float | None = Field(description="The largest of all steps")
    learning_rate: float = Field(description="At the end of the epoch")
    examples_per_second: float | None = Field(
        description="Rows learnt from per second, validation apart; null when nothing was timed"
    )
    memory_bytes: int = Field(
        description="The most that the worker needed for itself in this epoch, validation "
        "included; files that it reads do not count, as the system can let go of them"
    )
    data_wait: float = Field(ge=0, le=1, description="Share of the time spent waiting for data")
    said_share: float | None = Field(
        None, description="Largest share of validation rows that were given one and the same class"
    )
    true_share: float | None = Field(
        None, description="Share of validation rows in which the most common class is true"
    )


class ClassCounts(Model):
    """What a model said of each class of the validation rows; lists in the order of the classes."""

    true: list[int] = Field(description="Rows that carry the class")
    said: list[int] = Field(description="Rows that it was said of")
    hits: list[int] = Field(description="Rows that it was rightly said of")
    average_precision: list[float | None] = Field(description="Null where it is never true")
    roc_auc: list[float | None] = Field(description="Null where it is never or always true")


class ClassScore(Model):
    """How one class is told in one epoch; a ratio is null where nothing was there to count."""

    name: str
    rows: int = Field(description="Validation rows that carry the class")
    said: int = Field(description="Validation rows that it was said of")
    precision: float | None
    recall: float | None
    f1: float | None
    average_precision: float | None
    roc_auc: float | None


class ClassScores(Model):
    """The classes of a run in one epoch."""

    run_id: str
    epoch: int | None = Field(None, description="Null where nothing is kept")
    epochs: list[int] = Field(
        description="Those that are kept: of very many, evenly chosen ones, the best and the newest"
    )
    classes: list[ClassScore]


class LossBucket(Model):
    """The training loss over neighbouring batches of one epoch."""

    first_step: int = Field(ge=1)
    last_step: int = Field(ge=1)
    low: float
    mean: float
    high: float


class LossPoint(Model):
    """The training loss over a stretch of a run; places are counted in epochs, from 0."""

    start: float
    end: float
    low: float
    mean: float
    high: float


class LossCurve(Model):
    """The training loss batch by batch, thinned so that no spike is lost."""

    run_id: str
    points: list[LossPoint]
