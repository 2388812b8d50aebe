"""In which units the errors of a run that predicts numbers are counted.

Takes   a plan; the statistics by which its target was normalised.
Gives   shift and scale that lead back to the feature's own numbers, and what the API tells.

Neighbours: `metrics` counts errors by them. The loss stays in what the model learns from.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from blockwright.contracts.data import DataSource
from blockwright.contracts.runs import ErrorUnits
from blockwright.contracts.work import DataPlan, FeatureStatistics, TrainPlan
from blockwright.graph.task import COUNTED_IN_UNITS, target_of

Numbers = npt.NDArray[np.float64]
_RESOLUTION = float(np.finfo(np.float32).eps)


@dataclass(frozen=True)
class TargetUnits:
    """What leads from numbers that a model learns from back to those of its target.

    Attributes:
        shift: Added last, shape () or (outputs,).
        scale: What a number is multiplied by first, shape () or (outputs,), above 0.
    """

    shift: Numbers
    scale: Numbers

    def real(self, values: npt.NDArray[np.float32]) -> Numbers:
        """Give the feature's own numbers, shape (rows, *output).

        A number that 32 bits cannot tell from 0, so far from the shift, is 0.
        """
        real: Numbers = values.astype(np.float64) * self.scale + self.shift
        real[np.abs(real) <= _RESOLUTION * np.abs(self.shift)] = 0.0
        return real


AS_TRAINED = TargetUnits(np.array(0.0), np.array(1.0))


def target_units(plan: TrainPlan) -> TargetUnits:
    """Give the units of a run's target; as trained where its plan says so, or it has classes."""
    _, target = target_of(plan.graph, plan.data.data_schema)
    if plan.errors_in == "trained" or not is_normalized(plan.data, target):
        return AS_TRAINED
    found = [
        plan.data.statistics.get(name) or FeatureStatistics(normalization="none")
        for name in target.features
    ]
    known = [
        (0.0, 1.0) if each.normalization == "none" else (each.shift, each.scale) for each in found
    ]
    shift, scale = np.array(known).T
    if len(known) == 1:  # also of arrays, all of whose numbers are shifted and scaled alike
        return TargetUnits(shift[0], scale[0])
    return TargetUnits(shift, scale)


def is_normalized(data: DataPlan, target: DataSource) -> bool:
    """Say whether a model learns other numbers than those of the target itself."""
    if target.classes:
        return False
    found = [data.statistics.get(name) for name in target.features]
    return any(each is not None and each.normalization != "none" for each in found)


def target_name(plan: TrainPlan) -> str:
    """Give the feature or feature set that a run learns to tell; empty where none was chosen."""
    targets = [block for block in plan.graph.blocks if block.kind == "target"]
    return str(targets[0].params.get("source") or "") if targets else ""


def tell_units(plan: TrainPlan) -> ErrorUnits | None:
    """Give what the API says of a run's errors; nothing unless it predicts numbers."""
    if not COUNTED_IN_UNITS & set(plan.metric_names):
        return None
    _, target = target_of(plan.graph, plan.data.data_schema)
    normalized = is_normalized(plan.data, target)
    return ErrorUnits(
        target=target.name,
        several=len(target.features) > 1,
        errors="normalized" if normalized and plan.errors_in == "trained" else "real",
        loss="normalized" if normalized else "real",
    )
