"""How fast a run goes: what is told must not be spoilt by the step that builds the program."""

from __future__ import annotations

import pytest

from blockwright.training import pace as measured
from blockwright.training.pace import Pace


def test_the_first_step_of_all_tells_nothing_and_spoils_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now = [0.0]
    monkeypatch.setattr(measured.time, "monotonic", lambda: now[0])
    pace = Pace(epochs=2, training_steps=10, validation_steps=0)
    pace.begin_epoch()
    now[0] = 30.0  # the program is built
    pace.count(4)
    assert pace.progress(epoch=1, step=1).seconds_left is None
    assert pace.progress(epoch=1, step=1).examples_per_second is None
    for _ in range(4):
        now[0] += 0.5
        pace.count(4)
    told = pace.progress(epoch=1, step=5)
    assert told.seconds_left == pytest.approx(15 * 0.5)
    assert told.examples_per_second == pytest.approx(8)
