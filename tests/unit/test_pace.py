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
    pace.count(4, builds=True)
    assert pace.progress(epoch=1, step=1).seconds_left is None
    assert pace.progress(epoch=1, step=1).examples_per_second is None
    for _ in range(4):
        now[0] += 0.5
        pace.count(4)
    told = pace.progress(epoch=1, step=5)
    assert told.seconds_left == pytest.approx(15 * 0.5)
    assert told.examples_per_second == pytest.approx(8)


def test_the_smaller_batch_at_the_end_builds_a_program_of_its_own(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now = [0.0]
    monkeypatch.setattr(measured.time, "monotonic", lambda: now[0])
    pace = Pace(epochs=2, training_steps=4, validation_steps=3)
    pace.begin_epoch()
    for rows, seconds, builds in ((4, 30.0, True), (4, 0.5, False), (4, 0.5, False), (1, 9, True)):
        now[0] += seconds
        pace.count(rows, builds=builds)
    pace.begin_validation()
    for rows, seconds in ((4, 7.0), (4, 0.25), (1, 5.0)):
        now[0] += seconds
        pace.judged(rows)
    pace.validated()

    told = pace.progress(epoch=2, step=0)
    assert told.seconds_left == pytest.approx(4 * 0.5 + 0.25 * 9 / 4)
    assert told.examples_per_second == pytest.approx(8)


def after_an_epoch(
    monkeypatch: pytest.MonkeyPatch, pace: Pace, judging: tuple[float, ...] = (9.0, 0.25, 0.25)
) -> Pace:
    """Let an epoch of ten steps go by: half a second each, batches judged, 4 s to save."""
    now = [0.0]
    monkeypatch.setattr(measured.time, "monotonic", lambda: now[0])
    pace.begin_epoch()
    for step in range(10):
        now[0] += 0.5
        pace.count(4, builds=step == 0)
    pace.begin_validation()
    for seconds in judging:  # the first one also builds the program
        now[0] += seconds
        pace.judged(4)
    pace.validated()
    pace.saved(4.0)
    return pace


def test_what_is_left_counts_validation_without_its_building_and_saving(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pace = after_an_epoch(monkeypatch, Pace(epochs=4, training_steps=10, validation_steps=3))

    told = pace.progress(epoch=2, step=0).seconds_left
    assert told == pytest.approx(3 * (10 * 0.5 + 3 * 0.25 + 4.0))


@pytest.mark.parametrize(("epochs", "validations"), [(9, 3), (10, 4)])
def test_what_is_left_counts_only_validations_that_are_due(
    monkeypatch: pytest.MonkeyPatch, epochs: int, validations: int
) -> None:
    """Every third epoch, and the last one."""
    pace = Pace(epochs=epochs, training_steps=10, validation_steps=3, validate_every=3)
    after_an_epoch(monkeypatch, pace)

    training = (epochs - 1) * (10 * 0.5 + 4.0)
    told = pace.progress(epoch=2, step=0).seconds_left
    assert told == pytest.approx(training + validations * 0.75)


def test_the_pace_of_the_epoch_before_counts_until_there_are_steps_enough(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pace = after_an_epoch(monkeypatch, Pace(epochs=2, training_steps=10, validation_steps=3))
    pace.begin_epoch()
    now = measured.time.monotonic() + 5.0  # the first step waits for the reader to start
    monkeypatch.setattr(measured.time, "monotonic", lambda: now)
    pace.count(4)

    per_step = (9 * 0.5 + 5.0) / 10
    told = pace.progress(epoch=2, step=1).seconds_left
    assert told == pytest.approx(9 * per_step + 3 * 0.25 + 4.0)


def test_a_validation_that_was_all_building_is_guessed_once_more(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pace = Pace(epochs=2, training_steps=10, validation_steps=1)
    after_an_epoch(monkeypatch, pace, judging=(9.0,))

    told = pace.progress(epoch=2, step=0).seconds_left
    assert told == pytest.approx(10 * 0.5 + 0.4 * 0.5 + 4.0)


@pytest.mark.parametrize(("limit", "left", "of_all"), [(8.0, 8.0, 19.5), (60.0, 19.5, None)])
def test_the_time_limit_is_what_is_left_where_it_comes_before_the_last_epoch(
    monkeypatch: pytest.MonkeyPatch, limit: float, left: float, of_all: float | None
) -> None:
    of_epochs: list[float] = []

    def to_limit(of_epoch: float) -> float:
        of_epochs.append(of_epoch)
        return limit

    pace = Pace(epochs=3, training_steps=10, validation_steps=3, seconds_to_limit=to_limit)
    after_an_epoch(monkeypatch, pace)
    told = pace.progress(epoch=2, step=0)
    assert told.seconds_left == pytest.approx(left)
    assert told.seconds_of_all_epochs == (of_all and pytest.approx(of_all))
    assert of_epochs == [pytest.approx(5.0 + 0.75 + 4.0)]  # steps, validation, saving
