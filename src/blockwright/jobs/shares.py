"""Which part of the machine a job gets where several trainings run at once.

Takes   how many run at once, the cores and GPUs of the machine, what the jobs under way have.
Gives   an equal part of the cores, and the GPUs that the fewest others have.

A training keeps the number of threads that it began with, so that its part of the cores does not
grow when it is alone: its numbers depend on it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from blockwright.contracts.work import ForecastPlan, Plan, PlanFile, RateTestPlan, TrainPlan


def share_of_cores(cores: int | None, workers: int) -> int | None:
    """Give the cores of each of so many trainings; None where one has all.

    >>> share_of_cores(8, 3)
    2
    >>> share_of_cores(2, 4)
    1
    """
    return None if cores is None or workers == 1 else max(1, cores // workers)


def choose_gpus(
    names: Sequence[str], workers: int, *, trainings: Iterable[str], others: Iterable[str]
) -> list[str]:
    """Give the GPUs of the next job: an equal part, at least one where there are any.

    Args:
        names: Those of the machine.
        workers: Trainings at once.
        trainings: Those that trainings under way have, one entry for each.
        others: Those that short jobs under way have, likewise.
    """
    learning, busy = Counter(trainings), Counter(others)
    freest = sorted(names, key=lambda name: (learning[name], busy[name]))
    chosen = freest[: max(1, len(names) // workers)]
    return [name for name in names if name in chosen]


def with_share(task: PlanFile, *, cores: int | None, gpus: list[str] | None) -> PlanFile:
    """Give what a worker is handed, with its part of the machine."""
    return task.model_copy(update={"plan": _with_cores(task.plan, cores), "gpus": gpus})


def _with_cores(plan: Plan, cores: int | None) -> Plan:
    match plan:
        case TrainPlan():
            return plan.model_copy(update={"cores": cores})
        case ForecastPlan() | RateTestPlan():  # measures what a run will get
            return plan.model_copy(update={"train": _with_cores(plan.train, cores)})
        case _:
            return plan
