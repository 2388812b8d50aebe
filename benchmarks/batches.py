"""Batches of a saved version beside plain copies, and random crops beside a training step.

Run `python benchmarks/batches.py`. Tensors: batches of random and of neighbouring rows
from the page cache, beside `np.copyto` of as many bytes from memory to memory; rounds
alternate. Crops: 128 x 128 pieces of clips of 0.3 to 30 s, beside the training step of the
snippet CNN small on such batches, in the same process.
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

import numpy as np
import polars as pl

from blockwright.compiler.build import build_model
from blockwright.contracts.data import DataSchema, DataSource, VariableLength
from blockwright.contracts.encodings import BinaryEncoding, TensorEncoding
from blockwright.contracts.engine import EngineChoice
from blockwright.contracts.graph import ExperimentSettings
from blockwright.contracts.subsets import Subset, SubsetRule
from blockwright.contracts.work import DataPlan, FeatureStatistics, StoredArray, TrainPlan
from blockwright.datasets.reader import VersionReader
from blockwright.graph.fitting import fitted_snippets
from blockwright.training.batches import BatchSource
from blockwright.training.steps import Steps

CLASSES = [f"class_{number}" for number in range(80)]
BANDS, TILE = 128, 128
FRAMES_PER_SECOND = 64


def plan_of(
    folder: Path, source: DataSource, stored: StoredArray, statistics_: FeatureStatistics, rows: int
) -> DataPlan:
    """Describe a version of one tensor and 80 labels."""
    random = np.random.default_rng(2)
    labels = {name: random.random(rows) < 0.02 for name in CLASSES}
    pl.DataFrame(labels).write_parquet(folder / "columns.parquet")
    np.savez(folder / "subsets.npz", training=np.arange(rows), validation=np.arange(1))
    bundle = DataSource(
        name="labels", kind="multi_label", shape=[80], classes=CLASSES, features=CLASSES
    )
    rule = SubsetRule(kind="all")
    return DataPlan(
        data_schema=DataSchema(
            version_id="ver_benchmark",
            version_number=1,
            dataset_name="Noise",
            rows=rows,
            sources=[source, bundle],
            subsets=[
                Subset(id=name.lower(), name=name, rule=rule, rows=rows)
                for name in ("Training", "Validation")
            ],
        ),
        version_folder=str(folder),
        columns_path=str(folder / "columns.parquet"),
        arrays={source.name: stored},
        encodings={
            source.name: TensorEncoding(),
            **{name: BinaryEncoding() for name in CLASSES},
        },
        statistics={source.name: statistics_},
        content_hash="0" * 64,
    )


def tensor_plan(folder: Path, rows: int, normalization: str) -> DataPlan:
    """Describe `(256, 256)` pictures, written once."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "values.npy"
    if not path.exists():
        random = np.random.default_rng(1)
        np.save(path, random.random((rows, 256, 256), dtype=np.float32))
    source = DataSource(name="x", kind="tensor", shape=[256, 256], features=["x"])
    measured = FeatureStatistics.model_validate(
        {"normalization": normalization, "shift": 0.5, "scale": 0.29}
    )
    return plan_of(folder, source, StoredArray(path=str(path)), measured, rows)


