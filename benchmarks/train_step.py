"""Our training loop beside a hand-written Keras script: same model, data, backend, process.

Run `python benchmarks/train_step.py`. Both train whole epochs on the same rows with the
same metrics; rounds alternate, and the ratio of each round is printed, so that a busy
machine disturbs both alike. Ours writes no checkpoint here and neither does the script.
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
os.environ.setdefault("KERAS_BACKEND", "tensorflow")

import keras
import numpy as np
import polars as pl

from blockwright.contracts.data import DataSchema, DataSource
from blockwright.contracts.encodings import BinaryEncoding, TensorEncoding
from blockwright.contracts.graph import ExperimentSettings, GraphDocument
from blockwright.contracts.sink import EventSink
from blockwright.contracts.subsets import Subset, SubsetRule
from blockwright.contracts.work import (
    DataPlan,
    FeatureStatistics,
    StoredArray,
    TrainPlan,
    WorkerEvent,
)
from blockwright.graph.snippets import chain
from blockwright.training.loop import Training

CLASSES = [f"class_{number}" for number in range(20)]


class QuietSink(EventSink):
    """Turns events into text, as a worker does, and never asks for the end."""

    def __init__(self) -> None:
        """Begin with nothing said."""
        self.characters = 0

    def emit(self, event: WorkerEvent) -> None:
        """Count what would be written."""
        self.characters += len(event.model_dump_json())

    def stop_requested(self) -> bool:
        """Never ask for the end."""
        return False


def write_data(folder: Path, rows: int, side: int) -> DataPlan:
    """Write a version of noise pictures with random labels."""
    random = np.random.default_rng(1)
    np.save(folder / "tensor_0.npy", random.normal(size=(rows, side, side)).astype(np.float32))
    labels = {name: (random.random(rows) < 0.1).astype(np.int8) for name in CLASSES}
    names = [f"{number}.npy" for number in range(rows)]
    pl.DataFrame({"fname": names, **labels}).write_parquet(folder / "columns.parquet")
    every = np.arange(rows, dtype=np.int64)
    np.savez(folder / "subsets.npz", training=every, validation=every[:1])
    sources = [
        DataSource(name="fname", kind="tensor", shape=[side, side], features=["fname"]),
        DataSource(
            name="labels",
            kind="multi_label",
            shape=[len(CLASSES)],
            classes=CLASSES,
            several_true_rows=1,
            features=CLASSES,
        ),
    ]
    rule = SubsetRule(kind="all")
    return DataPlan(
        data_schema=DataSchema(
            version_id="ver_benchmark",
            version_number=1,
            dataset_name="Noise",
            rows=rows,
            sources=sources,
            subsets=[
                Subset(id="training", name="Training", rule=rule, rows=rows),
                Subset(id="validation", name="Validation", rule=rule, rows=1),
            ],
        ),
        version_folder=str(folder),
        columns_path=str(folder / "columns.parquet"),
        arrays={"fname": StoredArray(path=str(folder / "tensor_0.npy"))},
        encodings={"fname": TensorEncoding(), **{name: BinaryEncoding() for name in CLASSES}},
        statistics={"fname": FeatureStatistics(normalization="none")},
        content_hash="0" * 64,
    )


def small_cnn(side: int) -> GraphDocument:
    """Four convolutions with batch normalisation, as in the snippet CNN small."""
    steps = [
        ("input", "input", {"source": "fname"}),
        ("reshape", "reshape", {"target_shape": [side, side, 1]}),
    ]
    for place, filters in enumerate((16, 32, 64, 128)):
        steps += [
            (f"conv_{place}", "conv_2d", {"filters": filters, "activation": "linear"}),
            (f"normalize_{place}", "batch_normalization", {}),
            (f"relu_{place}", "activation", {"activation": "relu"}),
            (f"pool_{place}", "max_pooling_2d", {}),
        ]
    steps += [
        ("average", "global_average_pooling_2d", {}),
        ("dense", "dense", {"nodes": len(CLASSES), "activation": "sigmoid"}),
        ("target", "target", {"source": "labels", "loss": "binary_crossentropy"}),
    ]
    return chain(steps)


def script_model(side: int) -> keras.Model:
    """The same model as a person would write it."""
    ends = x = keras.Input((side, side))
    x = keras.layers.Reshape((side, side, 1))(x)
    for filters in (16, 32, 64, 128):
        x = keras.layers.Conv2D(filters, 3, padding="same")(x)
        x = keras.layers.BatchNormalization()(x)
        x = keras.layers.ReLU()(x)
        x = keras.layers.MaxPooling2D()(x)
    x = keras.layers.GlobalAveragePooling2D()(x)
    model = keras.Model(ends, keras.layers.Dense(len(CLASSES), activation="sigmoid")(x))
    metrics = [keras.metrics.Precision(), keras.metrics.Recall()]
    model.compile(keras.optimizers.Adam(0.001), "binary_crossentropy", metrics=metrics)
    return model


def main() -> None:
    """Measure and print the ratio of rounds."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=1024)
    parser.add_argument("--side", type=int, default=128)
    parser.add_argument("--batch-size", type=int, default=32)
    parser.add_argument("--rounds", type=int, default=7)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        data = write_data(Path(name), options.rows, options.side)
        plan = TrainPlan(
            run_id="run_benchmark",
            run_folder=name,
            graph=small_cnn(options.side),
            settings=ExperimentSettings(
                training_subset_id="training",
                validation_subset_id="validation",
                batch_size=options.batch_size,
            ),
            data=data,
            best_by="lwlrap",
            higher_is_better=True,
            metric_names=["loss", "precision", "recall", "lwlrap"],
        )
        ours = Training(plan, QuietSink())
        script = script_model(options.side)
        if ours.parameters != script.count_params():
            raise SystemExit(f"not the same model: {ours.parameters}, {script.count_params()}")
        pictures = np.load(Path(name) / "tensor_0.npy")
        labels = pl.read_parquet(Path(name) / "columns.parquet", columns=CLASSES)
        truth = labels.to_numpy().astype(np.float32)
        measure(ours, script, pictures, truth, options)


