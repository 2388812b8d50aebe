"""Errors of predicted numbers are counted in the feature's own units, in real training."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest
from sklearn import metrics as sk

from blockwright.compiler.build import build_model
from blockwright.contracts.data import DataSource
from blockwright.contracts.encodings import NumericEncoding
from blockwright.contracts.graph import GraphDocument
from blockwright.contracts.work import DataPlan, FeatureStatistics, TrainEpoch, TrainPlan
from blockwright.datasets.reader import VersionReader
from blockwright.evaluation.predictions import predict_rows
from blockwright.graph.snippets import chain
from blockwright.graph.task import target_of
from blockwright.training.loop import Training, run_training
from blockwright.training.target_units import target_units, tell_units
from tests.support.dataset_zips import RecordingSink
from tests.support.tiny_run import tiny_settings, write_version
from tests.support.train_plans import plan_run

ERRORS = {
    "mean_absolute_error": sk.mean_absolute_error,
    "root_mean_squared_error": sk.root_mean_squared_error,
    "mean_absolute_percentage_error": sk.mean_absolute_percentage_error,
    "r2": sk.r2_score,
}
RAW = {"price": (250_000.0, 40_000.0), "opened": (1.7e9, 86_400.0), "plain": (3.0, 1.0)}


def numbers_version(folder: Path) -> DataPlan:
    """Add three numbers per row to the tiny version; two are normalised, one is not."""
    plan = write_version(folder, rows=64)
    random = np.random.default_rng(11)
    raw = {name: random.normal(*sizes, 64) for name, sizes in RAW.items()}
    path = folder / "columns.parquet"
    pl.read_parquet(path).with_columns(**raw).write_parquet(path)
    schema = plan.data_schema.model_copy(
        update={
            "sources": [
                *plan.data_schema.sources,
                *(DataSource(name=n, kind="numeric", shape=[1], features=[n]) for n in RAW),
                DataSource(name="both", kind="vector", shape=[2], features=["price", "plain"]),
            ]
        }
    )
    return plan.model_copy(
        update={
            "data_schema": schema,
            "encodings": {**plan.encodings, **{name: NumericEncoding() for name in RAW}},
            "statistics": {
                **plan.statistics,
                "price": FeatureStatistics(
                    normalization="standardize", shift=249_812.3, scale=39e3
                ),
                "opened": FeatureStatistics(normalization="min_max", shift=1.7e9 - 2e5, scale=4e5),
                "plain": FeatureStatistics(normalization="none"),
            },
        }
    )


def numbers_graph(source: str, width: int) -> GraphDocument:
    return chain(
        [
            ("input", "input", {"source": "fname"}),
            ("flatten", "flatten", {}),
            ("dense", "dense", {"nodes": width, "activation": "linear"}),
            ("target", "target", {"source": source, "loss": "mean_squared_error"}),
        ]
    )


def numbers_plan(folder: Path, source: str, *, errors_in: str = "feature") -> TrainPlan:
    data = numbers_version(folder / "version")
    graph = numbers_graph(source, 2 if source == "both" else 1)
    settings = tiny_settings(epochs=2, best_by="mean_absolute_error")
    return plan_run(folder, data, graph, settings, errors_in=errors_in)


def features_of(plan: TrainPlan) -> list[str]:
    return target_of(plan.graph, plan.data.data_schema)[1].features


def raw_of(plan: TrainPlan) -> np.ndarray:
    return pl.read_parquet(plan.data.columns_path, columns=features_of(plan)).to_numpy()[48:]


def said_of(plan: TrainPlan, training: Training) -> np.ndarray:
    """Predict the validation rows and invert the encoder as a person would."""
    reader = VersionReader(plan.data)
    rows = reader.row_numbers("validation")
    built = build_model(plan.graph, plan.data.data_schema, seed=1)
    for own, learnt in zip(built.model.weights, training.model.weights, strict=True):
        own.assign(learnt)
    said = predict_rows(built, reader, rows).astype(np.float64)
    for place, name in enumerate(features_of(plan)):
        statistics = plan.data.statistics[name]
        said[:, place] = said[:, place] * statistics.scale + statistics.shift
    return said


@pytest.mark.parametrize("source", ["price", "opened", "plain", "both"])
def test_errors_are_those_of_scikit_learn_on_raw_values(tmp_path: Path, source: str) -> None:
    plan = numbers_plan(tmp_path, source)
    sink = RecordingSink()
    training = Training(plan, sink)
    assert training.run() == "done"
    told = [event for event in sink.events if isinstance(event, TrainEpoch)][-1].metrics.validation

    truth, said = raw_of(plan), said_of(plan, training)
    for name, reference in ERRORS.items():
        assert told[name] == pytest.approx(reference(truth, said), rel=2e-6), name
    if source in ("price", "opened"):  # far from what it learns from
        assert told["mean_absolute_error"] > 1_000 * np.sqrt(told["loss"]) / 2


def test_a_run_of_an_earlier_studio_goes_on_as_it_began_and_says_so(tmp_path: Path) -> None:
    plan = numbers_plan(tmp_path, "price", errors_in="trained")
    stored = plan.model_dump(mode="json")
    del stored["errors_in"]
    old = TrainPlan.model_validate(stored)
    sink = RecordingSink()
    run_training(old, sink)
    told = [event for event in sink.events if isinstance(event, TrainEpoch)][-1].metrics.validation
    assert told["root_mean_squared_error"] == pytest.approx(np.sqrt(told["loss"]), rel=1e-4)

    units = tell_units(old)
    assert units is not None
    assert (units.target, units.errors, units.loss) == ("price", "normalized", "normalized")


def test_units_are_told_of_what_predicts_numbers(tmp_path: Path) -> None:
    told = {name: tell_units(numbers_plan(tmp_path / name, name)) for name in ("both", "plain")}
    assert told["both"] is not None
    assert told["both"].model_dump() == {
        "target": "both",
        "several": True,
        "errors": "real",
        "loss": "normalized",
    }
    assert told["plain"] is not None
    assert told["plain"].loss == "real"


def test_a_truth_of_0_is_0_again_after_it_was_normalised(tmp_path: Path) -> None:
    plan = numbers_plan(tmp_path, "price")
    units = target_units(plan)
    price = plan.data.statistics["price"]
    stored = np.array([(0.0 - price.shift) / price.scale, 0.25], dtype=np.float32)
    real = units.real(stored)
    assert real[0] == 0.0
    assert real[1] == pytest.approx(0.25 * price.scale + price.shift)
