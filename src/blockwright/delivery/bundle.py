"""Make a bundle: the model and everything needed to use it elsewhere.

Takes   a `BundlePlan`: a checkpoint, and the plan it was trained by.
Gives   a folder with model.h5, class order, preprocessing, versions, a sample of
        inputs and outputs, the report on the validation subset and a README.
Never   lets a file out that was not loaded again and compared.
"""

from __future__ import annotations

import csv
import json
import platform
from importlib.metadata import version as package_version
from pathlib import Path
from typing import Any, NamedTuple

import keras
import numpy as np
import numpy.typing as npt

from blockwright.compiler.build import BuiltModel, build_average, build_model
from blockwright.contracts.data import DataSource
from blockwright.contracts.problems import error
from blockwright.contracts.sink import EventSink, Outcome
from blockwright.contracts.work import BundleMade, BundlePlan, Progress
from blockwright.datasets.reader import VersionReader
from blockwright.delivery.bundle_readme import bundle_readme
from blockwright.delivery.deliverables import finished_folder, list_files, write_json
from blockwright.delivery.model_file import (
    check_in_clean_process,
    sample_input_names,
    write_model,
    write_sample,
)
from blockwright.delivery.preprocessing import preprocessing
from blockwright.evaluation.predictions import predict_rows, read_inputs
from blockwright.evaluation.report import ValidationReport, make_report
from blockwright.training.checkpoints import load_weights
from blockwright.training.target_units import target_units
from blockwright.version import __version__

SAMPLE_ROWS = 8
# Rows that vary in length may be an hour each; one of them is enough then.
MOST_SAMPLE_TILES = 256
_STEPS = 4
_PACKAGES = ("keras", "tensorflow", "tensorflow-cpu", "jax", "numpy", "h5py", "scipy", "soxr")


class _Sample(NamedTuple):
    """A few rows, what the model takes of them, and which of the rows each of that is of."""

    rows: npt.NDArray[np.int64]
    inputs: list[npt.NDArray[np.float32]]
    owners: npt.NDArray[np.int64]


def make_bundle(plan: BundlePlan, sink: EventSink) -> Outcome:
    """Make the bundle of one checkpoint.

    Raises:
        BlockwrightError: `delivery.model_does_not_load`, `delivery.outputs_differ`,
            `delivery.no_rows`, or what reading the checkpoint raises.
    """
    with finished_folder(Path(plan.bundle_folder)) as folder:
        if not fill_bundle(plan, folder, sink):
            return "stopped"
    sink.emit(BundleMade(files=list_files(Path(plan.bundle_folder))))
    return "done"


def fill_bundle(plan: BundlePlan, folder: Path, sink: EventSink) -> bool:
    """Write every file of a bundle into a folder; False when someone asked to stop."""
    keras.config.set_dtype_policy("float32")
    _tell(sink, 0)
    train = plan.train
    built = _with_weights(plan)
    reader = VersionReader(train.data)
    target = target_source(plan, built)
    _tell(sink, 1)
    if sink.stop_requested():
        return False
    sample = _sample(plan, built, reader)
    outputs = predict_rows(built, reader, sample.rows)
    write_model(built.model, folder)
    owners = None if built.variable_source is None else sample.owners
    write_sample(sample.inputs, outputs, folder, owners=owners)
    _write_sample_csv(folder / "sample_outputs.csv", sample.rows, outputs, class_names(target))
    _tell(sink, 2)
    difference = check_in_clean_process(folder, len(sample.inputs))
    if sink.stop_requested():
        return False
    _tell(sink, 3)
    report = _validation_report(plan, built, reader, target)
    write_json(folder / "classes.json", class_names(target))
    made = preprocessing(
        train,
        bundle_id=plan.bundle_id,
        task=built.task,
        sample_files=sample_input_names(len(sample.inputs)),
    )
    write_json(folder / "preprocessing.json", made)
    write_json(folder / "versions.json", versions())
    write_json(folder / "run.json", _run_facts(plan, difference, report))
    (folder / "README.md").write_text(
        bundle_readme(plan, class_names(target), report, made), encoding="utf-8"
    )
    _tell(sink, _STEPS)
    return True


def _with_weights(plan: BundlePlan) -> BuiltModel:
    """Build the model and give it the weights of its checkpoint, or of those it averages."""
    train, schema = plan.train, plan.train.data.data_schema
    if not plan.averaged:
        built = build_model(train.graph, schema, seed=train.settings.seed)
        load_weights(Path(plan.checkpoint_folder), built.model)
        return built
    built, bodies = build_average(
        train.graph, schema, seed=train.settings.seed, count=len(plan.averaged)
    )
    for each, body in zip(plan.averaged, bodies, strict=True):
        load_weights(Path(each.checkpoint_folder), body)
    return built


