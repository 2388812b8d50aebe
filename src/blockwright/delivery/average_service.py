"""Which models make up the average of a run's folds; no Keras here."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from blockwright.contracts.problems import error
from blockwright.contracts.work import AveragedModel, BundlePlan
from blockwright.store.files import FileStore
from blockwright.store.tables import CheckpointRow, RunGroupRow, RunRow


def with_average(session: Session, files: FileStore, plan: BundlePlan, run: RunRow) -> BundlePlan:
    """Give a bundle's plan with the models of all folds of a run's group.

    No subset is left to judge the whole by: every row was learnt from by some of them.

    Raises:
        BlockwrightError: `delivery.nothing_to_average` unless each fold of the group has been
            trained to its end.
    """
    settings = plan.train.settings.model_copy(update={"validation_subset_id": None})
    train = plan.train.model_copy(update={"settings": settings})
    models = _models(session, files, run)
    return plan.model_copy(update={"train": train, "averaged": models})


def _models(session: Session, files: FileStore, run: RunRow) -> list[AveragedModel]:
    group = session.get(RunGroupRow, run.group_id) if run.group_id else None
    if group is None or group.request["kind"] != "folds":
        raise error("delivery.nothing_to_average")
    rows = session.execute(
        select(RunRow, CheckpointRow)
        .join(CheckpointRow, CheckpointRow.run_id == RunRow.id)
        .where(RunRow.group_id == group.id, RunRow.state == "done", CheckpointRow.is_best)
    ).all()
    if len(rows) != group.total:
        raise error("delivery.nothing_to_average")
    told = [(row, best, row.trial or {}) for row, best in rows]
    return [
        AveragedModel(
            run_id=row.id,
            fold=trial["values"]["fold"],
            epoch=best.epoch,
            checkpoint_folder=str(files.local_path(f"runs/{row.id}/checkpoints/{best.folder}")),
            value=row.best_value,
        )
        for row, best, trial in sorted(told, key=lambda each: each[2]["number"])
    ]
