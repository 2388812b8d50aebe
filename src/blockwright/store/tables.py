"""Every SQL table of the studio.

JSON columns hold contracts as `model_dump(mode="json")` gives them. Times are UTC.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    DateTime,
    Float,
    ForeignKey,
    Integer,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.types import TypeDecorator


class UtcDateTime(TypeDecorator[datetime]):
    """A moment in UTC; SQLite forgets zones, so they are put back on reading."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Store UTC."""
        return value.astimezone(UTC) if value else None

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Give the zone back."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    """Base of all tables."""

    type_annotation_map = {dict[str, Any]: JSON, list[Any]: JSON, datetime: UtcDateTime}  # noqa: RUF012


class OwnerRow(Base):
    """Who projects belong to; local mode has exactly one."""

    __tablename__ = "owners"
    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    name: Mapped[str] = mapped_column(String(120))


class ProjectRow(Base):
    """A project."""

    __tablename__ = "projects"
    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    owner_id: Mapped[str] = mapped_column(ForeignKey("owners.id"), index=True)
    name: Mapped[str] = mapped_column(String(120))
    description: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    binned_at: Mapped[datetime | None]


class DatasetRow(Base):
    """A dataset; each of its versions knows the content folder that its rows lie in."""

    __tablename__ = "datasets"
    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    project_id: Mapped[str] = mapped_column(ForeignKey("projects.id"), index=True)
    name: Mapped[str] = mapped_column(String(120))
    state: Mapped[str] = mapped_column(String(16))
    job_id: Mapped[str | None] = mapped_column(String(32))
    report: Mapped[dict[str, Any] | None]
    problem: Mapped[dict[str, Any] | None]
    created_at: Mapped[datetime]
    binned_at: Mapped[datetime | None]


class VersionRow(Base):
    """A draft or frozen version; `data_schema` and `data_plan` are set when frozen.

    `content_key` is where its rows lie in the file store; `revision` counts its changes.
    """

    __tablename__ = "versions"
    __table_args__ = (UniqueConstraint("dataset_id", "number"),)
    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    dataset_id: Mapped[str] = mapped_column(ForeignKey("datasets.id"), index=True)
    number: Mapped[int]
    state: Mapped[str] = mapped_column(String(16))
    features: Mapped[list[Any]]
    feature_sets: Mapped[list[Any]]
    subsets: Mapped[list[Any]]
    data_schema: Mapped[dict[str, Any] | None]
    data_plan: Mapped[dict[str, Any] | None]
    content_hash: Mapped[str | None] = mapped_column(String(64))
    job_id: Mapped[str | None] = mapped_column(String(32))
    created_at: Mapped[datetime]
    saved_at: Mapped[datetime | None]
    binned_at: Mapped[datetime | None]
    content_key: Mapped[str] = mapped_column(String(120))
    content_bytes: Mapped[int] = mapped_column(BigInteger, default=0)
    rows: Mapped[int] = mapped_column(BigInteger, default=0)
    bytes: Mapped[int] = mapped_column(BigInteger, default=0)
    revision: Mapped[int] = mapped_column(default=1)
    corrections: Mapped[list[Any]] = mapped_column(default=list)
    left_out: Mapped[list[Any]] = mapped_column(default=list)
    usage: Mapped[dict[str, Any] | None]
    edit_position: Mapped[int] = mapped_column(default=0)  # steps up to here are in effect


class DraftStepRow(Base):
    """One change of a draft: the stretch of each list that it replaced, before and after."""

    __tablename__ = "draft_steps"
    __table_args__ = (UniqueConstraint("version_id", "position"),)
    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    version_id: Mapped[str] = mapped_column(ForeignKey("versions.id"), index=True)
    position: Mapped[int]
    change: Mapped[dict[str, Any]]
    stretches: Mapped[dict[str, Any]]
    usage: Mapped[list[Any]]
    at: Mapped[datetime]


class ExperimentRow(Base):
    """An experiment at its newest revision."""

    __tablename__ = "experiments"
    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    project_id: Mapped[str] = mapped_column(ForeignKey("projects.id"), index=True)
    name: Mapped[str] = mapped_column(String(120))
    revision: Mapped[int]
    graph: Mapped[dict[str, Any]]
    settings: Mapped[dict[str, Any]]
    error_count: Mapped[int] = mapped_column(default=0)
    edit_position: Mapped[int] = mapped_column(default=0)  # edits up to here are in effect
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    binned_at: Mapped[datetime | None]


class EditRow(Base):
    """One step of undo: what was done, and how to take it back."""

    __tablename__ = "edits"
    __table_args__ = (UniqueConstraint("experiment_id", "position"),)
    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    experiment_id: Mapped[str] = mapped_column(ForeignKey("experiments.id"), index=True)
    position: Mapped[int]
    operations: Mapped[list[Any]]
    inverse: Mapped[list[Any]]
    at: Mapped[datetime]


class RunRow(Base):
    """A run; its files lie in `runs/<id>` of the file store.

    One of a group has `trial`: its number there, its values, whether it was pruned.
    """

    __tablename__ = "runs"
    __table_args__ = (UniqueConstraint("experiment_id", "number"),)
    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    project_id: Mapped[str] = mapped_column(ForeignKey("projects.id"), index=True)
    experiment_id: Mapped[str] = mapped_column(ForeignKey("experiments.id"), index=True)
    version_id: Mapped[str] = mapped_column(ForeignKey("versions.id"), index=True)
    number: Mapped[int]
    state: Mapped[str] = mapped_column(String(16))
    plan: Mapped[dict[str, Any]]
    loss: Mapped[str] = mapped_column(String(64))
    progress: Mapped[dict[str, Any]]
    best_epoch: Mapped[int | None]
    best_value: Mapped[float | None] = mapped_column(Float)
    problem: Mapped[dict[str, Any] | None]
    machine: Mapped[dict[str, Any] | None]
    interruptions: Mapped[list[Any]] = mapped_column(default=list)
    continues: Mapped[dict[str, Any] | None]
    parameters: Mapped[int] = mapped_column(BigInteger)
    job_id: Mapped[str | None] = mapped_column(String(32))
    created_at: Mapped[datetime]
    started_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    group_id: Mapped[str | None] = mapped_column(String(32), index=True)
    trial: Mapped[dict[str, Any] | None]


class RunGroupRow(Base):
    """Runs that belong together, and what they were asked for with.

    `request` is a `contracts.run_groups.RunGroupCreate`; `base` the experiment's graph and
    settings as they were, which later edits do not change.
    """

    __tablename__ = "run_groups"
    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    project_id: Mapped[str] = mapped_column(ForeignKey("projects.id"), index=True)
    experiment_id: Mapped[str] = mapped_column(ForeignKey("experiments.id"), index=True)
    state: Mapped[str] = mapped_column(String(16))
    request: Mapped[dict[str, Any]]
    base: Mapped[dict[str, Any]]
    total: Mapped[int]
    best_by: Mapped[str] = mapped_column(String(64))
    higher_is_better: Mapped[bool]
    created_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class EpochRow(Base):
    """Metrics of one epoch of one run."""

    __tablename__ = "epochs"
    run_id: Mapped[str] = mapped_column(ForeignKey("runs.id"), primary_key=True)
    epoch: Mapped[int] = mapped_column(primary_key=True)
    metrics: Mapped[dict[str, Any]]


class LossCurveRow(Base):
    """The loss of one epoch of one run batch by batch, in buckets of neighbouring batches."""

    __tablename__ = "loss_curves"
    run_id: Mapped[str] = mapped_column(ForeignKey("runs.id"), primary_key=True)
    epoch: Mapped[int] = mapped_column(primary_key=True)
    steps: Mapped[int]
    buckets: Mapped[list[Any]]


class ClassCountsRow(Base):
    """What was said of each class in one epoch of one run."""

    __tablename__ = "class_counts"
    run_id: Mapped[str] = mapped_column(ForeignKey("runs.id"), primary_key=True)
    epoch: Mapped[int] = mapped_column(primary_key=True)
    counts: Mapped[dict[str, Any]]


class ProbeRow(Base):
    """What was measured on an experiment; `key` hashes all that it depends on."""

    __tablename__ = "probes"
    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    experiment_id: Mapped[str] = mapped_column(ForeignKey("experiments.id"), index=True)
    kind: Mapped[str] = mapped_column(String(16))
    key: Mapped[str] = mapped_column(String(64))
    state: Mapped[str] = mapped_column(String(16))
    result: Mapped[dict[str, Any] | None]
    problem: Mapped[dict[str, Any] | None]
    job_id: Mapped[str | None] = mapped_column(String(32))
    created_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class CheckpointRow(Base):
    """A checkpoint that is durable on disk: the row comes last."""

    __tablename__ = "checkpoints"
    __table_args__ = (UniqueConstraint("run_id", "folder"),)
    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    run_id: Mapped[str] = mapped_column(ForeignKey("runs.id"), index=True)
    epoch: Mapped[int]
    folder: Mapped[str] = mapped_column(String(120))
    is_best: Mapped[bool]
    bytes: Mapped[int] = mapped_column(BigInteger)
    sha256: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime]


class BundleRow(Base):
    """A bundle; its files lie in `bundles/<id>` of the file store."""

    __tablename__ = "bundles"
    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    run_id: Mapped[str] = mapped_column(ForeignKey("runs.id"), index=True)
    epoch: Mapped[int]
    state: Mapped[str] = mapped_column(String(16))
    files: Mapped[list[Any]]
    job_id: Mapped[str | None] = mapped_column(String(32))
    problem: Mapped[dict[str, Any] | None]
    created_at: Mapped[datetime]
    group_id: Mapped[str | None] = mapped_column(String(32), index=True)


class CompetitionRow(Base):
    """A competition; its folder lies in `competitions/<id>` of the file store."""

    __tablename__ = "competitions"
    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    project_id: Mapped[str] = mapped_column(ForeignKey("projects.id"), index=True)
    run_id: Mapped[str] = mapped_column(ForeignKey("runs.id"))
    name: Mapped[str] = mapped_column(String(120))
    epoch: Mapped[int]
    state: Mapped[str] = mapped_column(String(16))
    plan: Mapped[dict[str, Any]]
    files: Mapped[list[Any]]
    test_clips: Mapped[int]
    classes: Mapped[int]
    dry_run: Mapped[dict[str, Any] | None]
    validation_score: Mapped[float | None] = mapped_column(Float)
    job_id: Mapped[str | None] = mapped_column(String(32))
    problem: Mapped[dict[str, Any] | None]
    created_at: Mapped[datetime]


class JobRow(Base):
    """A lease: which worker holds this work, until when, at which attempt."""

    __tablename__ = "jobs"
    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    project_id: Mapped[str] = mapped_column(ForeignKey("projects.id"), index=True)
    kind: Mapped[str] = mapped_column(String(16))
    subject_id: Mapped[str] = mapped_column(String(32), index=True)
    state: Mapped[str] = mapped_column(String(16), index=True)
    attempt: Mapped[int] = mapped_column(default=0)
    restarts: Mapped[int] = mapped_column(default=0)
    lease_until: Mapped[datetime | None]
    worker: Mapped[dict[str, Any] | None]
    events_offset: Mapped[int] = mapped_column(BigInteger, default=0)
    plan: Mapped[dict[str, Any]]
    progress: Mapped[dict[str, Any]]
    problem: Mapped[dict[str, Any] | None]
    created_at: Mapped[datetime]
    started_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    needs: Mapped[dict[str, Any] | None]  # of a training: `contracts.queue.Needs`
    position: Mapped[int | None]  # its place in the order that a person gave the queue


class LiveEventRow(Base):
    """A kept live event; its id is the SSE id that a browser replays from."""

    __tablename__ = "live_events"
    # An id is never given twice, even after the newest event was deleted: browsers count on it.
    __table_args__ = {"sqlite_autoincrement": True}  # noqa: RUF012
    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    project_id: Mapped[str] = mapped_column(String(32), index=True)
    type: Mapped[str] = mapped_column(String(32))
    payload: Mapped[dict[str, Any]]
    at: Mapped[datetime]


class SessionRow(Base):
    """A browser session; only the SHA-256 of its cookie is kept."""

    __tablename__ = "sessions"
    token_sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    owner_id: Mapped[str] = mapped_column(ForeignKey("owners.id"))
    created_at: Mapped[datetime]
