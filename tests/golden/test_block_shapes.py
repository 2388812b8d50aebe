"""Shapes and parameter counts exist twice; here both halves are held together."""

from __future__ import annotations

import itertools

import keras
import pytest

from blockwright.compiler.blocks import block_builders
from blockwright.compiler.layer_options import LayerOptions
from blockwright.contracts.graph import ParamValue
from blockwright.graph.block_spec import Shape, ShapeError
from blockwright.graph.blocks import block_specs

VECTORS: list[Shape] = [(1,), (80,), (2048,)]
SPECTROGRAMS: list[Shape] = [(256, 256), (128, 431), (1, 7)]
PICTURES: list[Shape] = [(256, 256, 1), (32, 47, 3), (33, 32, 5), (7, 9, 2), (3, 3, 1), (1, 1, 4)]
ANY = [*VECTORS, *SPECTROGRAMS, *PICTURES]

Case = tuple[str, dict[str, ParamValue], list[Shape]]


def window_cases(kind: str, window: str, extra: dict[str, ParamValue]) -> list[Case]:
    """Every padding and stride over every picture."""
    return [
        (kind, {**extra, window: [a, b], "stride": [s, t], "padding": padding}, [shape])
        for (a, b), (s, t), padding, shape in itertools.product(
            [(1, 1), (2, 2), (3, 5)], [(1, 1), (2, 3)], ["same", "valid"], PICTURES
        )
    ]


CASES: list[Case] = [
    *(("input", {"source": "x"}, [shape]) for shape in ANY),
    *(("target", {"source": "x"}, [shape]) for shape in ANY),
    *(("dense", {"nodes": nodes}, [shape]) for nodes in (1, 80) for shape in ANY),
    *(("batch_normalization", {"trainable": on}, [s]) for on in (True, False) for s in ANY),
    *(("flatten", {}, [shape]) for shape in ANY),
    *(("dropout", {"rate": rate}, [shape]) for rate in (0.0, 0.5) for shape in ANY),
    *(
        ("activation", {"activation": name}, [shape])
        for name in ("linear", "relu", "sigmoid", "softmax", "tanh", "leaky_relu", "elu")
        for shape in VECTORS[1:]
    ),
    *(
        ("activation", {"activation": name}, [(80,)])
        for name in ("selu", "gelu", "silu", "softplus")
    ),
    ("reshape", {"target_shape": [256, 256, 1]}, [(256, 256)]),
    ("reshape", {"target_shape": [65536]}, [(256, 256)]),
    ("reshape", {"target_shape": [16, 8, 8, 2]}, [(2048,)]),
    *(("global_average_pooling_2d", {}, [shape]) for shape in PICTURES),
    *(("global_max_pooling_2d", {}, [shape]) for shape in PICTURES),
    *(("add", {}, [shape, shape]) for shape in ANY),
    *(("concatenate", {}, [shape, (*shape[:-1], 5), shape]) for shape in ANY),
    *window_cases("conv_2d", "kernel_size", {"filters": 6}),
    *window_cases("max_pooling_2d", "pool_size", {}),
    *window_cases("average_pooling_2d", "pool_size", {}),
    *(("resnet_v2_50", {}, [shape]) for shape in [(256, 256, 1), (33, 47, 3)]),
    ("resnet_v2_50", {"trainable": False}, [(64, 32, 2)]),
]


def built(kind: str, params: dict[str, ParamValue], shapes: list[Shape]) -> keras.Model:
    """Build one block alone."""
    inputs = [keras.Input(shape) for shape in shapes]
    output = block_builders()[kind](params, inputs, LayerOptions(name="block", seed=1))
    return keras.Model(inputs, output)


@pytest.mark.parametrize("kind", block_specs())
def test_the_editor_and_keras_agree_on_shape_and_parameters(kind: str) -> None:
    spec = block_specs()[kind]
    cases = [case for case in CASES if case[0] == kind]
    assert cases, f"no case for {kind}"
    for _kind, given, shapes in cases:
        params = spec.complete(given)
        try:
            expected = spec.shape(params, shapes)
        except ShapeError:
            # What the editor refuses, Keras refuses too.
            with pytest.raises(ValueError, match=r"size|negative|shape"):
                built(kind, params, shapes)
            continue
        model = built(kind, params, shapes)
        assert (expected, spec.parameters(params, shapes)) == (
            model.output_shape[1:],
            model.count_params(),
        ), (kind, given, shapes)


def test_every_kind_is_compared() -> None:
    assert {case[0] for case in CASES} == set(block_specs())


def test_activations_of_the_editor_are_known_to_keras() -> None:
    for choice in block_specs()["activation"].cards[0].choices or []:
        assert keras.activations.get(choice.value) is not None
