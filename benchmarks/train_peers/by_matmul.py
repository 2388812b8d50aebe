"""The peer of `benchmarks/train.py` that does nothing but multiply matrices: the ceiling."""

from __future__ import annotations

import sys
import time

import keras
import numpy as np
from rounds import Facts, serve

SECONDS = 0.7


def multiply(side: int, precision: str) -> float:
    """Give operations per second of products of square matrices, the best of several."""
    numbers = np.random.default_rng(1).standard_normal((side, side))
    one = keras.ops.cast(keras.ops.convert_to_tensor(numbers), precision)
    best = 0.0
    end = time.perf_counter() + SECONDS
    while time.perf_counter() < end:
        began_at = time.perf_counter()
        # Bringing one number here makes sure that the product is there.
        float(keras.ops.cast(keras.ops.matmul(one, one)[0, 0], "float32"))
        best = max(best, 2 * side**3 / (time.perf_counter() - began_at))
    return best


def main(side: int) -> None:
    """Multiply in both precisions, each round."""

    def train() -> Facts:
        return {name: multiply(side, name) for name in ("float32", "bfloat16")}

    serve(train, {"engine": f"matrix products on {keras.backend.backend()}"})


if __name__ == "__main__":
    main(int(sys.argv[1]))
