"""A dataset version of a few small pictures, an experiment on it, and a place to run it.

The pictures are noise with a bright stripe per true class, so that a small CNN learns
them in seconds; everything else is the studio's own: tables, queue, files, plans.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

from blockwright.contracts.base import utc_now
from blockwright.contracts.data import DataSchema, DataSource
from blockwright.contracts.encodings import BinaryEncoding, TensorEncoding
from blockwright.contracts.graph import ExperimentSettings, GraphDocument
from blockwright.contracts.ids import new_id
from blockwright.contracts.runs import Run
from blockwright.contracts.studio import ProjectCreate
from blockwright.contracts.subsets import Subset, SubsetRule
from blockwright.contracts.work import DataPlan, FeatureStatistics, StoredArray, TrainPlan
from blockwright.graph.snippets import chain
from blockwright.jobs.executor import LocalExecutor
from blockwright.jobs.supervisor import Supervisor
from blockwright.store.database import Database, sqlite_url
from blockwright.store.files import FolderStore
from blockwright.store.migrations import upgrade
from blockwright.store.projects import ProjectService
from blockwright.store.tables import DatasetRow, ExperimentRow, VersionRow
from blockwright.training.service import RunService
from tests.support.train_plans import plan_run

SIDE = 16
CLASSES = ["a", "b", "c", "d"]
# A worker loads Keras first, which takes long on a machine that is busy otherwise.
PATIENCE_SECONDS = 300.0


def write_version(folder: Path, *, rows: int, version_id: str = "ver_tiny") -> DataPlan:
    """Write the files of a frozen version: 16 × 16 pictures, four classes, 3/4 to train on."""
    folder.mkdir(parents=True, exist_ok=True)
    random = np.random.default_rng(7)
    truth = random.random((rows, len(CLASSES))) < 0.35
    pictures = random.normal(size=(rows, SIDE, SIDE)).astype(np.float32)
    for number in range(len(CLASSES)):
        pictures[truth[:, number], number * 4 : number * 4 + 2] += 1.5
    np.save(folder / "tensor_0.npy", pictures)
    columns = {name: truth[:, i].astype(np.int8) for i, name in enumerate(CLASSES)}
    weights = {
        "trust": [0.0 if row % 5 == 0 else 1.0 + row % 3 for row in range(rows)],
        "below": [-1.0] * rows,
        "nothing": [0.0] * rows,
    }
    pl.DataFrame({"fname": [f"{i}.npy" for i in range(rows)], **columns, **weights}).write_parquet(
        folder / "columns.parquet"
    )
    border = rows * 3 // 4
    subsets = [
        Subset(id="training", name="Training", rule=SubsetRule(kind="all"), rows=border),
        Subset(id="validation", name="Validation", rule=SubsetRule(kind="all"), rows=rows - border),
        Subset(id="other", name="Other", rule=SubsetRule(kind="all"), rows=border // 3),
    ]
    np.savez(
        folder / "subsets.npz",
        training=np.arange(border, dtype=np.int64),
        validation=np.arange(border, rows, dtype=np.int64),
        other=np.arange(border // 3, dtype=np.int64),
    )
    sources = [
        DataSource(name="fname", kind="tensor", shape=[SIDE, SIDE], features=["fname"]),
        DataSource(
            name="labels",
            kind="multi_label",
            shape=[len(CLASSES)],
            classes=CLASSES,
            several_true_rows=5,
            features=CLASSES,
        ),
    ]
    return DataPlan(
        data_schema=DataSchema(
            version_id=version_id,
            version_number=1,
            dataset_name="Tiny",
            rows=rows,
            sources=sources,
            subsets=subsets,
        ),
        version_folder=str(folder),
        columns_path=str(folder / "columns.parquet"),
        arrays={"fname": StoredArray(path=str(folder / "tensor_0.npy"))},
        encodings={"fname": TensorEncoding(), **{name: BinaryEncoding() for name in CLASSES}},
        statistics={"fname": FeatureStatistics(normalization="none")},
        content_hash="0" * 64,
    )


def tiny_graph() -> GraphDocument:
    """A CNN with batch normalisation and dropout, so that both have to resume exactly."""
    return chain(
        [
            ("input", "input", {"source": "fname"}),
            ("reshape", "reshape", {"target_shape": [SIDE, SIDE, 1]}),
            ("conv", "conv_2d", {"filters": 8, "activation": "relu"}),
            ("normalize", "batch_normalization", {"momentum": 0.9}),
            ("pool", "max_pooling_2d", {}),
            ("flatten", "flatten", {}),
            ("dropout", "dropout", {"rate": 0.2}),
            ("dense", "dense", {"nodes": len(CLASSES), "activation": "sigmoid"}),
            ("target", "target", {"source": "labels", "loss": "binary_crossentropy"}),
        ]
    )


def tiny_settings(**changes: object) -> ExperimentSettings:
    """Settings that fit the tiny version."""
    return ExperimentSettings(
        **{
            "version_id": "ver_tiny",
            "training_subset_id": "training",
            "validation_subset_id": "validation",
            "batch_size": 8,
            "epochs": 3,
            **changes,
        }
    )


def tiny_plan(
    folder: Path,
    *,
    data: DataPlan | None = None,
    graph: GraphDocument | None = None,
    **settings: object,
) -> TrainPlan:
    """Plan a run in `folder` on the tiny version, or on another, to be trained without a studio."""
    data = data or write_version(folder / "version", rows=32)
    return plan_run(folder, data, graph or tiny_graph(), tiny_settings(**settings))


@dataclass
class TinyStudio:
    """A database and a file store with a project, a version and experiments."""

    database: Database
    files: FolderStore
    project_id: str
    runs: RunService

    def experiment(self, **settings: object) -> str:
        """Add an experiment; gives its id."""
        experiment_id = new_id("exp")
        with self.database.transaction() as session:
            session.add(
                ExperimentRow(
                    id=experiment_id,
                    project_id=self.project_id,
                    name="Tiny CNN",
                    revision=0,
                    graph=tiny_graph().model_dump(mode="json"),
                    settings=tiny_settings(**settings).model_dump(mode="json"),
                    created_at=utc_now(),
                    changed_at=utc_now(),
                )
            )
        return experiment_id

    def wait_for(
        self, run_id: str, condition: Callable[[Run], bool], seconds: float = PATIENCE_SECONDS
    ) -> Run:
        """Wait until a run is as wanted.

        Raises:
            AssertionError: If it is not in time, with how it is and its worker's log.
        """
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            run = self.runs.get(run_id)
            if condition(run):
                return run
            time.sleep(0.05)
        logs = [path.read_text()[-3000:] for path in self.files.root.glob("jobs/*/*/worker.log")]
        raise AssertionError(f"{run.model_dump_json(indent=1)}\n" + "\n".join(logs))

    def wait_until_over(self, run_id: str, seconds: float = PATIENCE_SECONDS) -> Run:
        """Wait until a run has ended in whatever way."""
        over = {"done", "failed", "stopped", "interrupted"}
        return self.wait_for(run_id, lambda run: run.state in over, seconds)


def make_tiny_studio(folder: Path, *, rows: int = 64) -> TinyStudio:
    """Make a studio's database and files in `folder`, or open the one that is there."""
    files = FolderStore(folder)
    is_new = not (folder / "studio.db").exists()
    database = Database(sqlite_url(folder / "studio.db"))
    upgrade(database)
    projects = ProjectService(database)
    owner = projects.local_owner()
    if not is_new:
        project_id = projects.list_all(owner)[0].id
        return TinyStudio(database, files, project_id, RunService(database, files))
    project_id = projects.create(owner, ProjectCreate(name="Tiny")).id
    plan = write_version(folder / "versions" / "ver_tiny", rows=rows)
    with database.transaction() as session:
        session.add(
            DatasetRow(
                id="ds_tiny",
                project_id=project_id,
                name="Tiny",
                state="ready",
                created_at=utc_now(),
            )
        )
        session.flush()
        session.add(
            VersionRow(
                id="ver_tiny",
                dataset_id="ds_tiny",
                number=1,
                state="frozen",
                features=[],
                feature_sets=[],
                subsets=[],
                content_key="datasets/ds_tiny",
                rows=rows,
                created_at=utc_now(),
                saved_at=utc_now(),
                data_schema=plan.data_schema.model_dump(mode="json"),
                data_plan=plan.model_dump(mode="json"),
                content_hash=plan.content_hash,
            )
        )
    return TinyStudio(database, files, project_id, RunService(database, files))


@contextmanager
def supervised(
    studio: TinyStudio, *, workers: int = 1, executor: LocalExecutor | None = None
) -> Iterator[Supervisor]:
    """Look after the studio's jobs for the length of a block."""
    supervisor = Supervisor(studio.database, studio.files, workers=workers, executor=executor)
    supervisor.start()
    try:
        yield supervisor
    finally:
        supervisor.stop(20)
