"""What is counted of each class in one epoch, and how it is told.

Takes   outputs beside the truth of the whole validation subset.
Gives   counts that a run keeps, and precision, recall and F1 made from them when asked for.
Never   imports Keras: the server tells classes too.
"""

from __future__ import annotations

import math

from blockwright.contracts.signals import ClassCounts, ClassScore
from blockwright.training.metrics import Judged

_TASKS_OF_CLASSES = frozenset({"multi_label", "categorical"})


def count_classes(judged: Judged) -> ClassCounts | None:
    """Count what was said of each class; nothing where a model does not tell several apart."""
    if judged.task not in _TASKS_OF_CLASSES:
        return None
    rankings = judged.class_rankings
    return ClassCounts(
        true=judged.true_rows.tolist(),
        said=judged.said_rows.tolist(),
        hits=judged.hits.tolist(),
        average_precision=[_known(each.average_precision) for each in rankings],
        roc_auc=[_known(each.roc_auc) for each in rankings],
    )


def tell_classes(counts: ClassCounts, names: list[str]) -> list[ClassScore]:
    """Give the scores of each class, in the order of the classes."""
    columns = zip(
        names,
        counts.true,
        counts.said,
        counts.hits,
        counts.average_precision,
        counts.roc_auc,
        strict=True,
    )
    return [
        ClassScore(
            name=name,
            rows=true,
            said=said,
            precision=_ratio(hits, said),
            recall=_ratio(hits, true),
            f1=_ratio(2 * hits, true + said),
            average_precision=average_precision,
            roc_auc=roc_auc,
        )
        for name, true, said, hits, average_precision, roc_auc in columns
    ]


def _ratio(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def _known(value: float) -> float | None:
    return None if math.isnan(value) else float(value)
