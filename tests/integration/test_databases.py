"""The behaviour suite of databases: SQLite and PostgreSQL must pass all of it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from blockwright.contracts.base import utc_now
from blockwright.contracts.data import Feature
from blockwright.contracts.encodings import TensorEncoding
from blockwright.contracts.ids import new_id
from blockwright.contracts.problems import BlockwrightError
from blockwright.contracts.queue import Limits, Needs
from blockwright.contracts.run_groups import FoldRunsCreate
from blockwright.contracts.studio import DatasetChanged, ProjectChange, ProjectCreate
from blockwright.contracts.subsets import Subset
from blockwright.contracts.work import ImportPlan, SourceFile
from blockwright.store.database import Database, sqlite_url
from blockwright.store.events import events_after, newest_event_id, publish
from blockwright.store.files import FolderStore
from blockwright.store.leases import claim_next, end, give_back
from blockwright.store.migrations import upgrade
from blockwright.store.ownership import owner_of, project_ids_of
from blockwright.store.projects import ProjectService
from blockwright.store.queue import enqueue, to_job
from blockwright.store.queue_order import put_in_order, waiting_trainings
from blockwright.store.tables import (
    Base,
    DatasetRow,
    EpochRow,
    ExperimentRow,
    JobRow,
    LiveEventRow,
    OwnerRow,
    RunGroupRow,
    RunRow,
    VersionRow,
)
from blockwright.training.group_service import RunGroupService
from tests.support.postgresql import MISSING, find_binaries, running_postgresql


@pytest.fixture(scope="module")
def postgresql_url() -> Iterator[str]:
    binaries = find_binaries()
    if binaries is None:
        pytest.skip(MISSING)
    with running_postgresql(binaries) as url:
        yield url


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    if request.param == "sqlite":
        url = sqlite_url(tmp_path / "studio.sqlite")
    else:
        url = request.getfixturevalue("postgresql_url")
        empty = sa.create_engine(url)
        with empty.begin() as connection:
            connection.execute(sa.text("DROP SCHEMA public CASCADE"))
            connection.execute(sa.text("CREATE SCHEMA public"))
        empty.dispose()
    opened = Database(url)
    upgrade(opened)
    yield opened
    opened.close()


@pytest.fixture
def projects(database: Database) -> ProjectService:
    return ProjectService(database)


@pytest.fixture
def owner(projects: ProjectService) -> str:
    return projects.local_owner()


def test_the_migrations_make_exactly_the_tables(database: Database) -> None:
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection)
        assert compare_metadata(context, Base.metadata) == []


def test_upgrading_again_changes_nothing(database: Database, projects: ProjectService) -> None:
    made = projects.create(projects.local_owner(), ProjectCreate(name="Kept"))
    upgrade(database)
    assert projects.get(projects.local_owner(), made.id) == made


def test_there_is_one_local_owner(projects: ProjectService) -> None:
    assert projects.local_owner() == projects.local_owner()


def test_a_project_is_kept_as_it_was_made(projects: ProjectService, owner: str) -> None:
    made = projects.create(owner, ProjectCreate(name="声音", description="<b>五</b>"))
    assert projects.get(owner, made.id) == made
    assert (made.name, made.description, made.owner_id) == ("声音", "<b>五</b>", owner)
    assert made.created_at.tzinfo is not None


def test_the_newest_change_comes_first(projects: ProjectService, owner: str) -> None:
    first = projects.create(owner, ProjectCreate(name="first"))
    second = projects.create(owner, ProjectCreate(name="second"))
    assert [p.id for p in projects.list_all(owner)] == [second.id, first.id]
    projects.change(owner, first.id, ProjectChange(name="changed"))
    assert [p.name for p in projects.list_all(owner)] == ["changed", "second"]


def test_the_bin_gives_back(projects: ProjectService, owner: str) -> None:
    made = projects.create(owner, ProjectCreate(name="x"))
    projects.bin(owner, made.id)
    assert projects.list_all(owner) == []
    with pytest.raises(BlockwrightError, match="This project is not there"):
        projects.get(owner, made.id)
    assert projects.restore(owner, made.id).id == made.id
    assert [p.id for p in projects.list_all(owner)] == [made.id]


def test_another_owners_project_is_not_there(
    database: Database, projects: ProjectService, owner: str
) -> None:
    with database.transaction() as session:
        session.add(OwnerRow(id="own_other", name="other"))
    theirs = projects.create("own_other", ProjectCreate(name="theirs"))
    wanted = ProjectChange(name="mine now")
    acts: list[Callable[[], object]] = [
        lambda: projects.get(owner, theirs.id),
        lambda: projects.change(owner, theirs.id, wanted),
        lambda: projects.bin(owner, theirs.id),
        lambda: projects.restore(owner, theirs.id),
    ]
    for act in acts:
        with pytest.raises(BlockwrightError) as caught:
            act()
        assert caught.value.problem.code == "project.not_found"
    assert projects.list_all(owner) == []


def add_dataset(database: Database, project_id: str, *, binned: bool = False) -> tuple[str, str]:
    """Add a dataset with a frozen version; give both ids."""
    now = utc_now()
    dataset = DatasetRow(
        id=new_id("ds"),
        project_id=project_id,
        name="Audio",
        state="ready",
        created_at=now,
        binned_at=now if binned else None,
    )
    version = VersionRow(
        id=new_id("ver"),
        dataset_id=dataset.id,
        number=1,
        state="frozen",
        features=[],
        feature_sets=[],
        subsets=[],
        content_key=f"datasets/{dataset.id}",
        created_at=now,
    )
    with database.transaction() as session:
        session.add(dataset)
        session.flush()
        session.add(version)
    return dataset.id, version.id


def add_runs(
    database: Database, project_id: str, version_id: str, *scores: tuple[str, float]
) -> list[str]:
    """Add an experiment with one run per (metric, best value), oldest first."""
    now = utc_now()
    experiment = ExperimentRow(
        id=new_id("exp"),
        project_id=project_id,
        name="v1",
        revision=1,
        graph={},
        settings={},
        created_at=now,
        changed_at=now,
    )
    rows = [
        RunRow(
            id=new_id("run"),
            project_id=project_id,
            experiment_id=experiment.id,
            version_id=version_id,
            number=number,
            state="running" if number == 1 else "done",
            plan={"best_by": metric, "higher_is_better": metric != "loss"},
            loss="mse",
            progress={},
            best_value=value,
            parameters=2**40,
            created_at=utc_now(),
        )
        for number, (metric, value) in enumerate(scores, 1)
    ]
    with database.transaction() as session:
        session.add(experiment)
        session.flush()
        session.add_all(rows)
    return [experiment.id, *(row.id for row in rows)]


def test_a_project_counts_what_it_holds(
    database: Database, projects: ProjectService, owner: str
) -> None:
    full = projects.create(owner, ProjectCreate(name="full"))
    empty = projects.create(owner, ProjectCreate(name="empty"))
    _, version_id = add_dataset(database, full.id)
    add_dataset(database, full.id, binned=True)
    add_runs(database, full.id, version_id, ("loss", 0.1), ("lwlrap", 0.7), ("lwlrap", 0.6))

    told = projects.get(owner, full.id)
    assert (told.dataset_count, told.version_count, told.experiment_count) == (1, 1, 1)
    assert told.running_count == 1
    assert (told.best_metric, told.best_value) == ("lwlrap", 0.7)
    told = projects.get(owner, empty.id)
    assert (told.dataset_count, told.best_metric, told.best_value) == (0, None, None)


def test_the_smallest_loss_is_the_best(
    database: Database, projects: ProjectService, owner: str
) -> None:
    project = projects.create(owner, ProjectCreate(name="x"))
    _, version_id = add_dataset(database, project.id)
    add_runs(database, project.id, version_id, ("loss", 0.1), ("loss", 0.4))
    assert projects.get(owner, project.id).best_value == 0.1


def test_the_best_of_another_target_is_no_best_of_the_newest(
    database: Database, projects: ProjectService, owner: str
) -> None:
    project = projects.create(owner, ProjectCreate(name="x"))
    _, version_id = add_dataset(database, project.id)
    ids = add_runs(database, project.id, version_id, ("accuracy", 0.9), ("accuracy", 0.6))
    with database.transaction() as session:
        for run_id, target in zip(ids[1:], ("shape", "kind"), strict=True):
            row = session.get_one(RunRow, run_id)
            block = {"kind": "target", "params": {"source": target}}
            row.plan = {**row.plan, "graph": {"blocks": [block]}}
    assert projects.get(owner, project.id).best_value == 0.6


def test_every_id_leads_to_its_owner(
    database: Database, projects: ProjectService, owner: str
) -> None:
    project = projects.create(owner, ProjectCreate(name="x"))
    dataset_id, version_id = add_dataset(database, project.id)
    ids = [project.id, dataset_id, version_id]
    ids += add_runs(database, project.id, version_id, ("loss", 0.1))
    with database.transaction() as session:
        ids.append(queue_import(session, project.id, dataset_id).id)
        assert {owner_of(session, object_id) for object_id in ids} == {owner}
        assert owner_of(session, "run_0000000000000000") is None
        assert owner_of(session, "nonsense") is None
        assert project_ids_of(session, owner) == {project.id}


def queue_import(session: sa.orm.Session, project_id: str, subject_id: str) -> JobRow:
    """Queue an import."""
    source = SourceFile(path="/x", name="x.zip")
    plan = ImportPlan(dataset_id=subject_id, sources=[source], content_folder="/y")
    return enqueue(session, project_id=project_id, kind="import", subject_id=subject_id, plan=plan)


def test_a_job_exists_only_if_its_transaction_commits(
    database: Database, projects: ProjectService, owner: str
) -> None:
    project = projects.create(owner, ProjectCreate(name="x"))
    rung = []
    database.after_commit(lambda: rung.append(1))
    with pytest.raises(RuntimeError, match="changed my mind"), database.transaction() as session:
        queue_import(session, project.id, "ds_1")
        raise RuntimeError("changed my mind")
    with database.transaction() as session:
        assert session.scalars(sa.select(JobRow)).all() == []
        assert newest_event_id(session) == 0
    assert rung == []

    with database.transaction() as session:
        first = queue_import(session, project.id, "ds_1")
        second = queue_import(session, project.id, "ds_2")
        assert to_job(session, first).queue_place == 1
        assert to_job(session, second).queue_place == 2
    assert rung == [1]


def test_a_short_job_does_not_wait_behind_a_training(
    database: Database, projects: ProjectService, owner: str
) -> None:
    project = projects.create(owner, ProjectCreate(name="Lanes")).id
    with database.transaction() as session:
        trainings = [queue_import(session, project, new_id("run")) for _ in range(2)]
        for row in trainings:
            row.kind = "train"
        session.flush()
        short = queue_import(session, project, new_id("ds"))
        assert to_job(session, trainings[1]).queue_place == 2
        assert to_job(session, short).queue_place == 1

        claimed = [claim_next(session, workers=1) for _ in range(3)]

    assert [row and row.id for row in claimed] == [short.id, trainings[0].id, None]


def queue_trainings(session: sa.orm.Session, project_id: str, count: int) -> list[str]:
    """Queue so many trainings in a project, oldest first; give their ids."""
    rows = [queue_import(session, project_id, new_id("run")) for _ in range(count)]
    for row in rows:
        row.kind = "train"
    session.flush()
    return [row.id for row in rows]


def names_of(rows: list[JobRow], names: dict[str, str]) -> list[str]:
    return [names[row.id] for row in rows]


def test_projects_take_turns(database: Database, projects: ProjectService, owner: str) -> None:
    one = projects.create(owner, ProjectCreate(name="one")).id
    two = projects.create(owner, ProjectCreate(name="two")).id
    with database.transaction() as session:
        first, second = queue_trainings(session, one, 3), queue_trainings(session, two, 2)
        names = dict(zip([*first, *second], ["a1", "a2", "a3", "b1", "b2"], strict=True))
        foreseen = names_of(waiting_trainings(session), names)
        started = []
        while (row := claim_next(session, workers=1)) is not None:
            started.append(names[row.id])
            end(session, row, "done")
    assert foreseen == ["a1", "b1", "a2", "b2", "a3"]
    assert started == foreseen


def test_a_project_that_runs_already_lets_the_others_go_first(
    database: Database, projects: ProjectService, owner: str
) -> None:
    one = projects.create(owner, ProjectCreate(name="one")).id
    two = projects.create(owner, ProjectCreate(name="two")).id
    with database.transaction() as session:
        first = queue_trainings(session, one, 3)
        assert claim_next(session, workers=2).id == first[0]
        second = queue_trainings(session, two, 1)
        assert claim_next(session, workers=2).id == second[0]
        assert claim_next(session, workers=2) is None


def test_the_order_of_a_person_goes_before_the_turns(
    database: Database, projects: ProjectService, owner: str
) -> None:
    one = projects.create(owner, ProjectCreate(name="one")).id
    two = projects.create(owner, ProjectCreate(name="two")).id
    with database.transaction() as session:
        first, second = queue_trainings(session, one, 3), queue_trainings(session, two, 2)
        names = dict(zip([*first, *second], ["a1", "a2", "a3", "b1", "b2"], strict=True))
        wanted = [first[2], second[0], "job_of_yesterday"]
        put_in_order(session, wanted, {one, two})
        assert names_of(waiting_trainings(session), names) == ["a3", "b1", "a1", "a2", "b2"]
        late = queue_trainings(session, two, 1)[0]
        assert waiting_trainings(session)[-1].id == late
        assert to_job(session, session.get_one(JobRow, late)).queue_place == 6


def test_a_person_orders_only_within_the_places_they_hold(
    database: Database, projects: ProjectService, owner: str
) -> None:
    mine = projects.create(owner, ProjectCreate(name="mine")).id
    with database.transaction() as session:
        session.add(OwnerRow(id="own_other", name="other"))
    theirs = projects.create("own_other", ProjectCreate(name="theirs")).id
    with database.transaction() as session:
        first, second = queue_trainings(session, mine, 2), queue_trainings(session, theirs, 2)
        names = dict(zip([*first, *second], ["a1", "a2", "b1", "b2"], strict=True))
        assert names_of(waiting_trainings(session), names) == ["a1", "b1", "a2", "b2"]
        put_in_order(session, [first[1], second[1], first[0]], {mine})
        assert names_of(waiting_trainings(session), names) == ["a2", "b1", "a1", "b2"]


def test_a_training_whose_worker_was_lost_goes_on_first(
    database: Database, projects: ProjectService, owner: str
) -> None:
    project = projects.create(owner, ProjectCreate(name="x")).id
    with database.transaction() as session:
        jobs = queue_trainings(session, project, 3)
        lost = claim_next(session, workers=1)
        put_in_order(session, [jobs[2]], {project})
        give_back(session, lost)
        assert [row.id for row in waiting_trainings(session)] == [jobs[0], jobs[2], jobs[1]]


def test_trainings_start_only_as_far_as_memory_and_gpus_reach(
    database: Database, projects: ProjectService, owner: str
) -> None:
    project = projects.create(owner, ProjectCreate(name="x")).id
    limits = Limits(memory_bytes=10, gpus=1)
    wanted = [Needs(memory_bytes=6), Needs(memory_bytes=6), Needs(memory_bytes=1, gpus=1)]
    with database.transaction() as session:
        jobs = queue_trainings(session, project, 3)
        for job_id, needs in zip(jobs, wanted, strict=True):
            session.get_one(JobRow, job_id).needs = needs.model_dump(mode="json")
        first = claim_next(session, workers=3, limits=limits)
        assert first.id == jobs[0]
        # The small third one would fit, but it does not overtake the second.
        assert claim_next(session, workers=3, limits=limits) is None
        end(session, first, "done")
        assert claim_next(session, workers=3, limits=limits).id == jobs[1]
        assert claim_next(session, workers=3, limits=limits).id == jobs[2]


def test_a_training_larger_than_lowered_limits_runs_alone(
    database: Database, projects: ProjectService, owner: str
) -> None:
    project = projects.create(owner, ProjectCreate(name="x")).id
    with database.transaction() as session:
        jobs = queue_trainings(session, project, 2)
        session.get_one(JobRow, jobs[0]).needs = Needs(memory_bytes=99).model_dump(mode="json")
        assert claim_next(session, workers=2, limits=Limits(memory_bytes=10)).id == jobs[0]
        assert claim_next(session, workers=2, limits=Limits(memory_bytes=10)) is None


def test_a_group_tells_how_its_runs_went(
    database: Database, projects: ProjectService, owner: str, tmp_path: Path
) -> None:
    project = projects.create(owner, ProjectCreate(name="x"))
    _, version_id = add_dataset(database, project.id)
    experiment_id, *run_ids = add_runs(
        database, project.id, version_id, ("accuracy", 0.6), ("accuracy", 0.8)
    )
    asked = FoldRunsCreate(name="Two folds", folds_id="column fold")
    group = RunGroupRow(
        id=new_id("grp"),
        project_id=project.id,
        experiment_id=experiment_id,
        state="running",
        request=asked.model_dump(mode="json"),
        base={},
        total=2,
        best_by="accuracy",
        higher_is_better=True,
        created_at=utc_now(),
    )
    with database.transaction() as session:
        session.add(group)
        for number, run_id in enumerate(run_ids, 1):
            row = session.get_one(RunRow, run_id)
            row.group_id, row.state = group.id, "done"
            row.trial = {"number": number, "values": {"fold": f"Fold {number}"}, "pruned": False}
            metrics = {"epoch": 1, "seconds": 1.0, "training": {}, "validation": {}}
            session.add(EpochRow(run_id=run_id, epoch=1, metrics=metrics))
        assert owner_of(session, group.id) == owner
    groups = RunGroupService(database, FolderStore(tmp_path / "files"))
    (told,) = groups.list_all(project.id)
    assert [(trial.run_id, trial.epochs) for trial in told.trials] == [
        (each, 1) for each in run_ids
    ]
    assert (told.best_run_id, told.mean) == (run_ids[1], pytest.approx(0.7))
    assert not told.can_average  # no checkpoint is kept
    assert groups.stop(group.id).state == "stopped"


def test_reading_rings_no_bell(database: Database) -> None:
    rung = []
    database.after_commit(lambda: rung.append(1))
    with database.transaction() as session:
        newest_event_id(session)
    assert rung == []


def test_the_id_of_an_event_is_never_given_twice(database: Database) -> None:
    event = DatasetChanged(project_id="prj_1", dataset_id="ds_1")
    with database.transaction() as session:
        publish(session, "prj_1", event)
    with database.transaction() as session:
        before = newest_event_id(session)
        session.execute(sa.delete(LiveEventRow))
        publish(session, "prj_1", event)
        session.flush()
        assert newest_event_id(session) > before


def test_many_threads_write_at_once_and_no_event_is_missed(database: Database) -> None:
    seen: list[int] = []
    done = threading.Event()

    def write(thread: int) -> None:
        for number in range(10):
            with database.transaction() as session:
                event = DatasetChanged(project_id="prj_1", dataset_id=f"ds_{thread}_{number}")
                publish(session, "prj_1", event)

    def follow() -> None:
        place = 0
        while True:
            ended = done.is_set()
            with database.transaction() as session:
                found = events_after(session, place)
            seen.extend(item.id for item in found)
            place = seen[-1] if seen else 0
            if ended and not found:
                return

    follower = threading.Thread(target=follow)
    writers = [threading.Thread(target=write, args=(number,)) for number in range(6)]
    for thread in (follower, *writers):
        thread.start()
    for thread in writers:
        thread.join()
    done.set()
    follower.join()
    assert len(seen) == 60
    assert seen == sorted(set(seen))


def test_two_transactions_that_read_and_then_write_lose_nothing(
    database: Database, projects: ProjectService, owner: str
) -> None:
    project = projects.create(owner, ProjectCreate(name="0"))

    def count_up() -> None:
        for _ in range(15):
            with database.transaction() as session:
                row = session.execute(
                    sa.text("SELECT name FROM projects WHERE id = :id" + for_update),
                    {"id": project.id},
                ).one()
                session.execute(
                    sa.text("UPDATE projects SET name = :name WHERE id = :id"),
                    {"id": project.id, "name": str(int(row.name) + 1)},
                )

    for_update = " FOR UPDATE" if database.kind == "postgresql" else ""
    threads = [threading.Thread(target=count_up) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert projects.get(owner, project.id).name == "60"


def test_a_row_that_points_nowhere_is_refused(database: Database) -> None:
    with pytest.raises(sa.exc.IntegrityError), database.transaction() as session:
        session.add(
            DatasetRow(
                id="ds_1", project_id="prj_none", name="x", state="ready", created_at=utc_now()
            )
        )


def old_version() -> dict[str, object]:
    """A frozen version as the first release kept it: 0001 has no encodings."""
    counts = {"counts": [1], "minimum": 0.0, "median": 0.0, "maximum": 0.0, "labels": None}
    feature = {"name": "fname", "type": "tensor", "shape": [8, 6], "normalization": "standardize"}
    rest = {"classes": None, "histogram": counts, "missing_rows": 0, "spectrogram": None}
    rule = {"kind": "rest", "share_percent": 100.0, "seed": 42, "of": "sub_1"}
    return {
        "id": "ver_1",
        "dataset_id": "ds_1",
        "number": 1,
        "state": "frozen",
        "features": [feature | rest],
        "feature_sets": [],
        "subsets": [{"id": "sub_2", "name": "Validation", "rule": rule, "rows": 3}],
        "data_plan": {
            "tensors_folder": "/studio/datasets/ds_1",
            "version_folder": "/studio/versions/ver_1",
            "tensor_files": {"fname": "tensor_0.npy"},
            "statistics": {"fname": {"normalization": "standardize", "shift": 1.0, "scale": 2.0}},
        },
        "created_at": utc_now(),
    }


def test_a_database_of_the_first_release_is_brought_over(tmp_path: Path) -> None:
    database = Database(sqlite_url(tmp_path / "studio.sqlite"))
    upgrade(database, "0001")
    now = utc_now()
    project = {"id": "prj_1", "owner_id": "o", "name": "x", "description": ""}
    dataset = {"id": "ds_1", "project_id": "prj_1", "name": "Audio", "state": "ready"}
    kept = sa.MetaData()
    with database.engine.begin() as connection:
        kept.reflect(connection)
        insert = {name: sa.insert(table) for name, table in kept.tables.items()}
        connection.execute(insert["owners"], {"id": "o", "name": "o"})
        connection.execute(insert["projects"], project | {"created_at": now, "changed_at": now})
        connection.execute(
            insert["datasets"], dataset | {"rows": 15, "bytes": 9, "created_at": now}
        )
        connection.execute(insert["versions"], old_version())
    upgrade(database)
    with database.transaction() as session:
        version = session.get_one(VersionRow, "ver_1")
        assert (version.rows, version.content_bytes) == (15, 9)
        assert version.content_key == "datasets/ds_1"
        feature = Feature.model_validate(version.features[0])
        assert feature.encoding == TensorEncoding(normalization="standardize")
        assert Subset.model_validate(version.subsets[0]).rule.of == ["sub_1"]
        plan = version.data_plan or {}
        assert plan["arrays"] == {"fname": {"path": "/studio/datasets/ds_1/tensor_0.npy"}}
        assert plan["columns_path"] == "/studio/datasets/ds_1/rows.parquet"
        assert plan["encodings"]["fname"]["normalization"] == "standardize"
    database.close()
