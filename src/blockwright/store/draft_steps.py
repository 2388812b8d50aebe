"""The steps of a draft: what each change replaced, kept in the database to be taken back.

Takes   what a draft held before and after a change, in the transaction that keeps the change.
Gives   the newest step to undo and to redo; brings the draft's row one step back or forth.
Never   knows what a feature or a subset means: what a draft holds are lists of plain data, and
        of each list a step keeps only the stretch that the change replaced.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from blockwright.contracts.base import utc_now
from blockwright.contracts.data import DraftChange, DraftStep
from blockwright.store.tables import DraftStepRow, VersionRow

# A draft can go this many changes back; older ones are let go.
MOST_STEPS = 50
# The columns of a draft's row that changes replace, and that a step brings back.
HELD_LISTS = ("features", "feature_sets", "subsets", "corrections", "left_out")

Held = Mapping[str, Any]


def held_by(row: VersionRow) -> Held:
    """Give what changes of a draft replace, as it is now."""
    return {name: getattr(row, name) for name in HELD_LISTS} | {"usage": row.usage}


def keep_step(session: Session, row: VersionRow, change: DraftChange, before: Held) -> None:
    """Keep how a change is taken back; steps that were undone can no longer be done again.

    A change after which the draft holds what it held before is no step.
    """
    after = held_by(row)
    stretches = {name: _stretch(before[name], after[name]) for name in HELD_LISTS}
    if not any(stretches.values()):
        return
    mine = DraftStepRow.version_id == row.id
    session.execute(delete(DraftStepRow).where(mine, DraftStepRow.position > row.edit_position))
    row.edit_position += 1
    session.add(
        DraftStepRow(
            version_id=row.id,
            position=row.edit_position,
            change=change.model_dump(mode="json"),
            stretches={name: found for name, found in stretches.items() if found},
            usage=[before["usage"], after["usage"]],
            at=utc_now(),
        )
    )
    oldest = row.edit_position - MOST_STEPS
    session.execute(delete(DraftStepRow).where(mine, DraftStepRow.position <= oldest))


def step_back(session: Session, row: VersionRow) -> bool:
    """Bring a draft to what it held before its newest step; say whether there was one."""
    step = _step(session, row, row.edit_position)
    if step is None:
        return False
    for name, found in step.stretches.items():
        _replace(row, name, found["at"], found["after"], found["before"])
    row.usage = step.usage[0]
    row.edit_position -= 1
    return True


def step_forth(session: Session, row: VersionRow) -> bool:
    """Bring a draft to what it held before its last undo; say whether there was one."""
    step = _step(session, row, row.edit_position + 1)
    if step is None:
        return False
    for name, found in step.stretches.items():
        _replace(row, name, found["at"], found["before"], found["after"])
    row.usage = step.usage[1]
    row.edit_position += 1
    return True


def next_undo(session: Session, row: VersionRow) -> DraftStep | None:
    """Give the change that an undo would take back."""
    return _told(_step(session, row, row.edit_position))


def next_redo(session: Session, row: VersionRow) -> DraftStep | None:
    """Give the change that a redo would make again."""
    return _told(_step(session, row, row.edit_position + 1))


def forget_steps(session: Session, row: VersionRow) -> None:
    """Let all steps of a version go: it is frozen or deleted, or its rows are others now."""
    session.execute(delete(DraftStepRow).where(DraftStepRow.version_id == row.id))
    row.edit_position = 0


def _step(session: Session, row: VersionRow, position: int) -> DraftStepRow | None:
    return session.scalar(
        select(DraftStepRow).where(
            DraftStepRow.version_id == row.id, DraftStepRow.position == position
        )
    )


def _told(row: DraftStepRow | None) -> DraftStep | None:
    return None if row is None else DraftStep.model_validate(row.change | {"step": row.position})


def _stretch(before: Sequence[Any], after: Sequence[Any]) -> dict[str, Any] | None:
    """Give the stretch in which two lists differ: where it begins, what it held, what it holds."""
    shorter = min(len(before), len(after))
    at = 0
    while at < shorter and before[at] == after[at]:
        at += 1
    same_end = 0
    while same_end < shorter - at and before[-1 - same_end] == after[-1 - same_end]:
        same_end += 1
    old, new = before[at : len(before) - same_end], after[at : len(after) - same_end]
    return {"at": at, "before": old, "after": new} if old or new else None


def _replace(row: VersionRow, name: str, at: int, old: list[Any], new: list[Any]) -> None:
    held = getattr(row, name)
    setattr(row, name, [*held[:at], *new, *held[at + len(old) :]])
