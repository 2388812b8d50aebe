"""Which class normalises: Keras' own, or one that trains faster and keeps the same weights."""

from __future__ import annotations

import importlib
from typing import Any

import keras

from blockwright.compiler.layer_options import LayerOptions


def batch_normalization(options: LayerOptions, **settings: Any) -> keras.layers.BatchNormalization:
    """Make a batch normalization over the last axis.

    Args:
        options: Name and precision; whether the layer is for training only.
        settings: What `keras.layers.BatchNormalization` takes besides.
    """
    kind = keras.layers.BatchNormalization
    if options.for_training and keras.backend.backend() == "tensorflow":
        fused = importlib.import_module("blockwright.compiler.fused_normalization")
        kind = fused.FusedBatchNormalization
    return kind(name=options.name, dtype=options.dtype, **settings)
