"""What a search proposes: combinations, by chance, by Optuna; always the same."""

from __future__ import annotations

import math

import pytest

from blockwright.contracts.run_groups import SearchCreate, VariedRange, VariedValues
from blockwright.training.search import (
    PastTrial,
    count_trials,
    propose,
    run_seed,
    should_prune,
)

SIZES = VariedValues(name="batch_size", values=[8, 16, 32])
RULES = VariedValues(name="optimizer", values=["adam", "sgd"])
RATE = VariedRange(name="learning_rate", low=1e-5, high=1e-1, log=True)
EPOCHS = VariedRange(name="epochs", low=3, high=9)


def search(method: str, *varied: object, **more: object) -> SearchCreate:
    return SearchCreate.model_validate(
        {"name": "s", "method": method, "varied": list(varied), **more}
    )


def proposals(wanted: SearchCreate, count: int) -> list[dict[str, object]]:
    return [propose(wanted, n, [], higher_is_better=True) for n in range(1, count + 1)]


def test_a_grid_tries_every_combination_once() -> None:
    wanted = search("grid", SIZES, RULES)
    assert count_trials(wanted) == 6
    tried = proposals(wanted, 6)
    assert tried[0] == {"batch_size": 8, "optimizer": "adam"}
    assert tried[1] == {"batch_size": 8, "optimizer": "sgd"}
    assert len({tuple(each.items()) for each in tried}) == 6


def test_chance_tries_no_counted_combination_twice() -> None:
    wanted = search("random", SIZES, RULES, trials=50)
    assert count_trials(wanted) == 6
    tried = proposals(wanted, 6)
    assert len({tuple(each.items()) for each in tried}) == 6
    assert tried != proposals(search("grid", SIZES, RULES), 6)
    assert tried == proposals(wanted, 6)
    assert tried != proposals(wanted.model_copy(update={"seed": 7}), 6)


def test_chance_stays_in_its_range_and_counts_whole_where_the_setting_does() -> None:
    wanted = search("random", RATE, EPOCHS, SIZES, trials=200)
    assert count_trials(wanted) == 200
    tried = proposals(wanted, 200)
    rates = [math.log10(each["learning_rate"]) for each in tried]
    assert -5 <= min(rates) < -4.7
    assert -1.3 < max(rates) <= -1
    assert 80 < sum(rate < -3 for rate in rates) < 120  # equal factors are equally likely
    assert {each["epochs"] for each in tried} == set(range(3, 10))
    assert {each["batch_size"] for each in tried} == {8, 16, 32}


def goodness(rate: float) -> float:
    return 1 - abs(math.log10(rate) + 2) / 3  # best at 0.01


def played(wanted: SearchCreate, trials: int) -> list[PastTrial]:
    past: list[PastTrial] = []
    for number in range(1, trials + 1):
        values = propose(wanted, number, past, higher_is_better=True)
        value = goodness(float(values["learning_rate"]))
        past.append(PastTrial(number, values, "done", value, {1: value / 2, 2: value}))
    return past


def test_optuna_proposes_the_same_from_the_same_trials_and_gets_near_the_best() -> None:
    wanted = search("optuna", RATE, RULES, trials=25)
    past = played(wanted, 25)
    assert past[:10] == played(wanted, 10)
    late = [each.value for each in past[10:] if each.value is not None]
    early = [each.value for each in past[:5] if each.value is not None]
    assert sum(late) / len(late) > sum(early) / len(early)
    assert max(late) > 0.95


def test_optuna_takes_trials_that_failed_were_pruned_or_still_run() -> None:
    wanted = search("optuna", RATE, at_once=2)
    values = {"learning_rate": 0.05}
    past = [
        PastTrial(1, values, "failed"),
        PastTrial(2, values, "pruned", curve={1: 0.2}),
        PastTrial(3, values, "open", curve={1: 0.2}),
    ]
    proposed = propose(wanted, 4, past, higher_is_better=False)
    assert 1e-5 <= float(proposed["learning_rate"]) <= 1e-1


@pytest.mark.parametrize(("value", "pruned"), [(0.1, True), (0.9, False)])
def test_a_trial_worse_than_half_of_the_others_is_pruned(value: float, pruned: bool) -> None:
    wanted = search("optuna", RATE)
    past = played(wanted, 6)
    trial = PastTrial(7, {"learning_rate": 0.001}, "open", curve={1: value, 2: value})
    assert should_prune(wanted, trial, past, higher_is_better=True) is pruned
    assert not should_prune(
        wanted.model_copy(update={"prune": False}), trial, past, higher_is_better=True
    )


def test_nothing_is_pruned_in_its_first_epoch_or_before_others_are_done() -> None:
    wanted = search("optuna", RATE)
    past = played(wanted, 6)
    first = PastTrial(7, {"learning_rate": 0.001}, "open", curve={1: 0.0})
    second = PastTrial(7, {"learning_rate": 0.001}, "open", curve={1: 0.0, 2: 0.0})
    assert not should_prune(wanted, first, past, higher_is_better=True)
    assert not should_prune(wanted, second, past[:3], higher_is_better=True)


def test_trials_train_with_one_seed_or_each_with_its_own() -> None:
    same, each = search("random", SIZES), search("random", SIZES, run_seeds="each")
    assert [run_seed(same, number, 42) for number in (1, 2)] == [42, 42]
    seeds = [run_seed(each, number, 42) for number in range(1, 30)]
    assert len(set(seeds)) == 29
    assert seeds == [run_seed(each, number, 42) for number in range(1, 30)]
