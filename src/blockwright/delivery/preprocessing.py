"""How raw data becomes a model's inputs, as a bundle tells it; no Keras here.

Takes   the plan that a model was trained by.
Gives   preprocessing.json as a dict, and the inputs that it makes of one clip.
"""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import numpy.typing as npt

from blockwright.contracts.data import DataSource
from blockwright.contracts.encodings import SpectrogramEncoding, TensorEncoding
from blockwright.contracts.graph import ExperimentSettings
from blockwright.contracts.problems import error
from blockwright.contracts.work import DataPlan, FeatureStatistics, TrainPlan
from blockwright.graph.task import target_of
from blockwright.graph.view import GraphView
from blockwright.version import __version__

FORMAT = 2


def input_sources(train: TrainPlan) -> list[DataSource]:
    """Give the sources of a model's inputs, in the model's order."""
    schema = train.data.data_schema
    view = GraphView(train.graph, schema, ExperimentSettings())
    target, _ = target_of(train.graph, schema)
    return [view.sources[str(block.params["source"])] for block in view.inputs_behind(target.id)]


def require_spectrogram(train: TrainPlan) -> None:
    """Refuse a model that a notebook could not feed with clips.

    Raises:
        BlockwrightError: `delivery.needs_spectrogram` unless its one input is a spectrogram
            whose settings are known.
    """
    sources = input_sources(train)
    if len(sources) != 1 or _spectrogram(train.data, sources[0]) is None:
        raise error("delivery.needs_spectrogram", inputs=len(sources))


def preprocessing(
    train: TrainPlan, *, bundle_id: str, task: str, sample_files: list[str]
) -> dict[str, Any]:
    """Say how raw data becomes the model's inputs.

    Args:
        train: What the model was trained by.
        bundle_id: The notebook finds its model by it.
        task: What the model was trained for.
        sample_files: The file of sample inputs of each input.
    """
    sources = input_sources(train)
    spectrograms = [_spectrogram(train.data, source) for source in sources]
    return {
        "format": FORMAT,
        "made_by": f"blockwright {__version__}",
        "bundle_id": bundle_id,
        "task": task,
        "spectrogram": next((found for found in spectrograms if found), None),
        "inputs": [
            {
                "name": source.name,
                "shape": source.shape,
                "sample_file": file,
                "variable": source.variable.model_dump() if source.variable else None,
                "features": [_feature(train.data, source, name) for name in source.features],
            }
            for source, file in zip(sources, sample_files, strict=True)
        ],
    }


def _spectrogram(data: DataPlan, source: DataSource) -> dict[str, Any] | None:
    """Give the settings of a source that is one feature's spectrograms."""
    if len(source.features) > 1:
        return None
    known = {
        name: encoding.spectrogram
        for name, encoding in data.encodings.items()
        if isinstance(encoding, TensorEncoding | SpectrogramEncoding) and encoding.spectrogram
    }
    found = known.get(source.features[0])
    if not known and data.spectrogram is not None:
        # Plans of earlier studios say it once, of whatever picture has its size.
        size = [data.spectrogram.mel_bands, data.spectrogram.frames]
        found = data.spectrogram if source.shape[:2] == size else None
    return found.model_dump(mode="json") if found else None


def _feature(data: DataPlan, source: DataSource, name: str) -> dict[str, Any]:
    statistics = data.statistics.get(name) or FeatureStatistics(normalization="none")
    encoding = data.encodings.get(name)
    told = {"name": name, **statistics.model_dump(mode="json")}
    if encoding is not None:
        told["encoding"] = encoding.model_dump(mode="json")
    if name in data.vocabularies:
        told["vocabulary"] = data.vocabularies[name]
    if source.classes and len(source.features) == 1:
        told["classes"] = source.classes
    return told


def clip_inputs(path: Path, made: dict[str, Any]) -> npt.NDArray[np.float32]:
    """Turn one clip into what the model takes, by the studio's own functions.

    Args:
        path: The clip.
        made: The content of preprocessing.json, with a spectrogram as its one input.

    Returns:
        float32, shape (tiles, *shape): one picture, or every tile of the whole clip.

    Raises:
        ClipError: If the clip cannot be read.
        OSError: If the file cannot be opened.
    """
    from blockwright.audio.clip_picture import (  # noqa: PLC0415 - the server starts without scipy
        clip_picture,
        clip_spectrogram,
        tiles,
    )

    settings: Any = SimpleNamespace(**made["spectrogram"])
    model_input = made["inputs"][0]
    variable, numbers = model_input.get("variable"), model_input["features"][0]
    if variable is None:
        windows = clip_picture(path, settings)[None]
    else:
        windows = tiles(clip_spectrogram(path, settings), variable["tile"], variable["overlap"])
    shaped = windows.reshape(-1, *model_input["shape"])
    normal: npt.NDArray[np.float32] = (shaped - np.float32(numbers["shift"])) / np.float32(
        numbers["scale"]
    )
    return normal
