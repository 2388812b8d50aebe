"""The loss of runs batch by batch, kept by epoch.

Takes   buckets as a worker tells them, in a session's transaction.
Gives   the whole curve, or no more points than asked for: neighbours are merged, so that
        the lowest and highest value of every stretch stay.
"""

from __future__ import annotations

import math

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from blockwright.contracts.signals import LossBucket, LossPoint
from blockwright.store.tables import LossCurveRow


def keep_losses(
    session: Session, run_id: str, *, epoch: int, steps: int, buckets: list[LossBucket]
) -> None:
    """Add buckets; what was kept from their first step on is void, and so are later epochs."""
    session.execute(
        delete(LossCurveRow).where(LossCurveRow.run_id == run_id, LossCurveRow.epoch > epoch)
    )
    row = session.get(LossCurveRow, (run_id, epoch))
    if row is None:
        row = LossCurveRow(run_id=run_id, epoch=epoch, steps=steps, buckets=[])
        session.add(row)
    first = buckets[0].first_step
    before = [item for item in row.buckets if item["last_step"] < first]
    row.steps = steps
    row.buckets = [*before, *(bucket.model_dump(mode="json") for bucket in buckets)]


def loss_points(session: Session, run_id: str, *, most: int) -> list[LossPoint]:
    """Give a run's curve in order, as at most `most` points."""
    rows = session.scalars(
        select(LossCurveRow).where(LossCurveRow.run_id == run_id).order_by(LossCurveRow.epoch)
    )
    return thinned([point for row in rows for point in _points(row)], most)


def _points(row: LossCurveRow) -> list[LossPoint]:
    return [
        LossPoint(
            start=row.epoch - 1 + (item["first_step"] - 1) / row.steps,
            end=row.epoch - 1 + item["last_step"] / row.steps,
            low=item["low"],
            mean=item["mean"],
            high=item["high"],
        )
        for item in row.buckets
    ]


def thinned(points: list[LossPoint], most: int) -> list[LossPoint]:
    """Merge neighbours into at most `most` points; each keeps the extremes of its stretch."""
    width = max(1, -(-len(points) // most))
    return [_merged(points[start : start + width]) for start in range(0, len(points), width)]


def _merged(group: list[LossPoint]) -> LossPoint:
    widths = [point.end - point.start for point in group]
    weighted = math.fsum(p.mean * width for p, width in zip(group, widths, strict=True))
    return LossPoint(
        start=group[0].start,
        end=group[-1].end,
        low=min(point.low for point in group),
        mean=weighted / math.fsum(widths),
        high=max(point.high for point in group),
    )
