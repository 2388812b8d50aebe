"""The outline of a waveform shows every peak."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from blockwright.audio.overview import waveform_overview


@given(samples=st.integers(0, 3_000), columns=st.integers(1, 700))
@settings(deadline=None, max_examples=100)
def test_every_column_reaches_as_far_as_its_samples(samples: int, columns: int) -> None:
    signal = np.random.default_rng(samples).normal(size=samples).astype("f4")
    reached = waveform_overview(signal, columns)
    assert reached.shape == (columns, 2)
    assert reached.dtype == np.float32
    if samples == 0:
        assert not reached.any()
        return
    assert reached[:, 0].min() == signal.min()
    assert reached[:, 1].max() == signal.max()
    for column in range(columns):
        first, last = column * samples // columns, (column + 1) * samples // columns
        share = signal[first : max(last, first + 1)]
        assert reached[column].tolist() == [share.min(), share.max()]


def test_no_column_is_no_overview() -> None:
    with pytest.raises(ValueError, match="at least one column"):
        waveform_overview(np.zeros(5, "f4"), 0)
