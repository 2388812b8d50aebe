"""The queue of trainings: what each needs, what there is, who is next."""

from __future__ import annotations

from pydantic import Field

from blockwright.contracts.base import Model
from blockwright.contracts.problems import Problem

MOST_ORDERED = 10_000


class Needs(Model):
    """What a training takes of the machine while it runs; memory is an estimate."""

    cores: int = Field(1, ge=1)
    memory_bytes: int = Field(0, ge=0)
    gpus: int = Field(0, ge=0)


class Limits(Model):
    """What all trainings together may take of the machine; null is no limit."""

    cores: int | None = Field(None, ge=1)
    memory_bytes: int | None = Field(None, ge=1)
    gpus: int | None = Field(None, ge=0)


NO_LIMITS = Limits()


class QueuedRun(Model):
    """A training that runs or waits, whichever project it is of."""

    job_id: str
    run_id: str
    project_id: str
    project_name: str
    experiment_name: str
    run_number: int
    is_running: bool
    place: int | None = Field(None, description="1 is next; only while waiting")
    epoch: int = Field(description="The epoch in progress; 0 before the first")
    epochs: int
    done: float = Field(ge=0, le=1, description="Share that is done")
    needs: Needs
    seconds_left: float | None = Field(None, description="Of a running one, when it is known")
    starts_in_seconds: float | None = Field(
        None, description="Of a waiting one, when the times of all before it are known"
    )
    earliest_in_seconds: float | None = Field(
        None, description="Of a waiting one whose start is not known: it is not sooner than this"
    )
    waits_for: Problem | None = Field(
        None, description="Why the next one does not start although a worker is free"
    )


class QueueView(Model):
    """Running and waiting trainings of all projects of a person, in their order."""

    running: list[QueuedRun]
    waiting: list[QueuedRun]
    workers: int = Field(description="How many trainings run at the same time at most")
    limits: Limits


class QueueOutlook(Model):
    """What a training that is queued now would wait for."""

    others: int = Field(ge=0, description="Trainings that must end before it starts")
    starts_in_seconds: float | None = Field(
        None, description="When the times of all before it are known"
    )


class QueueOrder(Model):
    """The waiting trainings in the order that a person wants; others follow in theirs."""

    job_ids: list[str] = Field(max_length=MOST_ORDERED)
