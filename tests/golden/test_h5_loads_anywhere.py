"""Every block kind saved as H5 loads in a process that knows nothing but Keras."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
import pytest

from blockwright.compiler.build import build_model
from blockwright.graph.blocks import block_specs
from blockwright.graph.snippets import small_cnn_snippet
from tests.support.graphs import block, graph, schema, tensor

LOADER = """
import sys
sys.modules["blockwright"] = None
import keras, numpy as np
model = keras.models.load_model(sys.argv[1], compile=False)
np.save(sys.argv[3], model.predict(np.load(sys.argv[2]), verbose=0))
"""

EVERY_KIND = graph(
    [
        block("sound", "input", source="small"),
        block("reshape", "reshape", target_shape=[32, 32, 1]),
        block("normalize", "batch_normalization"),
        block("body", "resnet_v2_50"),
        block("conv", "conv_2d", filters=4, stride=[2, 2], activation="gelu"),
        block("highest", "max_pooling_2d", padding="same"),
        block("mean", "average_pooling_2d"),
        block("sum", "add"),
        block("bend", "activation", activation="silu"),
        block("average", "global_average_pooling_2d"),
        block("peak", "global_max_pooling_2d"),
        block("flat", "flatten"),
        block("both", "concatenate"),
        block("drop", "dropout"),
        block("classes", "dense", nodes=80, activation="sigmoid"),
        block("target", "target", source="labels", loss="binary_crossentropy"),
    ],
    *("sound>reshape", "reshape>normalize", "normalize>body", "normalize>conv"),
    *("conv>highest", "conv>mean", "highest>sum", "mean>sum", "sum>bend", "bend>average"),
    *("bend>peak", "bend>flat", "average>both", "peak>both", "flat>both", "body>both"),
    *("both>drop", "drop>classes"),
    "classes>target",
)


def built(seed: int) -> keras.Model:
    return build_model(EVERY_KIND, schema(tensor("small", 32, 32)), seed=seed).model


@pytest.fixture(scope="module")
def model() -> keras.Model:
    """Build every kind once; no test trains it."""
    return built(3)


def test_every_kind_gives_the_same_predictions_in_a_clean_process(
    model: keras.Model, tmp_path: Path
) -> None:
    assert {item.kind for item in EVERY_KIND.blocks} == set(block_specs())
    rows = np.random.default_rng(0).normal(size=(3, 32, 32)).astype("float32")
    expected = model.predict(rows, verbose=0)
    model.save(tmp_path / "model.h5")
    np.save(tmp_path / "rows.npy", rows)

    subprocess.run(
        [sys.executable, "-I", "-c", LOADER]
        + [str(tmp_path / name) for name in ("model.h5", "rows.npy", "predictions.npy")],
        check=True,
        cwd=tmp_path,
        timeout=300,
    )

    np.testing.assert_allclose(np.load(tmp_path / "predictions.npy"), expected, atol=1e-5)


def test_only_standard_layers_are_built(model: keras.Model) -> None:
    for layer in model.layers:
        assert type(layer).__module__.startswith("keras.src.layers"), layer
        assert not isinstance(layer, keras.layers.Lambda)


def test_the_same_seed_gives_the_same_first_weights(model: keras.Model) -> None:
    first, again, other = (each.get_weights() for each in (model, built(3), built(4)))

    assert all(np.array_equal(a, b) for a, b in zip(first, again, strict=True))
    assert not all(np.array_equal(a, b) for a, b in zip(first, other, strict=True))


def test_the_snippets_ids_become_the_layers_names() -> None:
    document = small_cnn_snippet()
    for item in document.blocks:
        if item.kind in ("input", "target"):
            item.params["source"] = {"input": "fname", "target": "labels"}[item.kind]
    names = {layer.name for layer in build_model(document, schema(), seed=1).model.layers}

    assert {item.id for item in document.blocks} - names == {"target"}
