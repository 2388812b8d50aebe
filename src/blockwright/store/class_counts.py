"""What runs said of each class, kept by epoch.

Takes   counts as a worker tells them, in a session's transaction.
Gives   those of one epoch, and which epochs there are.
Never   grows without end: of very many epochs evenly chosen ones stay, the best and the newest.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from blockwright.store.tables import ClassCountsRow

# Classes times epochs that a run keeps: some 15 MB of text at most.
MOST_PER_RUN = 250_000


def keep_class_counts(
    session: Session, run_id: str, *, epoch: int, best_epoch: int | None, counts: dict[str, Any]
) -> None:
    """Add the counts of the newest epoch; which others stay depends on nothing but its number."""
    session.add(ClassCountsRow(run_id=run_id, epoch=epoch, counts=counts))
    session.flush()
    step = step_between(epoch, classes=len(counts["true"]))
    if step == 1:
        return
    chosen = [best_epoch, epoch] if best_epoch else [epoch]
    session.execute(
        delete(ClassCountsRow).where(
            ClassCountsRow.run_id == run_id,
            ClassCountsRow.epoch % step != 0,
            ClassCountsRow.epoch.not_in(chosen),
        )
    )


def step_between(epochs: int, *, classes: int) -> int:
    """Give the power of two of which the epochs that stay are multiples.

    >>> [step_between(epochs, classes=500) for epochs in (1, 500, 501, 4_000)]
    [1, 1, 2, 8]
    """
    step = 1
    while epochs // step * classes > MOST_PER_RUN:
        step *= 2
    return step


def class_epochs(session: Session, run_id: str) -> list[int]:
    """List the epochs of a run whose classes are kept, in order."""
    rows = select(ClassCountsRow.epoch).where(ClassCountsRow.run_id == run_id)
    return list(session.scalars(rows.order_by(ClassCountsRow.epoch)))


def class_counts(session: Session, run_id: str, epoch: int) -> dict[str, Any]:
    """Give what was kept of one of `class_epochs`."""
    return session.get_one(ClassCountsRow, (run_id, epoch)).counts
