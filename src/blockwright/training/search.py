"""What a search tries next, and which trial is not worth its time.

Takes   the search as asked for, and how its trials went, as plain records.
Gives   the values of one trial; whether to stop one. The same records give the same answer:
        an Optuna study is rebuilt from them each time, with a seed of the trial's own.
Never   keeps anything, touches SQL, or loads Optuna before it is needed.
"""

from __future__ import annotations

import hashlib
import math
import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from blockwright.contracts.run_groups import (
    SearchCreate,
    SettingValue,
    Varied,
    VariedRange,
    VariedValues,
)
from blockwright.graph.setting_cards import setting_cards

if TYPE_CHECKING:
    import optuna

Values = dict[str, SettingValue]

# So many trials by chance before Optuna proposes, and before one is compared with the others.
STARTUP_TRIALS = 5
# No trial is stopped before this epoch.
FIRST_JUDGED_EPOCH = 2


@dataclass(frozen=True)
class PastTrial:
    """How one trial went so far; `curve` is its validation metric by epoch."""

    number: int
    values: Values
    state: Literal["open", "done", "pruned", "failed"]
    value: float | None = None
    curve: dict[int, float] = field(default_factory=dict)


def count_trials(search: SearchCreate) -> int:
    """Give how many trials a search has.

    >>> values = VariedValues(name="batch_size", values=[8, 16])
    >>> more = VariedValues(name="optimizer", values=["adam", "sgd", "lion"])
    >>> count_trials(SearchCreate(name="s", method="grid", varied=[values, more]))
    6
    """
    size = grid_size(search.varied)
    if search.method == "grid":
        return size or 0
    return search.trials if size is None else min(search.trials, size)


def grid_size(varied: Sequence[Varied]) -> int | None:
    """Give how many combinations there are; None when a range makes them uncountable."""
    if not all(isinstance(each, VariedValues) for each in varied):
        return None
    return math.prod(len(each.values) for each in varied if isinstance(each, VariedValues))


def propose(
    search: SearchCreate, number: int, past: Sequence[PastTrial], *, higher_is_better: bool
) -> Values:
    """Give the values of trial `number`, from 1."""
    if search.method == "optuna":
        return _by_optuna(search, number, past, higher_is_better)
    size = grid_size(search.varied)
    if size is None:
        chance = random.Random(f"{search.seed}/{number}")  # noqa: S311 - not for secrets
        return {each.name: _drawn(each, chance) for each in search.varied}
    place = number - 1
    if search.method == "random":
        order = list(range(size))
        random.Random(search.seed).shuffle(order)  # noqa: S311 - not for secrets
        place = order[place]
    return combination(search.varied, place)


def combination(varied: Sequence[Varied], place: int) -> Values:
    """Give one combination of counted values; the last setting changes fastest."""
    chosen: Values = {}
    for each in reversed(varied):
        if isinstance(each, VariedValues):
            place, which = divmod(place, len(each.values))
            chosen[each.name] = each.values[which]
    return {each.name: chosen[each.name] for each in varied}


def should_prune(
    search: SearchCreate, trial: PastTrial, past: Sequence[PastTrial], *, higher_is_better: bool
) -> bool:
    """Say whether a trial is worse than half of those that are done, at the same epoch."""
    if search.method != "optuna" or not search.prune or not trial.curve:
        return False
    study = _study(search, past, seed=0, higher_is_better=higher_is_better)
    return bool(study.pruner.prune(study, _as_optuna_trial(search, trial)))


def run_seed(search: SearchCreate, number: int, own: int) -> int:
    """Give the seed that a trial trains with."""
    return own if search.run_seeds == "same" else _derived(search.seed, f"run/{number}")


def is_whole(name: str) -> bool:
    """Say whether a setting counts in whole numbers."""
    return any(card.name == name and card.control == "integer" for card in setting_cards())


def _derived(seed: int, what: str) -> int:
    digest = hashlib.sha256(f"{seed}/{what}".encode()).digest()
    return int.from_bytes(digest[:4], "big") % 2**31


def _drawn(varied: Varied, chance: random.Random) -> SettingValue:
    if isinstance(varied, VariedValues):
        return chance.choice(varied.values)
    if varied.log:
        drawn = math.exp(chance.uniform(math.log(varied.low), math.log(varied.high)))
    else:
        drawn = chance.uniform(varied.low, varied.high)
    drawn = min(max(drawn, varied.low), varied.high)
    return round(drawn) if is_whole(varied.name) else float(f"{drawn:.4g}")


def _by_optuna(
    search: SearchCreate, number: int, past: Sequence[PastTrial], higher_is_better: bool
) -> Values:
    seed = _derived(search.seed, f"proposal/{number}")
    study = _study(search, past, seed=seed, higher_is_better=higher_is_better)
    asked = study.ask(_distributions(search.varied)).params
    return {
        name: float(f"{value:.4g}") if isinstance(value, float) else value
        for name, value in asked.items()
    }


def _study(
    search: SearchCreate, past: Sequence[PastTrial], *, seed: int, higher_is_better: bool
) -> optuna.Study:
    import optuna  # noqa: PLC0415 - the server starts without it

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    study = optuna.create_study(
        direction="maximize" if higher_is_better else "minimize",
        sampler=optuna.samplers.TPESampler(
            seed=seed, n_startup_trials=STARTUP_TRIALS, constant_liar=search.at_once > 1
        ),
        pruner=optuna.pruners.MedianPruner(
            n_startup_trials=STARTUP_TRIALS - 1, n_warmup_steps=FIRST_JUDGED_EPOCH
        ),
    )
    for trial in sorted(past, key=lambda each: each.number):
        study.add_trial(_as_optuna_trial(search, trial))
    return study


def _as_optuna_trial(search: SearchCreate, trial: PastTrial) -> optuna.trial.FrozenTrial:
    from optuna.trial import TrialState, create_trial  # noqa: PLC0415

    states = {
        "open": TrialState.RUNNING,
        "done": TrialState.COMPLETE,
        "pruned": TrialState.PRUNED,
        "failed": TrialState.FAIL,
    }
    return create_trial(
        state=states[trial.state],
        params=dict(trial.values),
        distributions=_distributions(search.varied),
        value=trial.value if trial.state == "done" else None,
        intermediate_values=trial.curve,
    )


def _distributions(varied: Sequence[Varied]) -> dict[str, Any]:
    from optuna import distributions  # noqa: PLC0415

    def of(each: Varied) -> distributions.BaseDistribution:
        if isinstance(each, VariedRange) and is_whole(each.name):
            return distributions.IntDistribution(round(each.low), round(each.high), log=each.log)
        if isinstance(each, VariedRange):
            return distributions.FloatDistribution(each.low, each.high, log=each.log)
        return distributions.CategoricalDistribution(each.values)

    return {each.name: of(each) for each in varied}
