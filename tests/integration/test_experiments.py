"""Experiments on a real SQLite database: no edit is lost, undo works across restarts."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from blockwright.contracts.base import utc_now
from blockwright.contracts.data import DataSchema
from blockwright.contracts.graph import (
    AddBlock,
    AddWire,
    Edit,
    Experiment,
    ExperimentCreate,
    ExperimentRename,
    Operation,
    RemoveBlock,
    RemoveWire,
    SetParam,
    SetSetting,
    SnippetCard,
    Wire,
)
from blockwright.contracts.presets import PresetChoice
from blockwright.contracts.problems import BlockwrightError
from blockwright.graph.catalogue import catalogue
from blockwright.graph.service import ExperimentService
from blockwright.store.database import Database, sqlite_url
from blockwright.store.events import events_after
from blockwright.store.files import FolderStore
from blockwright.store.migrations import upgrade
from blockwright.store.tables import DatasetRow, OwnerRow, ProjectRow, VersionRow
from blockwright.training.service import RunService
from tests.support.graphs import block, schema


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    made = Database(sqlite_url(tmp_path / "studio.db"))
    upgrade(made)
    with made.transaction() as session:
        now = utc_now()
        session.add(OwnerRow(id="own_1", name="local"))
        for project in ("prj_1", "prj_2"):
            session.add(
                ProjectRow(
                    id=project,
                    owner_id="own_1",
                    name=project,
                    description="",
                    created_at=now,
                    changed_at=now,
                )
            )
    yield made
    made.close()


def save_version(
    database: Database, version_id: str, project_id: str = "prj_1", *, sound: bool = False
) -> DataSchema:
    """Put a frozen version into a project, as the dataset room does."""
    data = schema().model_copy(update={"version_id": version_id})
    data.sources[0].is_spectrogram = sound
    with database.transaction() as session:
        now = utc_now()
        session.add(
            DatasetRow(
                id=f"ds_{version_id}",
                project_id=project_id,
                name="Audio",
                state="ready",
                created_at=now,
            )
        )
        session.flush()
        session.add(
            VersionRow(
                id=version_id,
                dataset_id=f"ds_{version_id}",
                number=1,
                state="frozen",
                features=[],
                feature_sets=[],
                subsets=[],
                content_key=f"datasets/ds_{version_id}",
                rows=4970,
                data_schema=data.model_dump(mode="json"),
                created_at=now,
                saved_at=now,
            )
        )
    return data


@pytest.fixture
def service(database: Database) -> ExperimentService:
    return ExperimentService(database)


@pytest.fixture
def empty(database: Database, service: ExperimentService) -> Experiment:
    save_version(database, "ver_1")
    return service.create("prj_1", ExperimentCreate(name="Experiment v1"))


def edit(service: ExperimentService, state: Experiment, *operations: Operation) -> Experiment:
    wanted = Edit(base_revision=state.revision, operations=list(operations))
    return service.edit(state.id, wanted)


def code_of(problem: pytest.ExceptionInfo[BlockwrightError]) -> str:
    return problem.value.problem.code


def wire(source: str, target: str) -> AddWire:
    return AddWire(wire=Wire(id=f"{source}-{target}", source=source, target=target))


def test_a_new_experiment_is_on_the_newest_version_with_its_usual_subsets(
    database: Database, service: ExperimentService
) -> None:
    save_version(database, "ver_1")
    save_version(database, "ver_2")
    save_version(database, "ver_3", project_id="prj_2")
    made = service.create("prj_1", ExperimentCreate(name="Experiment v1"))

    assert made.settings.version_id == "ver_2"
    assert made.settings.training_subset_id == "training"
    assert made.settings.validation_subset_id == "validation"
    assert made.data is not None
    assert (made.revision, made.can_undo, made.can_redo) == (0, False, False)


def test_an_experiment_without_any_version_says_what_is_missing(
    service: ExperimentService,
) -> None:
    made = service.create("prj_1", ExperimentCreate(name="Experiment v1"))

    assert made.data is None
    assert "graph.no_version" in [item.problem.code for item in made.analysis.problems]


def problems_at_the_version(experiment: Experiment) -> list[str]:
    found = experiment.analysis.problems
    return [each.problem.code for each in found if each.param == "version_id"]


@pytest.mark.parametrize("row", [DatasetRow, VersionRow])
def test_data_in_the_bin_keep_an_experiment_from_running_until_they_are_back(
    database: Database, service: ExperimentService, empty: Experiment, tmp_path: Path, row: Any
) -> None:
    def move(at: datetime | None) -> None:
        with database.transaction() as session:
            session.scalars(select(row)).one().binned_at = at

    def listed() -> int:
        return service.list_all("prj_1")[0].error_count

    errors = listed()
    move(utc_now())
    binned = service.get(empty.id)
    assert problems_at_the_version(binned) == ["graph.version_in_bin"]
    told = next(each for each in binned.analysis.problems if each.param == "version_id").problem
    assert told.message.startswith("Version 1 of Audio, from which this experiment learns")
    assert (binned.analysis.can_run, listed()) == (False, errors + 1)
    service.rename(empty.id, ExperimentRename(name="Still in the bin"))
    assert listed() == errors + 1
    runs = RunService(database, FolderStore(tmp_path / "files"))
    with pytest.raises(BlockwrightError) as refused:
        runs.create(empty.id)
    assert code_of(refused) == "graph.version_in_bin"

    move(None)
    assert problems_at_the_version(service.get(empty.id)) == []
    assert listed() == errors


def test_a_version_that_was_deleted_is_told_from_one_that_was_never_chosen(
    database: Database, service: ExperimentService, empty: Experiment
) -> None:
    with database.transaction() as session:
        session.delete(session.scalars(select(VersionRow)).one())
    assert problems_at_the_version(service.get(empty.id)) == ["graph.version_gone"]


def test_undo_and_redo_survive_a_restart(
    tmp_path: Path, database: Database, service: ExperimentService, empty: Experiment
) -> None:
    one = edit(service, empty, AddBlock(block=block("input", "input", source="fname")))
    two = edit(service, one, AddBlock(block=block("flat", "flatten")), wire("input", "flat"))
    three = edit(service, two, SetSetting(name="epochs", value=3))
    database.close()
    reopened = Database(sqlite_url(tmp_path / "studio.db"))
    later = ExperimentService(reopened)

    assert later.undo(empty.id).settings == two.settings
    undone = later.undo(empty.id)
    assert (undone.graph, undone.can_undo, undone.can_redo) == (one.graph, True, True)
    assert later.redo(empty.id).graph == two.graph
    redone = later.redo(empty.id)
    assert (redone.graph, redone.settings) == (three.graph, three.settings)
    assert (redone.can_undo, redone.can_redo) == (True, False)
    assert redone.revision == three.revision + 4
    reopened.close()


def test_a_new_edit_after_undo_drops_what_could_be_redone(
    service: ExperimentService, empty: Experiment
) -> None:
    one = edit(service, empty, AddBlock(block=block("first", "flatten")))
    edit(service, one, AddBlock(block=block("second", "flatten")))
    undone = service.undo(empty.id)
    other = edit(service, undone, AddBlock(block=block("third", "flatten")))

    assert [item.id for item in other.graph.blocks] == ["first", "third"]
    assert not other.can_redo
    with pytest.raises(BlockwrightError) as caught:
        service.redo(empty.id)
    assert code_of(caught) == "graph.nothing_to_redo"
    assert service.get(empty.id).revision == other.revision  # a refused step changes nothing


def test_there_is_nothing_to_undo_at_the_start(
    service: ExperimentService, empty: Experiment
) -> None:
    with pytest.raises(BlockwrightError) as caught:
        service.undo(empty.id)

    assert code_of(caught) == "graph.nothing_to_undo"


def test_an_edit_on_an_outdated_revision_is_refused_and_nothing_is_lost(
    service: ExperimentService, empty: Experiment
) -> None:
    edit(service, empty, AddBlock(block=block("mine", "flatten")))
    with pytest.raises(BlockwrightError) as caught:
        edit(service, empty, AddBlock(block=block("theirs", "flatten")))

    assert code_of(caught) == "graph.edited_elsewhere"
    assert [item.id for item in service.get(empty.id).graph.blocks] == ["mine"]


def test_of_edits_at_the_same_moment_exactly_one_is_accepted(
    service: ExperimentService, empty: Experiment
) -> None:
    outcomes: list[str] = []

    def try_one(number: int) -> None:
        try:
            edit(service, empty, AddBlock(block=block(f"b{number}", "flatten")))
            outcomes.append("accepted")
        except BlockwrightError as refusal:
            outcomes.append(refusal.problem.code)

    threads = [threading.Thread(target=try_one, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(outcomes) == ["accepted", *["graph.edited_elsewhere"] * 7]
    assert len(service.get(empty.id).graph.blocks) == 1


def test_a_refused_operation_takes_its_whole_step_with_it(
    service: ExperimentService, empty: Experiment
) -> None:
    with pytest.raises(BlockwrightError) as caught:
        edit(service, empty, AddBlock(block=block("a", "flatten")), RemoveBlock(block_id="gone"))

    assert code_of(caught) == "graph.edit_impossible"
    assert service.get(empty.id) == empty


def test_settings_out_of_range_and_versions_of_others_are_refused(
    database: Database, service: ExperimentService, empty: Experiment
) -> None:
    save_version(database, "ver_9", project_id="prj_2")
    with pytest.raises(BlockwrightError) as caught:
        edit(service, empty, SetSetting(name="batch_size", value=0))
    assert code_of(caught) == "graph.setting_out_of_range"
    for version in ("ver_9", "ver_missing"):
        with pytest.raises(BlockwrightError) as caught:
            edit(service, empty, SetSetting(name="version_id", value=version))
        assert code_of(caught) == "graph.version_not_in_project"


def test_browsers_are_told_of_every_change(
    database: Database, service: ExperimentService, empty: Experiment
) -> None:
    edit(service, empty, AddBlock(block=block("a", "flatten")))
    service.undo(empty.id)
    with database.transaction() as session:
        told = [
            logged.event.model_dump(include={"type", "experiment_id", "revision"})
            for logged in events_after(session, 0)
        ]

    assert told == [
        {"type": "experiment_changed", "experiment_id": empty.id, "revision": revision}
        for revision in (0, 1, 2)
    ]


def test_copies_get_the_next_free_name_and_their_own_graph(
    service: ExperimentService, empty: Experiment
) -> None:
    first = edit(service, empty, AddBlock(block=block("a", "flatten")))
    second, third = service.duplicate(empty.id), service.duplicate(empty.id)
    edit(service, first, AddBlock(block=block("b", "flatten")))

    assert [second.name, third.name] == ["Experiment v2", "Experiment v3"]
    assert service.get(second.id).graph == first.graph
    plain = service.rename(empty.id, ExperimentRename(name="Birds"))
    assert service.duplicate(plain.id).name == "Birds v2"


def test_two_experiments_never_share_a_name(service: ExperimentService) -> None:
    project_id = "prj_1"
    first = service.create(project_id, ExperimentCreate(name="Birds v1"))
    second = service.create(project_id, ExperimentCreate(name="Birds v2"))
    for act in (
        lambda: service.create(project_id, ExperimentCreate(name="birds V1 ")),
        lambda: service.rename(second.id, ExperimentRename(name="Birds v1")),
    ):
        with pytest.raises(BlockwrightError) as caught:
            act()
        assert caught.value.problem.code == "graph.name_taken"
    assert service.rename(first.id, ExperimentRename(name="birds v1")).name == "birds v1"

    service.bin(first.id)
    service.create(project_id, ExperimentCreate(name="birds v1"))
    assert service.restore(first.id).name == "birds v3"


def test_the_bin_gives_back_what_was_put_there(
    service: ExperimentService, empty: Experiment
) -> None:
    service.bin(empty.id)
    assert service.list_all("prj_1") == []
    for call in (service.get, service.undo, service.duplicate):
        with pytest.raises(BlockwrightError) as caught:
            call(empty.id)
        assert code_of(caught) == "graph.experiment_not_found"

    assert service.restore(empty.id).graph == empty.graph
    assert [item.id for item in service.list_all("prj_1")] == [empty.id]


def test_an_unknown_project_has_no_experiments_to_make(service: ExperimentService) -> None:
    with pytest.raises(BlockwrightError) as caught:
        service.create("prj_none", ExperimentCreate(name="Experiment v1"))

    assert code_of(caught) == "graph.project_not_found"


def resnet_card() -> SnippetCard:
    return next(card for card in catalogue().snippets if card.label.en == "ResNetv2 large 50")


def repair_of(state: Experiment, label: str) -> list[Operation]:
    found = [p.repair for p in state.analysis.problems if p.repair and p.repair.label == label]
    assert found, f"{label} among {[p.problem.message for p in state.analysis.problems]}"
    return found[0].operations


def test_the_tutorials_model_is_built_step_by_step(
    service: ExperimentService, empty: Experiment
) -> None:
    state = edit(service, empty, AddBlock(block=block("in", "input")))
    state = edit(service, state, SetParam(block_id="in", name="source", value="fname"))
    assert state.analysis.blocks["in"].output_shape == [256, 256]
    state = edit(
        service, state, AddBlock(block=block("bn", "batch_normalization")), wire("in", "bn")
    )
    snippet = resnet_card().graph
    state = edit(
        service,
        state,
        *(AddBlock(block=item) for item in snippet.blocks),
        *(AddWire(wire=item) for item in snippet.wires),
    )
    state = edit(service, state, RemoveBlock(block_id="input"))
    state = edit(service, state, wire("bn", "resnet"))
    state = edit(service, state, *repair_of(state, "Insert Reshape to (256, 256, 1)"))
    assert state.analysis.blocks["reshape_1"].output_shape == [256, 256, 1]
    assert state.analysis.blocks["resnet"].output_shape == [2048]
    state = edit(service, state, SetParam(block_id="dense", name="activation", value="relu"))
    state = edit(
        service,
        state,
        RemoveWire(wire_id="dense-target"),
        AddBlock(block=block("last", "dense")),
        wire("dense", "last"),
        wire("last", "target"),
    )
    state = edit(service, state, SetParam(block_id="target", name="source", value="labels"))
    state = edit(service, state, *repair_of(state, "Set Nodes to 80 and Activation to Sigmoid"))
    assert not state.analysis.can_run
    state = edit(service, state, *repair_of(state, "Set Loss to Binary crossentropy"))

    assert state.analysis.can_run
    assert [item.problem.code for item in state.analysis.problems] == ["graph.no_dropout"]
    assert state.analysis.parameters == 24_649_680
    assert service.list_all("prj_1")[0].error_count == 0
    for _ in range(state.revision):
        service.undo(empty.id)
    assert service.get(empty.id).graph == empty.graph


def test_snippets_come_fitted_to_the_data_of_the_experiment(
    service: ExperimentService, empty: Experiment
) -> None:
    fitted = {card.name: card.graph for card in service.snippets(empty.id)}
    ends = {block.kind: block.params for block in fitted["cnn_small"].blocks}
    assert ends["input"]["source"] == "fname"
    assert (ends["target"]["source"], ends["target"]["loss"]) == ("labels", "binary_crossentropy")
    assert ends["dense"]["nodes"] == 80


def test_a_version_of_an_older_studio_is_offered_the_preset_of_its_encoding(
    database: Database, service: ExperimentService
) -> None:
    save_version(database, "ver_1")
    with database.transaction() as session:
        version = session.get_one(VersionRow, "ver_1")
        told = version.data_schema["sources"]
        for source in told:
            del source["is_spectrogram"]
        version.data_schema = {**version.data_schema, "sources": told}
    assert service.presets("prj_1") == []
    with database.transaction() as session:
        encoding = {"kind": "audio", "spectrogram": {"mel_bands": 128}}
        session.get_one(VersionRow, "ver_1").data_plan = {"encodings": {"fname": encoding}}
    assert [card.inputs for card in service.presets("prj_1")] == [["fname"]]


def test_an_experiment_begins_with_a_preset(database: Database, service: ExperimentService) -> None:
    save_version(database, "ver_1")
    assert service.presets("prj_1") == []
    data = save_version(database, "ver_2", sound=True)
    (card,) = service.presets("prj_1")
    wanted = PresetChoice(name=card.name, target="labels")
    made = service.create("prj_1", ExperimentCreate(name="Experiment v1", preset=wanted))
    assert made.analysis.can_run
    assert made.settings.version_id == data.version_id
    assert made.settings.mixup > 0
    assert not made.can_undo
    assert service.get(made.id) == made


def test_snippets_of_an_experiment_that_is_gone_are_refused(service: ExperimentService) -> None:
    with pytest.raises(BlockwrightError) as problem:
        service.snippets("exp_gone")
    assert code_of(problem) == "graph.experiment_not_found"
