"""What every built layer is told besides its block's parameters."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace

import keras

Tensor = keras.KerasTensor


@dataclass(frozen=True)
class LayerOptions:
    """Name, precision and chance of one block's layers.

    Attributes:
        name: The block's id, unique in its graph; a body puts its layers' own
            names behind it.
        dtype: Keras' name of the precision: `float32`, or `mixed_bfloat16`, which
            computes in bfloat16 and keeps weights in float32. The last block is always
            `float32`, so that mixed precision never rounds what is predicted.
        seed: The run's seed; each layer derives its own from it and its name, so
            that adding a block changes no other block's first weights.
        for_training: The layer is never saved, only its weights are: faster classes
            with the same weights and numbers may stand in for standard ones.
    """

    name: str
    seed: int
    dtype: str = "float32"
    for_training: bool = False

    def inner(self, name: str) -> LayerOptions:
        """Give the options of one layer inside a body."""
        return replace(self, name=f"{self.name}_{name}")

    def layer_seed(self) -> int:
        """Give this layer's own seed, the same on every machine."""
        digest = hashlib.sha256(f"{self.seed}/{self.name}".encode()).digest()
        return int.from_bytes(digest[:4], "big") % 2**31

    def kernel(self, initializer: type[keras.Initializer] | None = None) -> keras.Initializer:
        """Give the seeded initializer of the weights, Glorot uniform as Keras does by default."""
        return (initializer or keras.initializers.GlorotUniform)(seed=self.layer_seed())
