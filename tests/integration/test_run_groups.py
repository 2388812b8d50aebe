"""Searches and fold runs on a real database: trials are runs, and a restart loses nothing."""

from __future__ import annotations

import statistics

import numpy as np
import pytest

from blockwright.contracts.data import DataSchema
from blockwright.contracts.graph import GraphDocument
from blockwright.contracts.problems import BlockwrightError
from blockwright.contracts.queue import Limits
from blockwright.contracts.run_groups import FoldRunsCreate, RunGroup, SearchCreate
from blockwright.contracts.subsets import Subset, SubsetRule
from blockwright.contracts.work import TrainPlan
from blockwright.graph.folds import fold_sets
from blockwright.graph.service import ExperimentService
from blockwright.store.tables import ExperimentRow, RunRow, VersionRow
from blockwright.training.group_service import RunGroupService
from tests.support.real_queue import small_experiment, train
from tests.support.tiny_run import TinyStudio, make_tiny_studio

RATE = {"kind": "range", "name": "learning_rate", "low": 1e-5, "high": 1e-1, "log": True}
SIZES = {"kind": "values", "name": "batch_size", "values": [8, 16]}
RULES = {"kind": "values", "name": "optimizer", "values": ["adam", "sgd"]}


@pytest.fixture
def studio(tmp_path) -> TinyStudio:
    return make_tiny_studio(tmp_path / "studio")


def groups_of(studio: TinyStudio, **more) -> RunGroupService:
    return RunGroupService(studio.database, studio.files, **more)


def search(method: str, *varied, **more) -> SearchCreate:
    return SearchCreate.model_validate(
        {"name": "Rates", "method": method, "varied": list(varied), **more}
    )


def values_of(group: RunGroup) -> list[dict]:
    return [trial.values for trial in group.trials]


def refusal(studio: TinyStudio, wanted: SearchCreate, **more) -> str:
    with pytest.raises(BlockwrightError) as caught:
        groups_of(studio, **more).create(studio.experiment(), wanted)
    assert studio.runs.list_all(studio.project_id).runs == []
    return caught.value.problem.message


def state_of(studio: TinyStudio, group: RunGroup) -> tuple[str, list[str]]:
    told = groups_of(studio).get(group.id)
    return told.state, [trial.state for trial in told.trials]


def test_a_grid_trains_every_combination_as_a_normal_run(forks, studio):
    groups = groups_of(studio)
    wanted = search("grid", SIZES, RULES)
    experiment = small_experiment(studio, epochs=2)
    assert groups.forecast(experiment, wanted).trials == 4
    group = groups.create(experiment, wanted)
    assert (group.total, len(group.trials), group.state) == (4, 1, "running")
    with studio.database.transaction() as session:  # later edits do not change it
        row = session.get_one(ExperimentRow, experiment)
        row.settings = {**row.settings, "learning_rate": 77.0}

    train(forks, studio)
    told = groups.get(group.id)
    assert told.state == "done"
    assert values_of(told) == [
        {"batch_size": size, "optimizer": rule} for size in (8, 16) for rule in ("adam", "sgd")
    ]
    runs = {run.id: run for run in studio.runs.list_all(studio.project_id).runs}
    for trial in told.trials:
        run = runs[trial.run_id]
        assert run.settings.batch_size == trial.values["batch_size"]
        assert (run.group_id, run.trial.number, run.state) == (group.id, trial.number, "done")
        assert (run.settings.seed, run.settings.learning_rate) == (42, 0.001)
        assert (trial.epochs, trial.value) == (2, run.best_value)
        assert trial.seconds == pytest.approx(sum(epoch.seconds for epoch in run.epochs))
    best = next(trial for trial in told.trials if trial.run_id == told.best_run_id)
    assert best.value == max(trial.value for trial in told.trials)
    assert groups.forecast(experiment, wanted).seconds > 0


def test_optuna_proposes_prunes_and_says_so(forks, studio):
    groups = groups_of(studio)
    experiment = small_experiment(studio, epochs=4)
    group = groups.create(experiment, search("optuna", RATE, trials=12))
    train(forks, studio)
    told = groups.get(group.id)
    pruned = [trial for trial in told.trials if trial.pruned]
    assert (told.state, len(told.trials)) == ("done", 12)
    assert pruned
    # It is asked within the epoch that follows, which may be over by then.
    assert all(2 <= trial.epochs <= 4 for trial in pruned)
    run = studio.runs.get(pruned[0].run_id)
    assert (run.state, run.problem.code) == ("stopped", "search.pruned")
    assert f"stopped this trial after epoch {pruned[0].epochs}" in run.problem.message
    best = max(told.trials, key=lambda trial: trial.value or 0)
    assert told.best_run_id == best.run_id


