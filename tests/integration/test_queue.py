"""The queue of trainings over HTTP: seen, ordered, left, and refused when nothing would fit."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from blockwright.contracts.problems import BlockwrightError
from blockwright.contracts.queue import Limits, QueueOrder, QueueOutlook
from blockwright.contracts.runs import EpochMetrics, RunOrigin, RunProgress
from blockwright.contracts.studio import ProjectCreate
from blockwright.contracts.work import TrainStep
from blockwright.jobs import service
from blockwright.jobs.queue_service import QueueService
from blockwright.store.leases import claim_next
from blockwright.store.projects import ProjectService
from blockwright.store.tables import EpochRow, ExperimentRow, JobRow, RunRow
from blockwright.training.service import RunService
from tests.support.tiny_run import TinyStudio, make_tiny_studio


@pytest.fixture
def studio(tmp_path) -> TinyStudio:
    return make_tiny_studio(tmp_path / "studio")


@pytest.fixture
def owner(studio) -> str:
    return ProjectService(studio.database).local_owner()


def waiting_ids(queue: QueueService, owner: str) -> list[str]:
    return [each.run_id for each in queue.view(owner).waiting]


def test_the_queue_shows_what_runs_and_waits_in_its_order(studio, owner):
    queue = QueueService(studio.database, workers=1)
    runs = [studio.runs.create(studio.experiment()) for _ in range(3)]
    with studio.database.transaction() as session:
        claim_next(session, workers=1)

    told = queue.view(owner)
    assert [each.run_id for each in told.running] == [runs[0].id]
    assert [(each.run_id, each.place) for each in told.waiting] == [
        (runs[1].id, 1),
        (runs[2].id, 2),
    ]
    first = told.waiting[0]
    assert (first.project_name, first.experiment_name, first.run_number) == ("Tiny", "Tiny CNN", 1)
    assert first.needs.memory_bytes > 0
    assert first.starts_in_seconds is None  # nothing was ever trained: no time is made up


def test_a_run_that_goes_on_is_counted_from_its_own_first_epoch(studio, owner):
    run = studio.runs.create(studio.experiment(epochs=5))
    step = TrainStep(progress=RunProgress(epoch=4, step=5, steps_per_epoch=10))
    shares = []
    for origin in (None, RunOrigin(run_id="run_before", number=1, epoch=3)):
        with studio.database.transaction() as session:
            row = claim_next(session, workers=1) or session.scalars(select(JobRow)).one()
            session.get_one(RunRow, run.id).continues = origin and origin.model_dump(mode="json")
            service.record(session, row, step, studio.files)
        shares.append(QueueService(studio.database).view(owner).running[0].done)
    assert shares == [0.7, 0.25]


def test_an_order_is_kept_and_told_to_the_runs(studio, owner):
    queue = QueueService(studio.database)
    runs = [studio.runs.create(studio.experiment()) for _ in range(3)]
    jobs = {each.run_id: each.job_id for each in queue.view(owner).waiting}
    wanted = [runs[2].id, runs[0].id, runs[1].id]
    told = queue.put_in_order(owner, QueueOrder(job_ids=[jobs[run_id] for run_id in wanted]))

    assert [each.run_id for each in told.waiting] == wanted
    assert waiting_ids(QueueService(studio.database), owner) == wanted
    assert [studio.runs.get(run_id).queue_place for run_id in wanted] == [1, 2, 3]
    with studio.database.transaction() as session:
        assert claim_next(session, workers=1).subject_id == runs[2].id

    studio.runs.stop(runs[0].id)
    assert waiting_ids(queue, owner) == [runs[1].id]


def test_the_start_is_told_once_an_epoch_of_the_experiment_was_timed(studio, owner):
    experiment = studio.experiment(epochs=3)
    first, _second, _third = (studio.runs.create(experiment) for _ in range(3))
    with studio.database.transaction() as session:
        claim_next(session, workers=1)
        epoch = EpochMetrics(epoch=1, seconds=20.0, training={}, validation={})
        session.add(EpochRow(run_id=first.id, epoch=1, metrics=epoch.model_dump(mode="json")))
        session.get_one(RunRow, first.id).progress = {"epoch": 2, "step": 0, "steps_per_epoch": 6}
        session.get_one(JobRow, session.get_one(RunRow, first.id).job_id).progress = {
            "seconds_left": 40.0
        }
    told = QueueService(studio.database, workers=1).view(owner)
    assert [each.starts_in_seconds for each in told.waiting] == [40.0, 100.0]


def test_an_experiment_without_an_epoch_goes_by_its_run_in_training(studio, owner):
    experiment = studio.experiment(epochs=3)
    first, *_ = (studio.runs.create(experiment) for _ in range(4))
    with studio.database.transaction() as session:
        claim_next(session, workers=1)
        session.get_one(RunRow, first.id).progress = {"epoch": 1, "step": 2, "steps_per_epoch": 6}
        session.get_one(JobRow, session.get_one(RunRow, first.id).job_id).progress = {
            "done_units": 2,
            "total_units": 18,
            "seconds_left": 160.0,
        }
    told = QueueService(studio.database, workers=1).view(owner)
    assert [each.starts_in_seconds for each in told.waiting] == [160.0, 340.0, 520.0]


def test_a_start_that_is_not_known_has_an_earliest_time(studio, owner):
    known = studio.experiment(epochs=3)
    first, *_ = (studio.runs.create(known) for _ in range(2))
    for _ in range(2):
        studio.runs.create(studio.experiment())
    with studio.database.transaction() as session:
        claim_next(session, workers=1)
        epoch = EpochMetrics(epoch=1, seconds=20.0, training={}, validation={})
        session.add(EpochRow(run_id=first.id, epoch=1, metrics=epoch.model_dump(mode="json")))
        session.get_one(JobRow, session.get_one(RunRow, first.id).job_id).progress = {
            "seconds_left": 40.0
        }
    told = QueueService(studio.database, workers=1).view(owner).waiting
    assert [each.starts_in_seconds for each in told] == [40.0, 100.0, None]
    assert [each.earliest_in_seconds for each in told] == [None, None, 100.0]


def test_what_a_run_would_wait_for_is_told_before_it_is_queued(studio):
    queue = QueueService(studio.database, workers=1)
    experiment = studio.experiment(epochs=3)
    with studio.database.transaction() as session:
        project_id = session.get_one(ExperimentRow, experiment).project_id
    assert queue.outlook(project_id) == QueueOutlook(others=0, starts_in_seconds=0.0)

    first, _second = (studio.runs.create(experiment) for _ in range(2))
    with studio.database.transaction() as session:
        claim_next(session, workers=1)
        epoch = EpochMetrics(epoch=1, seconds=20.0, training={}, validation={})
        session.add(EpochRow(run_id=first.id, epoch=1, metrics=epoch.model_dump(mode="json")))
        session.get_one(JobRow, session.get_one(RunRow, first.id).job_id).progress = {
            "seconds_left": 40.0
        }
    assert queue.outlook(project_id) == QueueOutlook(others=2, starts_in_seconds=100.0)
    two = QueueService(studio.database, workers=2).outlook(project_id)
    assert two == QueueOutlook(others=1, starts_in_seconds=40.0)


def test_a_newcomer_of_a_project_whose_turn_it_is_goes_before_others(studio, owner):
    experiment = studio.experiment()
    for _ in range(3):
        studio.runs.create(experiment)
    with studio.database.transaction() as session:
        claim_next(session, workers=1)
    other = ProjectService(studio.database).create(owner, ProjectCreate(name="Other"))
    assert QueueService(studio.database).outlook(other.id).others == 1
    assert len(waiting_ids(QueueService(studio.database), owner)) == 2  # nothing was queued


def test_a_run_that_goes_on_takes_the_time_of_its_own_epochs(studio, owner):
    experiment = studio.experiment(epochs=5)
    first, second, _third = (studio.runs.create(experiment) for _ in range(3))
    origin = RunOrigin(run_id=first.id, number=1, epoch=3)
    with studio.database.transaction() as session:
        claim_next(session, workers=1)
        epoch = EpochMetrics(epoch=1, seconds=20.0, training={}, validation={})
        session.add(EpochRow(run_id=first.id, epoch=1, metrics=epoch.model_dump(mode="json")))
        job = session.get_one(JobRow, session.get_one(RunRow, first.id).job_id)
        job.progress = {"seconds_left": 40.0}
        session.get_one(RunRow, second.id).continues = origin.model_dump(mode="json")
    told = QueueService(studio.database, workers=1).view(owner)
    assert [each.starts_in_seconds for each in told.waiting] == [40.0, 80.0]


def test_the_next_one_says_what_it_waits_for(studio, owner):
    for _ in range(2):
        studio.runs.create(studio.experiment())
    with studio.database.transaction() as session:
        needed = claim_next(session, workers=2).needs["memory_bytes"]
    limits = Limits(memory_bytes=needed + 2**20)
    told = QueueService(studio.database, workers=2, limits=limits).view(owner)
    assert told.waiting[0].waits_for.code == "queue.waits_for_memory"
    assert "0.0 GB are left beside what runs" in told.waiting[0].waits_for.message
    alone = QueueService(studio.database, workers=1, limits=limits).view(owner)
    assert alone.waiting[0].waits_for is None  # it waits for its turn, as everyone does


def test_a_run_that_can_never_fit_is_refused_and_not_queued(studio, owner):
    runs = RunService(studio.database, studio.files, limits=Limits(memory_bytes=2**28))
    with pytest.raises(BlockwrightError) as caught:
        runs.create(studio.experiment())
    assert caught.value.problem.code == "queue.model_does_not_fit"
    assert QueueService(studio.database).view(owner).waiting == []
