"""The packaged sample as a dataset zip, made once per studio.

Takes   the recordings in `datasets/sample`.
Gives   the zip that `blockwright preprocess` would make of them, with settings small
        enough that a laptop learns from it in minutes.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from blockwright.contracts.audio import SpectrogramSettings
from blockwright.datasets.preprocess import PreprocessRequest, make_dataset_zip
from blockwright.datasets.sample import TRAINING_AUDIO, TRAINING_LABELS
from blockwright.store.files import FileStore
from blockwright.version import __version__

# 64 bands by 128 frames over the 5 seconds of a clip: a quarter of a second per epoch and core
# is enough for a score far above guessing.
SAMPLE_SPECTROGRAM = SpectrogramSettings(
    sample_rate_hz=22_050,
    fft_samples=2_048,
    hop_samples=862,
    mel_bands=64,
    min_hz=20.0,
    max_hz=11_025.0,
    frames=128,
)


def sample_dataset_zip(
    files: FileStore, on_progress: Callable[[int, int], None] = lambda _done, _total: None
) -> Path:
    """Give the path of the sample's dataset zip; it is made when it is not there yet.

    Args:
        files: The studio's files; the zip is kept under `sample/`.
        on_progress: Called with the number of clips done and of all clips.
    """
    goal = files.local_path(f"sample/dataset-{__version__}.zip")
    if not goal.exists():
        request = PreprocessRequest(
            audio_folder=TRAINING_AUDIO,
            labels_file=TRAINING_LABELS,
            out_file=goal,
            settings=SAMPLE_SPECTROGRAM,
        )
        make_dataset_zip(request, on_progress)
    return goal