def test_a_search_that_is_interrupted_by_a_restart_tries_the_same(forks, tmp_path):
    def tried(name: str, *, restart_after: int | None) -> list[dict]:
        folder = tmp_path / name
        studio = make_tiny_studio(folder)
        # Nothing is pruned: when a trial hears of it depends on the clock.
        wanted = search("optuna", RATE, RULES, trials=7, run_seeds="each", prune=False)
        group = groups_of(studio).create(small_experiment(studio, epochs=1), wanted)
        if restart_after is not None:

            def seen_enough() -> bool:
                return state_of(studio, group)[1].count("done") >= restart_after

            train(forks, studio, until=seen_enough)
            studio.database.close()
            studio = make_tiny_studio(folder)  # all that is known comes from its tables
        train(forks, studio)
        runs = {run.id: run.settings.seed for run in studio.runs.list_all(studio.project_id).runs}
        trials = groups_of(studio).get(group.id).trials
        return [{**each.values, "seed": runs[each.run_id], "v": each.value} for each in trials]

    whole = tried("whole", restart_after=None)
    assert len({each["seed"] for each in whole}) == 7
    assert tried("restarted", restart_after=3) == whole


def test_a_stopped_search_queues_no_more_and_keeps_what_it_has(forks, studio):
    groups = groups_of(studio)
    wanted = search("random", RATE, trials=8, at_once=2)
    group = groups.create(small_experiment(studio, epochs=1), wanted)
    assert len(group.trials) == 2
    train(forks, studio, until=lambda: "done" in state_of(studio, group)[1])
    groups.stop(group.id)
    train(forks, studio)  # one may have been under way
    state, trials = state_of(studio, group)
    assert state == "stopped"
    assert set(trials) == {"done", "stopped"}
    assert len(trials) < 8
    assert groups.stop(group.id).state == "stopped"


def test_a_paused_trial_lets_the_search_go_on(studio):
    group = groups_of(studio).create(studio.experiment(), search("grid", SIZES))
    first = group.trials[0].run_id
    studio.runs.pause(first)
    assert state_of(studio, group) == ("running", ["paused", "queued"])
    studio.runs.stop(groups_of(studio).get(group.id).trials[1].run_id)
    assert state_of(studio, group) == ("running", ["paused", "stopped"])
    studio.runs.stop(first)
    assert state_of(studio, group) == ("done", ["stopped", "stopped"])


def test_a_trial_that_ends_early_does_not_end_the_search(studio):
    group = groups_of(studio).create(studio.experiment(), search("grid", SIZES))
    studio.runs.stop(group.trials[0].run_id)
    assert state_of(studio, group) == ("running", ["stopped", "queued"])
    assert groups_of(studio).get(group.id).mean is None


def test_what_cannot_be_searched_is_refused_in_words(studio):
    flat = {"kind": "range", "name": "learning_rate", "low": 0.1, "high": 0.1}
    zero = {"kind": "range", "name": "epochs", "low": 0, "high": 5, "log": True}
    rule = {"kind": "values", "name": "optimizer", "values": ["magic"]}
    many = {"kind": "values", "name": "epochs", "values": list(range(1, 51))}
    more = {"kind": "values", "name": "batch_size", "values": list(range(1, 22))}
    wide = {"kind": "values", "name": "batch_size", "values": [8, 60_000]}
    told = {
        "Learning rate cannot go from 0.1 to 0.1.": search("random", flat),
        "Epochs cannot go from 0 to 5.": search("random", zero),
        "A grid tries every combination of values, and Learning rate has a range.": search(
            "grid", RATE
        ),
        "Batch size is named twice.": search("grid", SIZES, SIZES),
        "Optimizer cannot be magic: it must be one of adam, ": search("grid", rule),
        "version_id is no setting that a search can vary.": search(
            "grid", {"kind": "values", "name": "version_id", "values": ["x"]}
        ),
        "These values have 1,050 combinations": search("grid", many, more),
    }
    for words, wanted in told.items():
        assert refusal(studio, wanted).startswith(words)
    small = {"kind": "values", "name": "snippet", "values": ["cnn_small"]}
    assert "larger than its input (1, 1, 256)" in refusal(studio, search("grid", small))
    limits = Limits(memory_bytes=2**30)
    message = refusal(studio, search("grid", wide), limits=limits)
    assert message.startswith("With Batch size 60000 the experiment cannot run:")


def test_snippets_take_the_place_of_the_model_between_its_ends(studio):
    experiment = studio.experiment(epochs=1)
    with studio.database.transaction() as session:  # ResNet needs pictures of 32 × 32
        version, row = (
            session.get_one(VersionRow, "ver_tiny"),
            session.get_one(ExperimentRow, experiment),
        )
        schema = DataSchema.model_validate(version.data_schema)
        schema.sources[0].shape = [32, 32]
        graph = GraphDocument.model_validate(row.graph)
        graph.blocks[1].params["target_shape"] = [32, 32, 1]
        version.data_schema = schema.model_dump(mode="json")
        row.graph = graph.model_dump(mode="json")
    snippets = {"kind": "values", "name": "snippet", "values": ["as_drawn", "resnet_v2_large_50"]}
    group = groups_of(studio).create(experiment, search("grid", snippets, at_once=2))
    drawn, snippet = (studio.runs.get(trial.run_id) for trial in group.trials)
    assert snippet.parameters > 100 * drawn.parameters
    with studio.database.transaction() as session:
        plan = TrainPlan.model_validate(session.get_one(RunRow, snippet.id).plan)
    assert "resnet" in {block.id for block in plan.graph.blocks}


