"""Clips on all cores: in order, whatever becomes of the processes."""

from __future__ import annotations

import io
import multiprocessing
import os
import threading
import time
from pathlib import Path

import numpy as np
import pytest
import soundfile

from blockwright.audio.clip_picture import clip_picture
from blockwright.contracts.audio import SpectrogramSettings
from blockwright.contracts.problems import Problem
from blockwright.datasets.all_cores import Picture, pictures

SETTINGS = SpectrogramSettings(
    sample_rate_hz=16_000, fft_samples=512, mel_bands=16, max_hz=8_000, frames=20
)


def make_clips(folder: Path, count: int) -> list[Path]:
    paths = [folder / f"{number}.wav" for number in range(count)]
    for number, path in enumerate(paths):
        soundfile.write(path, np.sin(np.arange(4_000 + number) * (number + 1) / 50), 16_000)
    return paths


def loaded(item: Picture | Problem) -> np.ndarray:
    assert isinstance(item, Picture)
    return np.load(io.BytesIO(item.content), allow_pickle=False)  # type: ignore[no-any-return]


def test_pictures_come_in_the_order_of_the_clips_and_leave_nothing_behind(tmp_path: Path) -> None:
    paths = make_clips(tmp_path, 45)
    paths[7].write_bytes(b"")
    soundfile.write(paths[9], np.zeros(5_000), 16_000)
    (tmp_path / "scratch").mkdir()
    made = list(pictures(paths, SETTINGS, 2, tmp_path / "scratch"))
    assert [place for place, item in enumerate(made) if isinstance(item, Problem)] == [7]
    for place in (0, 8, 20, 44):
        np.testing.assert_array_equal(loaded(made[place]), clip_picture(paths[place], SETTINGS))
    silent = [place for place, item in enumerate(made) if getattr(item, "is_silent", False)]
    assert silent == [9]
    assert list((tmp_path / "scratch").iterdir()) == []


def test_one_that_stops_early_leaves_nothing_behind(tmp_path: Path) -> None:
    made = pictures(make_clips(tmp_path, 40), SETTINGS, 1, tmp_path)
    next(made)
    made.close()
    assert list(tmp_path.glob(".pictures*")) == []


@pytest.mark.skipif(os.name == "nt", reason="needs named pipes")
def test_only_the_clip_that_kills_its_process_is_lost(tmp_path: Path) -> None:
    paths = make_clips(tmp_path, 20)
    paths[5].unlink()
    os.mkfifo(paths[5])
    is_done = threading.Event()

    def kill_who_opens_it() -> None:
        while not is_done.is_set():
            try:
                writer = os.open(paths[5], os.O_WRONLY | os.O_NONBLOCK)
            except OSError:  # nobody reads it
                time.sleep(0.01)
                continue
            for process in multiprocessing.active_children():
                process.kill()
            time.sleep(0.2)
            os.close(writer)

    killer = threading.Thread(target=kill_who_opens_it)
    killer.start()
    try:
        made = list(pictures(paths, SETTINGS, 1))
    finally:
        is_done.set()
        killer.join()
    lost = [(place, item) for place, item in enumerate(made) if isinstance(item, Problem)]
    assert [(place, item.code) for place, item in lost] == [(5, "audio.decoder_crashed")]
    for place in (4, 6, 19):
        np.testing.assert_array_equal(loaded(made[place]), clip_picture(paths[place], SETTINGS))
