"""Preprocessing against librosa, side by side: load, log-mel, decibels.

    python benchmarks/log_mel.py [AUDIO_FOLDER] [--clips N] [--rounds N]

Per core: both read the same files in turn, in the same process, limited to one thread
and one core, for each kind of settings; the ratio is of the medians over the rounds.
Then with processes: the pool that `blockwright preprocess` uses, with one and with two
processes, and librosa in two, in turn; the clips are counted from the moment when all
processes work. Without a folder the sample recordings are used, once as they are
(Ogg Vorbis) and once as 44.1 kHz 16-bit WAV, the competition's format.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import statistics
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"):
    os.environ[name] = "1"

import librosa  # noqa: E402
import numpy as np  # noqa: E402
import soundfile  # noqa: E402

from blockwright.audio.clip_picture import clip_spectrogram  # noqa: E402
from blockwright.contracts.audio import PRESETS, SpectrogramSettings  # noqa: E402
from blockwright.datasets import sample  # noqa: E402
from blockwright.datasets.all_cores import pictures  # noqa: E402

SETTINGS = {
    "256 mel, 2560/694": PRESETS["tutorial_256"],
    "128 mel, 2560/690": PRESETS["tagging_128"],
    "128 mel, 2048/512": SpectrogramSettings(fft_samples=2_048, hop_samples=512, mel_bands=128),
}
# All recordings of the Freesound Audio Tagging 2019 competition, both training sets and test.
COMPETITION_HOURS = 90.8
POOL_CLIPS = 2_400
POOL_SETTINGS = PRESETS["tutorial_256"]


def theirs(path: Path, settings: SpectrogramSettings) -> np.ndarray:
    """Give librosa's spectrogram with the same settings."""
    signal, _ = librosa.load(path, sr=settings.sample_rate_hz)
    power = librosa.feature.melspectrogram(
        y=signal,
        sr=settings.sample_rate_hz,
        n_fft=settings.fft_samples,
        hop_length=settings.hop_samples,
        n_mels=settings.mel_bands,
        fmin=settings.min_hz,
        fmax=settings.max_hz,
        pad_mode="constant",
    )
    return librosa.power_to_db(power, ref=np.max, top_db=settings.dynamic_range_db)


def compare(name: str, clips: list[Path], settings: SpectrogramSettings, rounds: int) -> None:
    """Time both in turn on one core; print the ratio and the largest difference."""
    difference_db = max(
        float(np.abs(clip_spectrogram(clip, settings) - theirs(clip, settings)).max())
        for clip in clips
    )
    seconds: dict[str, list[float]] = {"ours": [], "theirs": []}
    for _ in range(rounds):
        for side, make in (("ours", clip_spectrogram), ("theirs", theirs)):
            began = time.perf_counter()
            for clip in clips:
                make(clip, settings)
            seconds[side].append(time.perf_counter() - began)
    medians = {side: statistics.median(values) for side, values in seconds.items()}
    sound_seconds = sum(soundfile.info(clip).duration for clip in clips)
    speeds = {side: sound_seconds / median for side, median in medians.items()}
    print(
        f"{name}: blockwright {speeds['ours']:.0f} times real time, "
        f"librosa {librosa.__version__} {speeds['theirs']:.0f}, "
        f"ratio {medians['theirs'] / medians['ours']:.2f}, "
        f"largest difference {difference_db:.4f} dB; "
        f"{COMPETITION_HOURS} hours take {COMPETITION_HOURS * 60 / speeds['ours']:.1f} min on a "
        f"core, with librosa {COMPETITION_HOURS * 60 / speeds['theirs']:.1f} min",
        flush=True,
    )


def our_pool(clips: list[Path], processes: int) -> Iterator[object]:
    """Give the pictures as `blockwright preprocess` makes them."""
    return pictures(clips, POOL_SETTINGS, processes)


def their_pool(clips: list[Path], processes: int) -> Iterator[object]:
    """Give librosa's spectrograms from a plain pool."""
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(processes, mp_context=spawn) as pool:
        yield from pool.map(theirs, clips, [POOL_SETTINGS] * len(clips), chunksize=8)


Pool = Callable[[list[Path], int], Iterator[object]]


def clips_per_second(pool: Pool, clips: list[Path], processes: int) -> float:
    """Count from the first tenth on: by then every process has started."""
    skipped = len(clips) // 10
    began = 0.0
    for done, _ in enumerate(pool(clips, processes), start=1):
        if done == skipped:
            began = time.perf_counter()
    return (len(clips) - skipped) / (time.perf_counter() - began)


def compare_processes(waves: list[Path], rounds: int) -> None:
    """Time one and two processes in turn, and librosa in two; print the ratios."""
    many = (waves * (POOL_CLIPS // len(waves) + 1))[:POOL_CLIPS]
    runs: dict[str, tuple[Pool, int, list[Path]]] = {
        "one": (our_pool, 1, many),
        "two": (our_pool, 2, many),
        "librosa": (their_pool, 2, many[: POOL_CLIPS // 4]),
    }
    rates: dict[str, list[float]] = {name: [] for name in runs}
    for _ in range(rounds):
        for name, (pool, processes, clips) in runs.items():
            rates[name].append(clips_per_second(pool, clips, processes))
    medians = {name: statistics.median(values) for name, values in rates.items()}
    sound_seconds = statistics.mean(soundfile.info(clip).duration for clip in waves)
    minutes = COMPETITION_HOURS * 60 / (medians["two"] * sound_seconds)
    print(
        f"processes, {os.cpu_count()} cores: one {medians['one']:.0f} clips/s, "
        f"two {medians['two']:.0f}, ratio {medians['two'] / medians['one']:.2f} "
        f"(of the best rounds {max(rates['two']) / max(rates['one']):.2f}); librosa in two "
        f"{medians['librosa']:.0f}, ratio {medians['two'] / medians['librosa']:.2f}; "
        f"{COMPETITION_HOURS} hours take {minutes:.1f} min with two"
    )


def as_waves(clips: list[Path], folder: Path) -> list[Path]:
    """Write the clips again as 44.1 kHz 16-bit WAV."""
    waves = []
    for clip in clips:
        signal, _ = librosa.load(clip, sr=44_100)
        waves.append(folder / f"{clip.stem}.wav")
        soundfile.write(waves[-1], signal, 44_100, subtype="PCM_16")
    return waves


def main() -> None:
    """Run the comparison."""
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", nargs="?", type=Path)
    parser.add_argument("--clips", type=int, default=40)
    parser.add_argument("--rounds", type=int, default=5)
    wanted = parser.parse_args()
    warnings.simplefilter("ignore")  # librosa: empty mel bands
    folder = wanted.folder or Path(sample.__file__).parent / "audio"
    audio = (path for path in sorted(folder.iterdir()) if path.suffix in {".wav", ".ogg", ".flac"})
    clips = list(audio)[: wanted.clips]
    if not clips:
        sys.exit(f"no clips in {folder}")
    with tempfile.TemporaryDirectory() as place:
        waves = as_waves(clips, Path(place))
        if hasattr(os, "sched_setaffinity"):
            cores = os.sched_getaffinity(0)
            os.sched_setaffinity(0, {min(cores)})
        compare("as they are, 256 mel, 2560/694", clips, PRESETS["tutorial_256"], wanted.rounds)
        for name, settings in SETTINGS.items():
            compare(f"44.1 kHz 16-bit WAV, {name}", waves, settings, wanted.rounds)
        if hasattr(os, "sched_setaffinity"):
            os.sched_setaffinity(0, cores)
        compare_processes(waves, wanted.rounds)


if __name__ == "__main__":
    main()
