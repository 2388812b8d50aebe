"""From a plan to a model that is ready to learn, on the engine that the run computes with."""

from __future__ import annotations

import time
import traceback
from dataclasses import dataclass

import keras

from blockwright.compiler.build import BuiltModel, build_model
from blockwright.compiler.operations import row_bytes, training_operations
from blockwright.contracts.engine import EngineChoice, EngineTrial
from blockwright.contracts.work import TrainPlan
from blockwright.training import trial_graphs
from blockwright.training.batches import BatchSource, Reader, RowNumbers, Stretch, repeat
from blockwright.training.engine import TrainingSize, Way, choose_engine, threads_of
from blockwright.training.engine_trials import measure_ways, trial_rows
from blockwright.training.steps import Steps
from blockwright.training.threads import limit_threads, share_devices


@dataclass(frozen=True)
class Prepared:
    """What a run needs before its first batch.

    Attributes:
        trial_seconds: That trying several ways took; a run whose engine is known has none.
    """

    built: BuiltModel
    steps: Steps
    engine: EngineChoice
    trial_seconds: float = 0.0


def prepare(plan: TrainPlan, reader: Reader, training_rows: RowNumbers) -> Prepared:
    """Choose the engine and build the model for it; weights are those of the run's seed."""
    threads = limit_threads(threads_of(plan))
    share_devices()
    keras.utils.set_random_seed(plan.settings.seed)
    plain = _build(plan, "float32")
    settings = plan.settings
    steps = settings.epochs * -(-len(training_rows) // settings.batch_size)
    size = TrainingSize(
        training_operations(plain.model) * settings.batch_size,
        steps,
        settings.batch_size * row_bytes(plain.model),
    )

    def try_ways(ways: list[Way]) -> list[EngineTrial]:
        rows = training_rows[: trial_rows(settings.batch_size, training_operations(plain.model))]
        source = BatchSource(reader, plain.input_sources, plain.target_source, len(rows))
        batch = source.read(rows, crop_seed=(settings.seed, 1))
        return _try_ways(plan, repeat(batch, size.steps_at_once()), ways)

    asked_at = time.monotonic()
    engine = choose_engine(plan, size, threads=threads, try_ways=try_ways)
    trial_seconds = time.monotonic() - asked_at
    keras.utils.set_random_seed(settings.seed)  # trials may have drawn from it
    built = plain if engine.precision == "float32" else _build(plan, engine.precision)
    steps_of = Steps(built, plan, engine, judge=plain.model)
    return Prepared(built, steps_of, engine, trial_seconds)


def _build(plan: TrainPlan, precision: str) -> BuiltModel:
    return build_model(
        plan.graph,
        plan.data.data_schema,
        seed=plan.settings.seed,
        precision="mixed_bfloat16" if precision == "bfloat16" else "float32",
        for_training=True,
    )


def _try_ways(plan: TrainPlan, stretch: Stretch, ways: list[Way]) -> list[EngineTrial]:
    with trial_graphs.let_go():  # the models of the trials are as large as the one that learns
        try:
            return measure_ways(plan, lambda way: _build(plan, way.precision), stretch, ways)
        except Exception:  # noqa: BLE001 - the run itself meets what is more than a trial's
            traceback.print_exc()
            return []
