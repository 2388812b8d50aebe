"""A run that goes on from another: which settings may be other, and what is carried on."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from blockwright.contracts.data import DataSource
from blockwright.contracts.problems import BlockwrightError
from blockwright.contracts.runs import FollowUpOutlook, Run, RunFollowUp
from blockwright.contracts.work import TrainPlan
from blockwright.graph.schedules import Schedule
from blockwright.jobs import service
from blockwright.store import leases
from blockwright.store.tables import RunRow
from tests.integration.test_exact_resume import EPOCHS, GRAPHS, STEPS, plan_on_tiny
from tests.integration.test_training_runs import ended_epoch
from tests.support.broken_runs import BreakingSink, last_numbers, require_same, train_through
from tests.support.tiny_run import TinyStudio, make_tiny_studio

MORE = 2


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> tuple[TrainPlan, float]:
    """Train the run that others go on from; give its plan and its first loss."""
    plan = plan_on_tiny(tmp_path_factory.mktemp("first"), GRAPHS["dense"])
    return plan, train_through(plan, []).epochs[1].training["loss"]


def further(plan: TrainPlan, folder: Path, *, with_optimizer: bool, **settings) -> TrainPlan:
    return plan.model_copy(
        update={
            "run_folder": str(folder / "run"),
            "settings": plan.settings.model_copy(update={"epochs": EPOCHS + MORE, **settings}),
            "start_from": f"{plan.run_folder}/checkpoints/epoch_{EPOCHS}",
            "start_with_optimizer": with_optimizer,
            "schedule_from": 0 if with_optimizer else EPOCHS,
        }
    )


def steps_counted(plan: TrainPlan) -> int:
    """Give what the optimiser of a finished run counts as its steps."""
    counts = [each for each in last_numbers(plan) if each.dtype.kind == "i" and each.ndim == 0]
    return int(counts[0])


def test_the_same_optimizer_goes_on_with_what_it_remembers(first, tmp_path) -> None:
    plan = further(first[0], tmp_path, with_optimizer=True, label_smoothing=0.1)
    told = train_through(plan, [])
    assert list(told.epochs) == [EPOCHS + 1, EPOCHS + 2]
    assert steps_counted(plan) == STEPS * (EPOCHS + MORE)


def test_another_optimizer_and_schedule_begin_anew_on_the_weights(first, tmp_path) -> None:
    other = {"optimizer": "sgd", "schedule": "cosine", "learning_rate": 0.05}
    plan = further(first[0], tmp_path / "whole", with_optimizer=False, **other)
    told = train_through(plan, [])
    assert steps_counted(plan) == STEPS * MORE
    assert told.epochs[EPOCHS + 1].training["loss"] < first[1]
    anew = Schedule(plan.settings.model_copy(update={"epochs": MORE}), steps_per_epoch=STEPS)
    rates = [told.epochs[epoch].signals.learning_rate for epoch in (EPOCHS + 1, EPOCHS + 2)]
    np.testing.assert_allclose(rates, [anew.rate(STEPS - 1), anew.rate(2 * STEPS - 1)], rtol=1e-6)

    broken = further(first[0], tmp_path / "broken", with_optimizer=False, **other)
    breaks = [BreakingSink(stop_at=3), BreakingSink(kill_at=4), BreakingSink(kill_before=1)]
    require_same(broken, train_through(broken, breaks), plan, told)


@pytest.fixture
def studio(tmp_path) -> TinyStudio:
    return make_tiny_studio(tmp_path / "studio")


def trained(studio: TinyStudio, **settings) -> Run:
    """Give a run of which two epochs are recorded."""
    run = studio.runs.create(studio.experiment(**settings))
    with studio.database.transaction() as session:
        row = leases.claim_next(session, workers=1)
        service.record_start(session, row)
        for epoch in (1, 2):
            service.record(session, row, ended_epoch(epoch), studio.files)
    return run


def outlook(studio: TinyStudio, run: Run, **settings) -> FollowUpOutlook:
    wanted = RunFollowUp(epochs=4, settings=settings)
    return studio.runs.follow_up_outlook(run.id, wanted)


def test_what_goes_on_and_what_begins_anew_is_told_beforehand(studio) -> None:
    run = trained(studio, schedule="cosine")
    same = outlook(studio, run, label_smoothing=0.1, mixup=0.2, weight_decay=0.1)
    assert (same.first_epoch, same.last_epoch) == (3, 6)
    assert (same.keeps_optimizer, same.keeps_schedule) == (True, True)
    assert (same.settings.mixup, same.settings.epochs) == (0.2, 6)
    for changed in ({"optimizer": "adamw"}, {"average": 0.9}, {"accumulate": 2}):
        assert not outlook(studio, run, **changed).keeps_optimizer
    for changed in ({"learning_rate": 0.01}, {"schedule": "one_cycle"}, {"warmup": 1}):
        assert not outlook(studio, run, **changed).keeps_schedule
    assert outlook(studio, run, schedule="constant").keeps_schedule  # nothing to begin
    assert {"optimizer", "time_masks", "seed", "best_by", "weight_feature"} <= set(same.changeable)


def test_the_schedule_is_checked_on_the_epochs_that_it_goes_over(studio) -> None:
    run = trained(studio, schedule="cosine", warmup=1)
    outlook(studio, run)  # goes on within a run of six epochs
    for ask in (studio.runs.follow_up_outlook, studio.runs.follow_up):
        with pytest.raises(BlockwrightError) as caught:
            ask(run.id, RunFollowUp(epochs=4, settings={"warmup": 5}))
        assert caught.value.problem.code == "graph.warmup_too_long"
        assert "5 epochs takes the whole run of 4 epochs" in caught.value.problem.message
    assert outlook(studio, run, warmup=3).warnings == []
    anew = RunFollowUp(start="anew", epochs=6, settings={"warmup": 5})
    studio.runs.follow_up_outlook(run.id, anew)  # six epochs of its own


def test_a_warning_before_run_is_told_of_a_run_that_goes_on(studio) -> None:
    run = trained(studio)
    told = outlook(studio, run, schedule="step", drop_every=5).warnings
    assert [each.code for each in told] == ["graph.never_drops"]


def test_rows_may_count_by_a_feature_of_the_data(studio) -> None:
    run = trained(studio)
    with studio.database.transaction() as session:
        row = session.get_one(RunRow, run.id)
        plan = TrainPlan.model_validate(row.plan)
        trust = DataSource(name="trust", kind="numeric", shape=[], features=["trust"])
        plan.data.data_schema.sources.append(trust)
        row.plan = plan.model_dump(mode="json")
    told = outlook(studio, run, weight_feature="trust")
    assert told.weight_features == ["trust"]
    assert told.settings.weight_feature == "trust"


def test_model_and_data_stay_and_wrong_values_are_told(studio) -> None:
    run = trained(studio)
    told = {
        "“Training subset” cannot be other": {"training_subset_id": "other"},
        "“Epochs” cannot be other": {"epochs": 9},
        "Batch size": {"batch_size": 0},
        "Optimizer": {"optimizer": "magic"},
    }
    for words, changed in told.items():
        with pytest.raises(BlockwrightError) as caught:
            outlook(studio, run, **changed)
        assert words in caught.value.problem.message, caught.value
    assert "Duplicate as an experiment" in refusal_fix(studio, run)


def refusal_fix(studio: TinyStudio, run: Run) -> str:
    with pytest.raises(BlockwrightError) as caught:
        outlook(studio, run, version_id="ver_other")
    return caught.value.problem.fix
