"""The tutorial's model learns from a dataset in the original's shape within 8 GB."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from blockwright.contracts.data import FeatureSetCreate
from blockwright.contracts.subsets import SubsetCreate, SubsetRule
from blockwright.contracts.work import (
    EVENTS_FILE,
    PLAN_FILE,
    DataPlan,
    EventLine,
    Finished,
    PlanFile,
    TrainEpoch,
    TrainStarted,
)
from blockwright.datasets.draft_state import DraftState
from blockwright.datasets.feature_drafts import make_feature_set
from blockwright.datasets.subset_drafts import add_subset
from blockwright.graph.analysis import analyse
from tests.golden.test_resnet import STEP_9
from tests.support.dataset_zips import import_zip
from tests.support.encoding_data import save
from tests.support.freesound_shape import make_dataset_zip
from tests.support.graphs import SETTINGS
from tests.support.train_plans import plan_run

BATCH_SIZE = 28
CLIPS = 30  # one batch to learn from, two clips to be judged by
GB = 1024**3


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> DataPlan:
    """Real recordings as 256 × 256 spectrograms with `fname` and 80 columns, saved."""
    folder = tmp_path_factory.mktemp("original")
    imported = import_zip(make_dataset_zip(folder / "material", clips=CLIPS), folder / "dataset")
    state = DraftState(folder / "dataset", imported.rows, imported.features)
    classes = [f.name for f in imported.features if f.type == "binary"]
    state = make_feature_set(state, FeatureSetCreate(name="labels", features=classes))
    share = 100 * BATCH_SIZE / CLIPS
    rule = SubsetRule(kind="random", share_percent=share)
    state = add_subset(state, SubsetCreate(name="Training", rule=rule))
    rest = SubsetRule(kind="rest", of=[state.subsets[0].id])
    state = add_subset(state, SubsetCreate(name="Validation", rule=rest))
    return save(state, folder).data


def test_one_step_of_batch_28_runs_within_8_gb(data: DataPlan, tmp_path: Path) -> None:
    training, validation = data.data_schema.subsets
    settings = SETTINGS.model_copy(
        update={
            "batch_size": BATCH_SIZE,
            "epochs": 1,
            "training_subset_id": training.id,
            "validation_subset_id": validation.id,
        }
    )
    assert analyse(STEP_9, data.data_schema, settings).can_run
    assert len(next(s for s in data.data_schema.sources if s.name == "labels").classes or []) == 80
    plan = plan_run(tmp_path, data, STEP_9, settings)
    job = tmp_path / "job"
    job.mkdir()
    plan_file = PlanFile(job_id="job_1", attempt=1, plan=plan)
    (job / PLAN_FILE).write_text(plan_file.model_dump_json())

    worker = subprocess.Popen([sys.executable, "-m", "blockwright.jobs.worker", str(job)])
    _pid, status, used = os.wait4(worker.pid, 0)
    worker.returncode = os.waitstatus_to_exitcode(status)

    lines = (job / EVENTS_FILE).read_text().splitlines()
    events = [EventLine.model_validate_json(line).event for line in lines]
    assert events[-1] == Finished(outcome="done")
    assert [e.parameters for e in events if isinstance(e, TrainStarted)] == [24_649_680]
    assert [e.metrics.epoch for e in events if isinstance(e, TrainEpoch)] == [1]
    assert used.ru_maxrss * 1024 < 8 * GB
