"""Folds from the queue to one averaged model: real workers, and a file that any Keras opens."""

from __future__ import annotations

import json
import time

import keras
import numpy as np
import pytest

from blockwright.contracts.problems import BlockwrightError
from blockwright.contracts.run_groups import FoldRunsCreate
from blockwright.contracts.runs import Bundle, BundleCreate
from blockwright.contracts.subsets import Subset, SubsetRule
from blockwright.delivery.service import DeliveryService
from blockwright.store.tables import VersionRow
from blockwright.store.uploads import UploadStore
from blockwright.training.group_service import RunGroupService
from tests.support.tiny_run import PATIENCE_SECONDS, TinyStudio, make_tiny_studio, supervised

FOLDS = 2


def with_folds(studio: TinyStudio) -> None:
    """Cut the 64 rows into two folds, each with its rest."""
    folder = studio.files.root / "versions" / "ver_tiny"
    kept = dict(np.load(folder / "subsets.npz"))
    halves = np.array_split(np.arange(64, dtype=np.int64), FOLDS)
    added = []
    for number, rows in enumerate(halves, 1):
        rest = np.setdiff1d(np.arange(64, dtype=np.int64), rows)
        kept |= {f"in_{number}": rows, f"out_{number}": rest}
        inside = SubsetRule(kind="k_fold", folds=FOLDS, fold=number)
        outside = SubsetRule(kind="rest", of=[f"in_{number}"])
        added += [Subset(id=f"in_{number}", name=f"Fold {number}", rule=inside, rows=len(rows))]
        added += [Subset(id=f"out_{number}", name=f"Rest {number}", rule=outside, rows=len(rest))]
    np.savez(folder / "subsets.npz", **kept)
    with studio.database.transaction() as session:
        row = session.get_one(VersionRow, "ver_tiny")
        told = [subset.model_dump(mode="json") for subset in added]
        schema = {**row.data_schema, "subsets": [*row.data_schema["subsets"], *told]}
        row.data_schema = schema
        row.data_plan = {**row.data_plan, "data_schema": schema}


def test_the_models_of_all_folds_become_one_that_averages_them(tmp_path):
    studio = make_tiny_studio(tmp_path / "studio")
    with_folds(studio)
    groups = RunGroupService(studio.database, studio.files)
    delivery = DeliveryService(
        studio.database, studio.files, UploadStore(studio.files), local_paths_allowed=False
    )
    experiment = studio.experiment(epochs=2, learning_rate=0.01)
    (folds,) = groups.fold_sets(experiment)
    group = groups.create(experiment, FoldRunsCreate(name="Two folds", folds_id=folds.id))
    wanted = BundleCreate(run_id=group.trials[0].run_id, averaged=True)
    with supervised(studio):
        for trial in group.trials:
            studio.wait_until_over(trial.run_id)
        assert groups.get(group.id).can_average
        bundle = delivery.create_bundle(wanted)
        assert delivery.create_bundle(wanted).id == bundle.id
        single = delivery.create_bundle(BundleCreate(run_id=group.trials[0].run_id))
        other = delivery.create_bundle(BundleCreate(run_id=group.trials[1].run_id))
        made = [_made(delivery, each.id) for each in (bundle, single, other)]

    assert [each.problem for each in made] == [None] * 3
    average, *alone = (
        keras.models.load_model(delivery.bundle_file(each.id, "model.h5"), compile=False)
        for each in made
    )
    kinds = {type(layer).__module__.split(".")[0] for layer in average.layers}
    assert kinds == {"keras"}
    assert len(average.layers) == 2 * (len(alone[0].layers) - 1) + 2
    pictures = np.random.default_rng(1).normal(size=(5, 16, 16)).astype(np.float32)
    expected = np.mean([model.predict(pictures, verbose=0) for model in alone], axis=0)
    np.testing.assert_allclose(average.predict(pictures, verbose=0), expected, atol=1e-6)

    facts = json.loads(delivery.bundle_file(bundle.id, "run.json").read_text())
    assert [each["fold"] for each in facts["average_of"]] == ["Fold 1", "Fold 2"]
    assert facts["validation"] is None  # no row is left that no model has learnt from
    readme = delivery.bundle_file(bundle.id, "README.md").read_text()
    assert "the mean of 2 models, each trained without one fold of the rows" in readme


def _made(delivery: DeliveryService, bundle_id: str) -> Bundle:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline and delivery.bundle(bundle_id).state == "making":
        time.sleep(0.2)
    return delivery.bundle(bundle_id)


def test_there_is_no_average_of_what_is_no_fold(tmp_path):
    studio = make_tiny_studio(tmp_path / "studio")
    with_folds(studio)
    delivery = DeliveryService(
        studio.database, studio.files, UploadStore(studio.files), local_paths_allowed=False
    )
    run = studio.runs.create(studio.experiment(epochs=1))
    with pytest.raises(BlockwrightError):
        delivery.create_bundle(BundleCreate(run_id=run.id, averaged=True))