def with_folds(studio: TinyStudio, subsets: list[Subset]) -> None:
    with studio.database.transaction() as session:
        row = session.get_one(VersionRow, "ver_tiny")
        added = [subset.model_dump(mode="json") for subset in subsets]
        schema = {**row.data_schema, "subsets": [*row.data_schema["subsets"], *added]}
        row.data_schema = schema
        row.data_plan = {**row.data_plan, "data_schema": schema}


def k_folds(count: int) -> list[Subset]:
    made = []
    for fold in range(1, count + 1):
        inside = SubsetRule(kind="k_fold", folds=count, fold=fold)
        rest = SubsetRule(kind="rest", of=[f"in_{fold}"])
        made += [Subset(id=f"in_{fold}", name=f"Fold {fold}", rule=inside, rows=4)]
        made += [Subset(id=f"out_{fold}", name=f"Without fold {fold}", rule=rest, rows=8)]
    return made


def write_folds(studio: TinyStudio, count: int) -> None:
    """Let the version's files say which rows are in which fold."""
    file = studio.files.root / "versions" / "ver_tiny" / "subsets.npz"
    with np.load(file) as stored:
        subsets = dict(stored)
    rows = np.concatenate([subsets["training"], subsets["validation"]])
    for fold in range(1, count + 1):
        inside = rows % count == fold - 1
        subsets |= {f"in_{fold}": rows[inside], f"out_{fold}": rows[~inside]}
    np.savez(file, **subsets)


def test_folds_train_one_run_each_and_tell_mean_and_deviation(forks, studio):
    with_folds(studio, k_folds(3))
    write_folds(studio, 3)
    groups = groups_of(studio)
    experiment = small_experiment(studio, epochs=1)
    (folds,) = groups.fold_sets(experiment)
    wanted = FoldRunsCreate(name="Three folds", folds_id=folds.id)
    assert groups.forecast(experiment, wanted).trials == 3
    group = groups.create(experiment, wanted)
    assert [trial.state for trial in group.trials] == ["queued"] * 3

    train(forks, studio)
    told = groups.get(group.id)
    assert values_of(told) == [{"fold": "Fold 1"}, {"fold": "Fold 2"}, {"fold": "Fold 3"}]
    values = [trial.value for trial in told.trials]
    assert len(set(values)) > 1
    assert told.mean == pytest.approx(statistics.fmean(values))
    assert told.deviation == pytest.approx(statistics.stdev(values))
    assert told.can_average
    for trial in told.trials:
        settings = studio.runs.get(trial.run_id).settings
        assert settings.training_subset_id == f"out_{trial.number}"
        assert settings.validation_subset_id == f"in_{trial.number}"


def test_a_version_without_folds_says_where_to_make_them(studio):
    assert groups_of(studio).fold_sets(studio.experiment()) == []
    with pytest.raises(BlockwrightError, match="has no such folds"):
        groups_of(studio).create(
            studio.experiment(), FoldRunsCreate(name="x", folds_id="k_fold 5/42//")
        )


def test_folds_of_a_column_are_found_by_their_rules_and_not_by_their_names(studio):
    def column(key: str, *values: str) -> Subset:
        rule = SubsetRule(kind="fold", feature="fold", values=list(values))
        return Subset(id=key, name=f"anything {key}", rule=rule, rows=1)

    whole = [
        column("a", "1"),
        column("not_a", "2", "3"),
        column("b", "2"),
        column("not_b", "1", "3"),
    ]
    whole += [column("c", "3"), column("not_c", "1", "2")]
    with_folds(studio, [*whole, *k_folds(2)[:2]])  # the second fold of two is missing
    with studio.database.transaction() as session:
        found = fold_sets(
            DataSchema.model_validate(session.get_one(VersionRow, "ver_tiny").data_schema)
        )
    assert [each.id for each in found] == ["column fold"]
    pairs = [(fold.validation_subset_id, fold.training_subset_id) for fold in found[0].folds]
    assert pairs == [("a", "not_a"), ("b", "not_b"), ("c", "not_c")]


def test_neither_trials_nor_runs_that_never_began_stand_for_the_experiment(studio):
    experiment = studio.experiment()

    def shown() -> str | None:
        (listed,) = ExperimentService(studio.database).list_all(studio.project_id)
        return listed.latest_run_id

    group = groups_of(studio).create(experiment, search("grid", SIZES, RULES))
    assert shown() == group.trials[0].run_id
    own = studio.runs.create(experiment)
    out = studio.runs.create(experiment)
    assert shown() == out.id
    studio.runs.stop(out.id)
    assert shown() == own.id
    groups_of(studio).create(experiment, search("grid", SIZES))
    assert shown() == own.id
