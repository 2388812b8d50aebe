"""Searches and fold runs on a real database: trials are runs, and a restart loses nothing."""

from __future__ import annotations

import math

import pytest

from blockwright.contracts.data import DataSchema
from blockwright.contracts.graph import GraphDocument
from blockwright.contracts.problems import BlockwrightError
from blockwright.contracts.queue import Limits
from blockwright.contracts.run_groups import FoldRunsCreate, RunGroup, SearchCreate
from blockwright.contracts.subsets import Subset, SubsetRule
from blockwright.contracts.work import TrainPlan
from blockwright.graph.folds import fold_sets
from blockwright.store.tables import ExperimentRow, VersionRow
from blockwright.training.group_service import RunGroupService
from tests.support.fake_worker import play
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


def by_rate(plan: TrainPlan, epoch: int) -> float:
    """Give a value that is best near a learning rate of 0.01, and grows by epoch."""
    best = 1 - abs(math.log10(plan.settings.learning_rate) + 2) / 4
    return best * (1 - 0.5**epoch)


def values_of(group: RunGroup) -> list[dict]:
    return [trial.values for trial in group.trials]


def refusal(studio: TinyStudio, wanted: SearchCreate, **more) -> str:
    with pytest.raises(BlockwrightError) as caught:
        groups_of(studio, **more).create(studio.experiment(), wanted)
    assert studio.runs.list_all(studio.project_id).runs == []
    return caught.value.problem.message


def test_a_grid_trains_every_combination_as_a_normal_run(studio):
    groups = groups_of(studio)
    wanted = search("grid", SIZES, RULES)
    experiment = studio.experiment(epochs=2)
    assert groups.forecast(experiment, wanted).trials == 4
    group = groups.create(experiment, wanted)
    assert (group.total, len(group.trials), group.state) == (4, 1, "running")

    play(studio, lambda plan, epoch: plan.settings.batch_size / 100 + epoch / 1000)
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
        assert run.settings.seed == 42
        assert trial.epochs == 2
    best = next(trial for trial in told.trials if trial.run_id == told.best_run_id)
    assert best.values["batch_size"] == 16
    assert groups.forecast(experiment, wanted).seconds == pytest.approx(4 * 2 * 2.0)


def test_later_edits_do_not_change_a_search_that_runs(studio):
    experiment = studio.experiment(epochs=1)
    group = groups_of(studio).create(experiment, search("grid", SIZES))
    with studio.database.transaction() as session:
        row = session.get_one(ExperimentRow, experiment)
        row.settings = {**row.settings, "epochs": 77}
    play(studio, lambda _plan, _epoch: 0.5)
    told = groups_of(studio).get(group.id)
    assert [trial.epochs for trial in told.trials] == [1, 1]


def test_optuna_proposes_prunes_and_says_so(studio):
    groups = groups_of(studio)
    group = groups.create(studio.experiment(epochs=4), search("optuna", RATE, trials=14))
    play(studio, by_rate)
    told = groups.get(group.id)
    pruned = [trial for trial in told.trials if trial.pruned]
    assert (told.state, len(told.trials)) == ("done", 14)
    assert 1 <= len(pruned) <= 9
    assert all(2 <= trial.epochs < 4 for trial in pruned)
    run = studio.runs.get(pruned[0].run_id)
    assert (run.state, run.problem.code, run.can_continue) == ("stopped", "search.pruned", True)
    assert f"stopped this trial after epoch {pruned[0].epochs}" in run.problem.message
    best = max(told.trials, key=lambda trial: trial.value or 0)
    assert told.best_run_id == best.run_id
    assert not best.pruned


def test_a_search_that_is_interrupted_by_a_restart_tries_the_same(tmp_path):
    def tried(name: str, *, restart_after: int | None) -> list[dict]:
        folder = tmp_path / name
        studio = make_tiny_studio(folder)
        wanted = search("optuna", RATE, RULES, trials=9, run_seeds="each")
        group = groups_of(studio).create(studio.experiment(epochs=3), wanted)
        if restart_after is not None:
            play(studio, by_rate, most=restart_after)
            studio.database.close()
            studio = make_tiny_studio(folder)  # all that is known comes from its tables
        play(studio, by_rate)
        runs = {run.id: run.settings.seed for run in studio.runs.list_all(studio.project_id).runs}
        trials = groups_of(studio).get(group.id).trials
        return [{**each.values, "seed": runs[each.run_id], "v": each.value} for each in trials]

    whole = tried("whole", restart_after=None)
    assert len({each["seed"] for each in whole}) == 9
    assert tried("restarted", restart_after=6) == whole


def test_a_stopped_search_queues_no_more_and_keeps_what_it_has(studio):
    groups = groups_of(studio)
    group = groups.create(studio.experiment(epochs=1), search("random", RATE, trials=8))
    play(studio, by_rate, most=3)
    told = groups.stop(group.id)
    assert told.state == "stopped"
    assert [trial.state for trial in told.trials] == ["done"] * 3 + ["stopped"]
    assert play(studio, by_rate) == []
    assert groups.stop(group.id).state == "stopped"


def test_several_trials_wait_at_once_when_asked_for(studio):
    wanted = search("random", RATE, trials=5, at_once=3)
    group = groups_of(studio).create(studio.experiment(epochs=1), wanted)
    assert len(group.trials) == 3
    play(studio, by_rate)
    assert len(groups_of(studio).get(group.id).trials) == 5


def test_a_failed_trial_does_not_end_the_search(studio):
    group = groups_of(studio).create(studio.experiment(epochs=1), search("grid", SIZES))
    studio.runs.stop(group.trials[0].run_id)
    play(studio, by_rate)
    told = groups_of(studio).get(group.id)
    assert [trial.state for trial in told.trials] == ["stopped", "done"]
    assert (told.state, told.mean) == ("done", None)


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
        "Optimizer cannot be magic.": search("grid", rule),
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
    group = groups_of(studio).create(experiment, search("grid", snippets))
    play(studio, lambda plan, _epoch: 0.1 + ("resnet" in {b.id for b in plan.graph.blocks}))
    told = groups_of(studio).get(group.id)
    drawn, snippet = (studio.runs.get(trial.run_id) for trial in told.trials)
    assert snippet.parameters > 100 * drawn.parameters
    assert told.best_run_id == snippet.id


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


def test_folds_train_one_run_each_and_tell_mean_and_deviation(studio):
    with_folds(studio, k_folds(3))
    groups = groups_of(studio)
    experiment = studio.experiment(epochs=1)
    (folds,) = groups.fold_sets(experiment)
    wanted = FoldRunsCreate(name="Three folds", folds_id=folds.id)
    assert groups.forecast(experiment, wanted).trials == 3
    group = groups.create(experiment, wanted)
    assert [trial.state for trial in group.trials] == ["queued"] * 3

    play(studio, lambda plan, _epoch: int(plan.settings.validation_subset_id[-1]) / 10)
    told = groups.get(group.id)
    assert values_of(told) == [{"fold": "Fold 1"}, {"fold": "Fold 2"}, {"fold": "Fold 3"}]
    assert (told.mean, told.deviation) == (pytest.approx(0.2), pytest.approx(0.1))
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
