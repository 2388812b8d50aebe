"""Preprocessing against librosa, side by side: load, log-mel, decibels, on one core.

    python benchmarks/log_mel.py [AUDIO_FOLDER] [--clips N] [--rounds N]

Both read the same files in turn, in the same process, limited to one thread; the ratio
is of the medians over the rounds. Without a folder the sample recordings are used, once
as they are (Ogg Vorbis) and once as 16-bit WAV, the competition's format.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
import time
import warnings
from pathlib import Path

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"):
    os.environ[name] = "1"

import librosa  # noqa: E402
import numpy as np  # noqa: E402
import soundfile  # noqa: E402

from blockwright.audio.clip_picture import log_mel_db, read_clip  # noqa: E402
from blockwright.contracts.audio import SpectrogramSettings  # noqa: E402
from blockwright.datasets import sample  # noqa: E402

SETTINGS = SpectrogramSettings()


def ours(path: Path) -> np.ndarray:
    """Give the studio's spectrogram."""
    return log_mel_db(read_clip(path, SETTINGS.sample_rate_hz), SETTINGS)


def theirs(path: Path) -> np.ndarray:
    """Give librosa's spectrogram with the same settings."""
    signal, _ = librosa.load(path, sr=SETTINGS.sample_rate_hz)
    power = librosa.feature.melspectrogram(
        y=signal,
        sr=SETTINGS.sample_rate_hz,
        n_fft=SETTINGS.fft_samples,
        hop_length=SETTINGS.hop_samples,
        n_mels=SETTINGS.mel_bands,
        fmin=SETTINGS.min_hz,
        fmax=SETTINGS.max_hz,
        pad_mode="constant",
    )
    return librosa.power_to_db(power, ref=np.max, top_db=SETTINGS.dynamic_range_db)


def compare(name: str, clips: list[Path], rounds: int) -> None:
    """Time both in turn and print the ratio and the largest difference."""
    difference_db = max(float(np.abs(ours(clip) - theirs(clip)).max()) for clip in clips)
    seconds: dict[str, list[float]] = {"ours": [], "theirs": []}
    for _ in range(rounds):
        for side, make in (("ours", ours), ("theirs", theirs)):
            began = time.perf_counter()
            for clip in clips:
                make(clip)
            seconds[side].append(time.perf_counter() - began)
    medians = {side: statistics.median(values) for side, values in seconds.items()}
    print(
        f"{name}: blockwright {len(clips) / medians['ours']:.1f} clips/s, "
        f"librosa {librosa.__version__} {len(clips) / medians['theirs']:.1f} clips/s, "
        f"ratio {medians['theirs'] / medians['ours']:.2f}, "
        f"largest difference {difference_db:.4f} dB"
    )


def main() -> None:
    """Run the comparison."""
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", nargs="?", type=Path)
    parser.add_argument("--clips", type=int, default=40)
    parser.add_argument("--rounds", type=int, default=5)
    wanted = parser.parse_args()
    warnings.simplefilter("ignore")  # librosa: empty mel bands
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    folder = wanted.folder or Path(sample.__file__).parent / "audio"
    audio = (path for path in sorted(folder.iterdir()) if path.suffix in {".wav", ".ogg", ".flac"})
    clips = list(audio)[: wanted.clips]
    if not clips:
        sys.exit(f"no clips in {folder}")
    compare("as they are", clips, wanted.rounds)
    with tempfile.TemporaryDirectory() as place:
        waves = []
        for clip in clips:
            signal, rate_hz = soundfile.read(clip, dtype="float32")
            waves.append(Path(place) / f"{clip.stem}.wav")
            soundfile.write(waves[-1], signal, rate_hz, subtype="PCM_16")
        compare("as 16-bit WAV", waves, wanted.rounds)


if __name__ == "__main__":
    main()
