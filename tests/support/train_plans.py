"""The plan of a run on a version, as the studio makes it, to be trained without a studio."""

from __future__ import annotations

from pathlib import Path

from blockwright.contracts.graph import ExperimentSettings, GraphDocument
from blockwright.contracts.work import DataPlan, TrainPlan
from blockwright.graph.task import describe_task


def plan_run(
    folder: Path,
    data: DataPlan,
    graph: GraphDocument,
    settings: ExperimentSettings,
    **more: object,
) -> TrainPlan:
    """Plan a run that keeps what it has below `folder`; `more` goes into the plan as it is."""
    task = describe_task(graph, data.data_schema, settings)
    return TrainPlan(
        run_id="run_1",
        run_folder=str(folder / "run"),
        graph=graph,
        settings=settings,
        data=data,
        best_by=task.best_by,
        higher_is_better=task.higher_is_better,
        metric_names=task.metric_names,
        **more,
    )
