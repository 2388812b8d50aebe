"""The peer of `benchmarks/train.py` that is a Keras script as a person would write it."""

from __future__ import annotations

import sys
from pathlib import Path

import keras
import numpy as np
from rounds import Facts, serve


def small_cnn(side: int, classes: int) -> keras.Model:
    """The snippet CNN small."""
    model = keras.Sequential([keras.Input((side, side)), keras.layers.Reshape((side, side, 1))])
    model.add(keras.layers.BatchNormalization(momentum=0.9))
    for filters, stride in ((32, 2), (64, 1), (128, 1), (256, 1)):
        model.add(keras.layers.Conv2D(filters, 3, strides=stride, padding="same"))
        model.add(keras.layers.BatchNormalization(momentum=0.9))
        model.add(keras.layers.ReLU())
        model.add(keras.layers.MaxPooling2D())
    model.add(keras.layers.GlobalAveragePooling2D())
    model.add(keras.layers.Dropout(0.3))
    model.add(keras.layers.Dense(classes, activation="sigmoid", dtype="float32"))
    return model


def resnet(side: int, classes: int) -> keras.Model:
    """The model of the tutorial: the ready body with a new end."""
    ends = keras.Input((side, side))
    body = keras.applications.ResNet50V2(
        include_top=False, weights=None, input_shape=(side, side, 1), pooling="avg"
    )
    x = body(keras.layers.Reshape((side, side, 1))(ends))
    x = keras.layers.Dense(classes, activation="sigmoid", dtype="float32")(x)
    return keras.Model(ends, x)


def mlp(columns: int, classes: int) -> keras.Model:
    """Two hidden layers on a table."""
    return keras.Sequential(
        [
            keras.Input((columns,)),
            keras.layers.Dense(128, activation="relu"),
            keras.layers.Dense(64, activation="relu"),
            keras.layers.Dense(classes, activation="softmax", dtype="float32"),
        ]
    )


def main(folder: Path, model_name: str, batch_size: int, precision: str) -> None:
    """Train as told."""
    keras.config.set_dtype_policy(precision)
    values, truth = np.load(folder / "values.npy"), np.load(folder / "truth.npy")
    make = {"cnn_small": small_cnn, "resnet50v2": resnet, "mlp": mlp}[model_name]
    model = make(values.shape[1], truth.shape[1])
    loss = "categorical_crossentropy" if model_name == "mlp" else "binary_crossentropy"
    metrics = ["accuracy"]
    if model_name != "mlp":
        metrics = [keras.metrics.Precision(), keras.metrics.Recall()]
    model.compile(keras.optimizers.Adam(0.001), loss, metrics=metrics)

    def train() -> Facts:
        told = model.fit(values, truth, batch_size=batch_size, epochs=1, verbose=0)
        return {"loss": told.history["loss"][-1]}

    facts: Facts = {
        "engine": f"Keras {keras.__version__} on {keras.backend.backend()}",
        "parameters": model.count_params(),
    }
    serve(train, facts)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), sys.argv[4])