def measure(
    ours: Training,
    script: keras.Model,
    pictures: np.ndarray,
    truth: np.ndarray,
    options: argparse.Namespace,
) -> None:
    """Alternate epochs of both; the first of each only warms up."""

    def by_script() -> None:
        script.fit(pictures, truth, batch_size=options.batch_size, epochs=1, verbose=0)

    ratios, processor_ratios = [], []
    for number in range(options.rounds + 1):
        ours_seconds, ours_busy = seconds_of(lambda number=number: ours.train_epoch(number + 1))
        script_seconds, script_busy = seconds_of(by_script)
        if number == 0:
            continue
        ratios.append(script_seconds / ours_seconds)
        processor_ratios.append(script_busy / ours_busy)
        print(
            f"round {number}: ours {options.rows / ours_seconds:7.1f} rows/s, "
            f"script {options.rows / script_seconds:7.1f} rows/s, ratio {ratios[-1]:.3f}, "
            f"by processor time {processor_ratios[-1]:.3f}"
        )
    print(
        f"Keras {keras.__version__} on {keras.backend.backend()}, {os.cpu_count()} cores: "
        f"throughput of ours is {statistics.median(ratios):.3f} of the script's (median of "
        f"{len(ratios)} rounds, {min(ratios):.3f} to {max(ratios):.3f}); "
        f"by processor time {statistics.median(processor_ratios):.3f}"
    )


def seconds_of(act: Callable[[], object]) -> tuple[float, float]:
    """Time one call: seconds on the wall, and seconds of all cores that this process used.

    The second says more on a machine that others use too.
    """
    began_at, busy_at = time.perf_counter(), time.process_time()
    act()
    return time.perf_counter() - began_at, time.process_time() - busy_at


if __name__ == "__main__":
    main()
