"""Which loss and metrics belong to which target."""

from __future__ import annotations

import pytest

from blockwright.contracts.problems import BlockwrightError
from blockwright.graph.task import describe_task, metric_names
from tests.support.graphs import SETTINGS, block, chain, schema


@pytest.mark.parametrize(
    ("source", "loss", "task", "metrics", "best_by", "higher"),
    [
        (
            "labels",
            "binary_crossentropy",
            "multi_label",
            [
                *("loss", "lwlrap", "precision", "recall", "f1", "average_precision", "roc_auc"),
                *("precision_macro", "recall_macro", "f1_macro"),
                *("average_precision_micro", "roc_auc_micro"),
            ],
            "lwlrap",
            True,
        ),
        (
            "kind",
            "categorical_crossentropy",
            "categorical",
            [
                *("loss", "accuracy", "f1_macro", "precision_macro", "recall_macro"),
                *("average_precision", "roc_auc"),
            ],
            "accuracy",
            True,
        ),
        (
            "yes",
            "binary_crossentropy",
            "binary",
            [
                *("loss", "accuracy", "precision", "recall", "f1"),
                *("average_precision", "roc_auc"),
            ],
            "accuracy",
            True,
        ),
        (
            "height",
            "mean_squared_error",
            "regression",
            [
                *("loss", "mean_absolute_error", "root_mean_squared_error", "r2"),
                "mean_absolute_percentage_error",
            ],
            "loss",
            False,
        ),
    ],
)
def test_a_target_and_its_loss_decide_what_is_measured(
    *, source: str, loss: str, task: str, metrics: list[str], best_by: str, higher: bool
) -> None:
    document = chain(block("target", "target", source=source, loss=loss))
    told = describe_task(document, schema(), SETTINGS)

    assert (told.loss, told.task, told.metric_names) == (loss, task, metrics)
    assert (told.best_by, told.higher_is_better) == (best_by, higher)


def test_a_person_may_choose_the_metric() -> None:
    document = chain(block("target", "target", source="labels", loss="binary_crossentropy"))
    told = describe_task(document, schema(), SETTINGS.model_copy(update={"best_by": "loss"}))

    assert (told.best_by, told.higher_is_better) == ("loss", False)


def test_without_a_target_there_is_no_task() -> None:
    with pytest.raises(BlockwrightError) as caught:
        describe_task(chain(block("input", "input")), schema(), SETTINGS)

    assert caught.value.problem.code == "graph.no_target"


@pytest.mark.parametrize(
    ("classes", "tops"),
    [(5, []), (6, ["top_3_accuracy"]), (20, ["top_3_accuracy", "top_5_accuracy"])],
)
def test_being_among_the_best_few_is_told_where_there_are_many(
    classes: int, tops: list[str]
) -> None:
    told = metric_names("categorical", classes)
    assert [name for name in told if name.startswith("top")] == tops
