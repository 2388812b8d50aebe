"""The runs of a studio file that belong together: a search, or one run per fold.

Takes   services with workers behind them, an experiment that is ready, what the file asks for.
Gives   the group, which run of it is taken out, and how all of them went as a table.
"""

from __future__ import annotations

from rich.table import Table

from blockwright.contracts.problems import BlockwrightError, error, in_language
from blockwright.contracts.run_groups import FoldRunsCreate, FoldSet, RunGroup, Trial
from blockwright.contracts.runs import Run
from blockwright.contracts.studio_file import FileFoldRuns, FileSearch
from blockwright.server.services import Services
from blockwright.settings import terminal_language


def start_group(
    services: Services,
    experiment_id: str,
    wanted: FileSearch | FileFoldRuns,
    *,
    folds_made: bool,
) -> RunGroup:
    """Start the search, or the runs of all folds.

    Args:
        services: Of the studio.
        experiment_id: What is trained.
        wanted: As the file asks for it.
        folds_made: The file has added folds to the dataset; they come after all others.

    Raises:
        BlockwrightError: `search.folds_not_found`, `studio_file.several_folds`, and what
            `RunGroupService.create` says.
    """
    groups = services.run_groups
    if isinstance(wanted, FileSearch):
        return groups.create(experiment_id, wanted)
    found = groups.fold_sets(experiment_id)
    folds_id = wanted.folds_id or choose_folds(found, newest=folds_made)
    return groups.create(experiment_id, FoldRunsCreate(name=wanted.name, folds_id=folds_id))


def choose_folds(found: list[FoldSet], *, newest: bool) -> str:
    """Give the id of the folds to train: the newest, or the only ones.

    Raises:
        BlockwrightError: `search.folds_not_found`, `studio_file.several_folds`.
    """
    if not found:
        raise error("search.folds_not_found")
    if len(found) > 1 and not newest:
        raise error("studio_file.several_folds", known=", ".join(f"“{each.id}”" for each in found))
    return found[-1].id


def run_taken_out(services: Services, group: RunGroup) -> Run:
    """Give the best run of a search, or the first of all folds, which stand for one another.

    Raises:
        BlockwrightError: What stopped a fold, or the first trial of a search of which none
            has come to a value.
    """
    runs = [services.runs.get(trial.run_id) for trial in group.trials]
    chosen = next((run for run in runs if run.id == group.best_run_id), None)
    must_be_done = runs if group.kind == "folds" or chosen is None else []
    for run in must_be_done:
        if run.state != "done" and run.problem is not None:
            raise BlockwrightError(run.problem)
    return runs[0] if group.kind == "folds" or chosen is None else chosen


def group_table(group: RunGroup) -> Table:
    """Give the trials of a search, the best one marked, or the folds with their mean."""
    names = [each.name for each in group.varied] or ["fold"]
    first = ["trial", *names] if group.kind == "search" else names
    table = Table(*first, group.best_by, "epochs", "seconds", "state", title=group.name)
    for trial in group.trials:
        values = [_told(trial.values[name]) for name in names]
        begin = [str(trial.number), *values] if group.kind == "search" else values
        reached = "–" if trial.value is None else f"{trial.value:.4f}"
        state = _state(trial, group)
        table.add_row(*begin, reached, str(trial.epochs), f"{trial.seconds:.0f}", state)
    if group.kind == "folds" and group.mean is not None:
        spread = "" if group.deviation is None else f" ± {group.deviation:.4f}"
        table.add_section()
        table.add_row("mean", f"{group.mean:.4f}{spread}", "", "", "")
    return table


def failures(services: Services, group: RunGroup) -> list[str]:
    """Give what stopped each trial that failed, in words."""
    told = []
    for trial in group.trials:
        why = None if trial.pruned else services.runs.get(trial.run_id).problem
        if trial.state != "done" and why is not None:
            told.append(f"Trial {trial.number}: {in_language(why, terminal_language()).message}")
    return told


def _state(trial: Trial, group: RunGroup) -> str:
    if group.kind == "search" and trial.run_id == group.best_run_id:
        return "best"
    return "stopped early" if trial.pruned else trial.state


def _told(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)
