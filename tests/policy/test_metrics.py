"""Every metric that a run measures has its words: in the choice of the best, and at its chart."""

from __future__ import annotations

import json
from pathlib import Path
from typing import get_args

import pytest

from blockwright.graph.setting_cards import BEST_BY
from blockwright.graph.task import Task, metric_names

LOCALES = Path(__file__).parents[2] / "web" / "src" / "locales"
MEASURED = {name for task in get_args(Task) for name in metric_names(task, 100)}


def test_every_metric_can_pick_the_best_checkpoint() -> None:
    assert set(BEST_BY) == {"auto", *MEASURED}


@pytest.mark.parametrize(("language", "place"), [("en", 0), ("zh", 1)])
def test_every_metric_has_its_words_at_its_chart(language: str, place: int) -> None:
    words = json.loads((LOCALES / language / "evaluation.json").read_text(encoding="utf-8"))
    for name in MEASURED:
        assert words[f"metric.{name}"] == BEST_BY[name][place]
        assert words[f"meaning.{name}"]