def clips_plan(folder: Path, rows: int) -> DataPlan:
    """Describe clips of 0.3 to 30 s as frames of 128 bands, half of them under 5 s."""
    folder.mkdir(parents=True, exist_ok=True)
    random = np.random.default_rng(1)
    seconds = np.clip(random.lognormal(np.log(5), 1, size=rows), 0.3, 30)
    offsets = np.concatenate([[0], np.cumsum((seconds * FRAMES_PER_SECOND).astype(np.int64))])
    frames = random.random((int(offsets[-1]), BANDS), dtype=np.float32) * -80
    np.save(folder / "frames.npy", frames)
    np.save(folder / "offsets.npy", offsets)
    source = DataSource(
        name="x",
        kind="tensor",
        shape=[BANDS, TILE],
        features=["x"],
        variable=VariableLength(axis=1, tile=TILE, overlap=TILE // 2),
    )
    stored = StoredArray(path=str(folder / "frames.npy"), offsets_path=str(folder / "offsets.npy"))
    measured = FeatureStatistics(normalization="standardize", shift=-40.0, scale=23.0)
    return plan_of(folder, source, stored, measured, rows)


def seconds_of(act: Callable[[], object]) -> float:
    """Time one call."""
    began = time.perf_counter()
    act()
    return time.perf_counter() - began


def measure_tensors(folder: Path, options: argparse.Namespace) -> None:
    """Print gigabytes per second of batches, and of plain copies of as many bytes."""
    readers = {
        "as they are": VersionReader(tensor_plan(folder, options.rows, "none")),
        "normalised": VersionReader(tensor_plan(folder, options.rows, "standardize")),
    }
    size = options.batch_size
    order = np.random.default_rng(3).permutation(options.rows)
    batches = [order[start : start + size] for start in range(0, options.rows - size + 1, size)]
    in_order = [
        np.arange(options.rows)[start : start + size]
        for start in range(0, options.rows - size + 1, size)
    ]
    gigabytes = len(batches) * size * 256 * 256 * 4 / 1e9
    source = np.random.default_rng(4).random((options.rows, 256, 256), dtype=np.float32)
    goal = np.empty((size, 256, 256), dtype=np.float32)

    def copied() -> None:
        for start in range(0, options.rows - size + 1, size):
            np.copyto(goal, source[start : start + size])

    def read(reader: VersionReader, rows: list[np.ndarray]) -> None:
        for part in rows:
            values = reader.read("x", part)
            if values.base is not None:  # given without a copy: whoever trains copies it
                np.copyto(goal, values)

    cases = {
        f"{order_name} rows {name}": (reader, rows)
        for order_name, rows in (("random", batches), ("neighbouring", in_order))
        for name, reader in readers.items()
    }
    rates: dict[str, list[float]] = {name: [] for name in cases}
    copies: list[float] = []
    for number in range(options.rounds + 1):
        copy_rate = gigabytes / seconds_of(copied)
        found = {
            name: gigabytes / seconds_of(lambda c=case: read(*c)) for name, case in cases.items()
        }
        if number == 0:
            continue  # the first round brings the file into the page cache
        copies.append(copy_rate)
        for name, rate in found.items():
            rates[name].append(rate)
    print(f"np.copyto, memory to memory: {statistics.median(copies):.2f} GB/s")
    for name, found_rates in rates.items():
        ratios = [rate / copy for rate, copy in zip(found_rates, copies, strict=True)]
        print(
            f"{name}: {statistics.median(found_rates):.2f} GB/s, "
            f"{statistics.median(ratios):.2f} of copyto ({min(ratios):.2f} to {max(ratios):.2f})"
        )


def measure_crops(folder: Path, options: argparse.Namespace) -> None:
    """Print crops per second, and how many a training step of CNN small consumes."""
    plan = clips_plan(folder, options.clips)
    settings = ExperimentSettings(
        training_subset_id="training",
        validation_subset_id="validation",
        batch_size=options.batch_size,
    )
    cards = {card.name: card for card in fitted_snippets(plan.data_schema, settings)}
    train = TrainPlan(
        run_id="run_benchmark",
        run_folder=str(folder),
        graph=cards["cnn_small"].graph,
        settings=settings,
        data=plan,
        best_by="lwlrap",
        higher_is_better=True,
        metric_names=["loss", "precision", "recall", "lwlrap"],
    )
    built = build_model(train.graph, plan.data_schema, seed=1)
    engine = EngineChoice(
        backend="tensorflow", precision="float32", threads=1, xla=False, why="by_setting"
    )
    steps = Steps(built, train, engine)
    reader = VersionReader(plan)
    source = BatchSource(reader, built.input_sources, built.target_source, options.batch_size)
    order = np.random.default_rng(5).permutation(options.clips)[: options.batch_size * 16]
    batch = source.read(order[: options.batch_size], crop_seed=(42, 1))
    count = 8

    def crops(epoch: int) -> None:
        for start in range(0, len(order), options.batch_size):
            reader.read("x", order[start : start + options.batch_size], crop_seed=(42, epoch))

    def trained() -> None:
        for _ in range(count):
            steps.train(batch)

    trained()
    crops(0)
    ratios, crop_rates, step_rates = [], [], []
    for number in range(options.rounds):
        crop_rates.append(len(order) / seconds_of(lambda n=number: crops(n + 1)))
        step_rates.append(count * options.batch_size / seconds_of(trained))
        ratios.append(crop_rates[-1] / step_rates[-1])
    print(
        f"random crops of {BANDS} x {TILE}: {statistics.median(crop_rates):.0f} rows/s; a training "
        f"step of CNN small takes {statistics.median(step_rates):.0f} rows/s: "
        f"{statistics.median(ratios):.1f} times ({min(ratios):.1f} to {max(ratios):.1f})"
    )


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=1024)
    parser.add_argument("--clips", type=int, default=1024)
    parser.add_argument("--batch-size", type=int, default=32)
    parser.add_argument("--rounds", type=int, default=7)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        measure_tensors(Path(name) / "tensors", options)
        measure_crops(Path(name) / "clips", options)


if __name__ == "__main__":
    main()
