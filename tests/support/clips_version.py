"""A frozen version of real recordings of different lengths, and a model for it."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import soundfile

from blockwright.contracts.audio import SpectrogramSettings
from blockwright.contracts.encodings import MultiLabelEncoding, SpectrogramEncoding
from blockwright.contracts.graph import ExperimentSettings, GraphDocument
from blockwright.contracts.subsets import Subset, SubsetRule
from blockwright.contracts.work import DataPlan, TrainPlan
from blockwright.datasets.draft_state import DraftState
from blockwright.datasets.sample import TRAINING_AUDIO, TRAINING_LABELS
from blockwright.graph.snippets import chain
from tests.support.content_folders import feature, write_content
from tests.support.encoding_data import save
from tests.support.train_plans import plan_run

TILE = 48
BANDS = 32
SPECTROGRAM = SpectrogramSettings(
    sample_rate_hz=22_050,
    fft_samples=1_024,
    hop_samples=512,
    mel_bands=BANDS,
    max_hz=11_025,
    frames=TILE,
    fit="variable",
    clip_normalization="min_max",
)
SETTINGS = ExperimentSettings(
    version_id="ver_1",
    training_subset_id="sub_training",
    validation_subset_id="sub_validation",
    batch_size=8,
    epochs=2,
    learning_rate=0.003,
    seed=11,
)


def clip_names(count: int) -> list[str]:
    """Give the names of some of the studio's own clips: short and long ones mixed."""
    with TRAINING_LABELS.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    step = len(rows) // count
    return [row["fname"] for row in rows[::step][:count]]


def write_clips(folder: Path, *, clips: int = 24) -> list[Path]:
    """Write recordings that begin as the studio's own do and end at 0.5 to 5 seconds."""
    folder.mkdir(parents=True)
    written = []
    for place, name in enumerate(clip_names(clips)):
        seconds = 0.5 + 4.5 * ((place * 7) % clips) / (clips - 1)
        signal, rate_hz = soundfile.read(TRAINING_AUDIO / name, dtype="float32")
        content = io.BytesIO()
        soundfile.write(content, signal[: int(seconds * rate_hz)], rate_hz, "PCM_16", format="WAV")
        written.append(folder / f"{Path(name).stem}.wav")
        written[-1].write_bytes(content.getvalue())
    return written


def clips_draft(folder: Path, *, clips: int = 24) -> DraftState:
    """Write a content folder of recordings and their labels, all in one cell per row."""
    with TRAINING_LABELS.open(newline="", encoding="utf-8") as file:
        labels = {row["fname"]: row["labels"] for row in csv.DictReader(file)}
    names = clip_names(clips)
    files = write_clips(folder / "clips", clips=clips)
    classes = sorted({label for name in names for label in labels[name].split(",")})
    seconds = [soundfile.info(file).duration for file in files]
    state = write_content(
        folder / "content",
        {
            "clip": [file.name for file in files],
            "labels": [labels[name] for name in names],
            "n": list(range(clips)),
        },
        {"clip": "audio", "labels": "multi_label", "n": "numeric"},
        media={"clip": ("audio", [file.read_bytes() for file in files], {"seconds": seconds})},
    )
    border = {"feature": "n", "value": clips * 3 // 4}
    rules = {"training": "less", "validation": "at_least"}
    return DraftState(
        content_folder=state.content_folder,
        rows=clips,
        features=[
            feature(
                "clip",
                "audio",
                encoding=SpectrogramEncoding(spectrogram=SPECTROGRAM, normalization="standardize"),
            ),
            feature("labels", "multi_label", encoding=MultiLabelEncoding(), classes=classes),
            feature("n", "numeric"),
        ],
        subsets=[
            Subset(
                id=f"sub_{name}",
                name=name.title(),
                rows=0,
                rule=SubsetRule.model_validate(
                    {"kind": "condition", "condition": {**border, "operator": operator}}
                ),
            )
            for name, operator in rules.items()
        ],
    )


def clips_version(folder: Path, *, clips: int = 24) -> DataPlan:
    """Save a version of the recordings, as spectrograms of their whole length."""
    return save(clips_draft(folder, clips=clips), folder).data


def clips_graph(classes: int) -> GraphDocument:
    """The snippet CNN small in little: convolutions, batch normalisation, dropout."""
    return chain(
        [
            ("input", "input", {"source": "clip"}),
            ("reshape", "reshape", {"target_shape": [BANDS, TILE, 1]}),
            ("conv", "conv_2d", {"filters": 8, "activation": "relu", "stride": [2, 2]}),
            ("normalize", "batch_normalization", {"momentum": 0.9}),
            ("pool", "max_pooling_2d", {}),
            ("average", "global_average_pooling_2d", {}),
            ("dropout", "dropout", {"rate": 0.2}),
            ("dense", "dense", {"nodes": classes, "activation": "sigmoid"}),
            ("target", "target", {"source": "labels", "loss": "binary_crossentropy"}),
        ]
    )


def train_plan(data: DataPlan, folder: Path) -> TrainPlan:
    """Plan a run of two epochs on a version of clips."""
    labels = next(s for s in data.data_schema.sources if s.name == "labels")
    graph = clips_graph(len(labels.classes or ()))
    return plan_run(folder, data, graph, SETTINGS)
