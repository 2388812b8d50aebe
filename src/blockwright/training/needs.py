"""How much of the machine a training takes, worked out from its graph before it runs.

Takes   the analysis of a graph, the settings, and a forecast where one was made.
Gives   memory as measured, or as an estimate: the engine, its programs, weights with what the
        optimizer keeps of them, and what one batch leaves behind on its way forward and back.
Never   imports Keras or measures anything.
"""

from __future__ import annotations

from math import ceil, prod

from blockwright.contracts.graph import BlockAnalysis, ExperimentSettings, GraphAnalysis
from blockwright.contracts.probes import Forecast
from blockwright.contracts.problems import error
from blockwright.contracts.queue import Limits, Needs
from blockwright.contracts.training_settings import TrainingSettings
from blockwright.training.backends import automatic_backend, can_use_gpu, refuse_missing

GB = 1024**3
MB = 1024**2
# Keras with its backend, before any model is built. Measured for TensorFlow on 2 cores: small
# perceptrons take 320 to 350 MB in all; the rest is for machines with more threads. Others are
# an upper bound: JAX took 440 MB there, and the driver of a GPU takes its own.
TENSORFLOW_BYTES = 400 * MB
OTHER_ENGINE_BYTES = 700 * MB
# What building the programs of a block leaves behind. Measured: up to 3 MB in models of 23 to 25
# blocks. A unit of a ready body has eleven layers: three convolutions, each normalised and
# activated, the padding and the sum.
BYTES_PER_BLOCK = 4 * MB
BLOCKS_PER_UNIT = 11
# Weight, gradient, two moments, and the copy that a checkpoint is written from; float32 each.
BYTES_PER_PARAMETER = 20
BYTES_PER_VALUE = 4
# An output is kept for the way back, and its gradient stands beside it.
COPIES_PER_OUTPUT = 2.0
# Values that a unit of a ready body keeps, by those of its stage's output: three convolutions,
# each normalised and activated, and all but the last unit of a stage at twice its height and
# width. Measured: the tutorial's model, 256 × 256 × 1 at batch 28, takes 4.1 GB in all.
OUTPUTS_PER_UNIT = 10.5


def estimate_needs(
    analysis: GraphAnalysis, batch_size: int, *, backend: str, gpus: int = 0
) -> Needs:
    """Estimate what a training needs.

    Args:
        analysis: Of its graph; blocks whose shape is not known count nothing.
        batch_size: Rows per step.
        backend: What it computes with.
        gpus: How many it takes.
    """
    is_small = backend == "tensorflow" and gpus == 0
    fixed = TENSORFLOW_BYTES if is_small else OTHER_ENGINE_BYTES
    fixed += BYTES_PER_BLOCK * sum(map(_blocks_in, analysis.blocks.values()))
    fixed += (analysis.parameters or 0) * BYTES_PER_PARAMETER
    return Needs(memory_bytes=fixed + batch_size * _bytes_per_row(analysis), gpus=gpus)


def largest_batch(analysis: GraphAnalysis, memory_bytes: int, *, backend: str) -> int:
    """Give the most rows per step that an amount of memory has room for; 0 if not even one."""
    fixed = estimate_needs(analysis, 0, backend=backend).memory_bytes
    per_row = max(1, _bytes_per_row(analysis))
    return max(0, memory_bytes - fixed) // per_row


def needs_within(
    limits: Limits,
    analysis: GraphAnalysis,
    settings: ExperimentSettings,
    forecast: Forecast | None = None,
) -> Needs:
    """Give what a training needs, and refuse one that could never start.

    Args:
        limits: What trainings may take.
        analysis: Of its graph.
        settings: Its own.
        forecast: What was measured of exactly this training; an estimate counts only where
            nothing was.

    Raises:
        BlockwrightError: `queue.batch_does_not_fit` with the batch size that would,
            `queue.model_does_not_fit`, or `training.backend_missing`.
    """
    refuse_missing(settings.backend)
    needs = needs_of(analysis, settings, forecast, has_gpus=bool(limits.gpus))
    limit = limits.memory_bytes
    if limit is None or needs.memory_bytes <= limit:
        return needs
    told: dict[str, str | int] = {
        "needed_gb": f"{needs.memory_bytes / GB:.1f}",
        "limit_gb": f"{limit / GB:.1f}",
        "batch_size": settings.batch_size,
    }
    backend = backend_of(settings)
    fitting = (
        _largest_measured(forecast, limit)
        if forecast
        else largest_batch(analysis, limit, backend=backend)
    )
    if fitting < 1:
        raise error("queue.model_does_not_fit", **told)
    raise error("queue.batch_does_not_fit", **told, fitting=fitting)


def needs_of(
    analysis: GraphAnalysis,
    settings: ExperimentSettings,
    forecast: Forecast | None,
    *,
    has_gpus: bool,
) -> Needs:
    """Give what a training needs: as measured where it was, else as estimated.

    Args:
        analysis: Of its graph.
        settings: Its own.
        forecast: What was measured of exactly this training.
        has_gpus: Trainings may take GPUs here; one that can use any takes one.
    """
    backend = backend_of(settings)
    gpus = 1 if has_gpus and can_use_gpu(backend) else 0
    if forecast is not None:
        return Needs(memory_bytes=forecast.memory_bytes, gpus=gpus)
    return estimate_needs(analysis, settings.batch_size, backend=backend, gpus=gpus)


def backend_of(settings: TrainingSettings) -> str:
    """Give what a training computes with: as chosen, else what this machine chooses."""
    return automatic_backend() if settings.backend == "auto" else settings.backend


def _largest_measured(forecast: Forecast, memory_bytes: int) -> int:
    """Give the most rows per step, by the measured line; 0 if not even one fits."""
    if forecast.memory_per_row_bytes <= 0:
        return 0
    lacking = forecast.memory_bytes - memory_bytes
    return max(0, forecast.batch_size - ceil(lacking / forecast.memory_per_row_bytes))


def _bytes_per_row(analysis: GraphAnalysis) -> int:
    return round(BYTES_PER_VALUE * sum(map(_values_kept, analysis.blocks.values())))


def _blocks_in(block: BlockAnalysis) -> int:
    return 1 + BLOCKS_PER_UNIT * sum(stage.units for stage in block.stages or [])


def _values_kept(block: BlockAnalysis) -> float:
    if block.stages:
        return OUTPUTS_PER_UNIT * sum(stage.units * prod(stage.shape) for stage in block.stages)
    return COPIES_PER_OUTPUT * prod(block.output_shape) if block.output_shape else 0.0
