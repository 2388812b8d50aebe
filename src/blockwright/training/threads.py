"""How many cores the engine's operations use, and which devices share a batch."""

from __future__ import annotations

import contextlib

import keras

from blockwright.training.machine import usable_cores


def limit_threads(count: int) -> int:
    """Let one operation use so many cores.

    Args:
        count: At least 1.

    Returns:
        What is in force: the engine takes no other number once it has computed anything,
        and JAX takes none.
    """
    if keras.backend.backend() != "tensorflow":
        return usable_cores()
    import tensorflow as tf  # noqa: PLC0415 - one backend is enough

    with contextlib.suppress(RuntimeError):
        tf.config.threading.set_intra_op_parallelism_threads(count)
    in_force: int = tf.config.threading.get_intra_op_parallelism_threads()
    return in_force or usable_cores()


def share_devices() -> None:
    """Let all GPUs that this process sees share each batch; without several, do nothing."""
    if has_several_devices():
        keras.distribution.set_distribution(keras.distribution.DataParallel())


def has_several_devices() -> bool:
    """Say whether each batch is shared by several devices."""
    return device_count() > 1


def device_count() -> int:
    """Count the devices that this process computes on."""
    return len(keras.distribution.list_devices()) if keras.backend.backend() == "jax" else 1