def target_source(plan: BundlePlan, built: BuiltModel) -> DataSource:
    """Give the source that the model was trained to predict."""
    sources = {source.name: source for source in plan.train.data.data_schema.sources}
    return sources[built.target_source]


def class_names(target: DataSource) -> list[str]:
    """Give one name per output, in the order of the outputs."""
    # A class that is told by its number has names too, but one output.
    with_classes = target.kind in ("multi_label", "categorical")
    return (with_classes and target.classes) or target.features


def versions() -> dict[str, str]:
    """Give the versions that the bundle was made with."""
    found = {"blockwright": __version__, "python": platform.python_version()}
    for name in _PACKAGES:
        try:
            found[name] = package_version(name)
        except ModuleNotFoundError:
            continue  # an engine that is not installed was not used either
    return found | {"keras_backend": keras.backend.backend()}


def _sample_rows(plan: BundlePlan, reader: VersionReader) -> npt.NDArray[np.int64]:
    settings = plan.train.settings
    for subset in (settings.validation_subset_id, settings.training_subset_id):
        rows = reader.row_numbers(subset) if subset else np.empty(0, dtype=np.int64)
        if len(rows):
            return rows[:SAMPLE_ROWS]
    raise error("delivery.no_rows", experiment=plan.experiment_name)


def _sample(plan: BundlePlan, built: BuiltModel, reader: VersionReader) -> _Sample:
    """Read the first rows; of rows that vary in length, as many as give not too many tiles."""
    rows = _sample_rows(plan, reader)
    count = len(rows) if built.variable_source is None else 1
    inputs, owners = read_inputs(built, reader, rows[:count])
    while count < len(rows):
        more, more_owners = read_inputs(built, reader, rows[count : count + 1])
        if len(owners) + len(more_owners) > MOST_SAMPLE_TILES:
            break
        inputs = [np.concatenate(both) for both in zip(inputs, more, strict=True)]
        owners = np.concatenate([owners, more_owners + count])
        count += 1
    return _Sample(rows[:count], inputs, owners)


def _validation_report(
    plan: BundlePlan, built: BuiltModel, reader: VersionReader, target: DataSource
) -> ValidationReport | None:
    settings = plan.train.settings
    if settings.validation_subset_id is None or settings.training_subset_id is None:
        return None
    rows = reader.row_numbers(settings.validation_subset_id)
    if len(rows) == 0:
        return None
    subsets = {subset.id: subset.name for subset in plan.train.data.data_schema.subsets}
    training = reader.row_numbers(settings.training_subset_id)
    return make_report(
        predict_rows(built, reader, rows),
        _as_table(reader.read(target.name, rows)),
        _as_table(reader.read(target.name, training)),
        task=built.task,
        class_names=class_names(target),
        subset=subsets[settings.validation_subset_id],
        seed=settings.seed,
        units=target_units(plan.train),
    )


def _as_table(values: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    return values.reshape(len(values), -1)


def _run_facts(
    plan: BundlePlan, difference: float, report: ValidationReport | None
) -> dict[str, Any]:
    train = plan.train
    return {
        "run_id": train.run_id,
        "experiment": plan.experiment_name,
        "epoch": plan.epoch,
        "average_of": [
            each.model_dump(mode="json", exclude={"checkpoint_folder"}) for each in plan.averaged
        ],
        "dataset": train.data.data_schema.dataset_name,
        "version": train.data.data_schema.version_number,
        "data_hash": train.data.content_hash,
        "settings": train.settings.model_dump(mode="json"),
        "graph": train.graph.model_dump(mode="json"),
        "machine": json.loads(plan.machine.model_dump_json()) if plan.machine else None,
        "reloaded_in_clean_process": {"largest_difference": difference},
        "validation": report.model_dump(mode="json") if report else None,
    }


def _write_sample_csv(
    path: Path, rows: npt.NDArray[np.int64], outputs: npt.NDArray[np.float32], names: list[str]
) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["row", *names])
        for row, values in zip(rows, outputs, strict=True):
            writer.writerow([int(row), *(f"{value:.9g}" for value in values)])


def _tell(sink: EventSink, done: int) -> None:
    sink.emit(Progress(done_units=done, total_units=_STEPS, unit="steps"))
