"""The peer of `benchmarks/train.py` that is the studio's own training, as a worker runs it."""

from __future__ import annotations

import gc
import sys
from itertools import count
from pathlib import Path

from rounds import Facts, serve

from blockwright.compiler.operations import training_operations
from blockwright.contracts.sink import EventSink
from blockwright.contracts.work import TrainPlan, WorkerEvent
from blockwright.training.keeper import Start
from blockwright.training.loop import Training


class QuietSink(EventSink):
    """Turns events into text, as a worker does, and never asks for the end."""

    def emit(self, event: WorkerEvent) -> None:
        """Make what would be written."""
        event.model_dump_json()

    def stop_requested(self) -> bool:
        """Never ask for the end."""
        return False


def main(plan_file: Path) -> None:
    """Train epoch after epoch."""
    gc.freeze()  # as a worker does
    training = Training(TrainPlan.model_validate_json(plan_file.read_bytes()), QuietSink())
    epochs = count(1)

    def train() -> Facts:
        scores = training.train_epoch(Start(epoch=next(epochs)))
        metrics = scores.result() if scores else {}
        signals = training.signals()
        return {
            "loss": metrics["loss"],
            "data_wait": signals.data_wait,
            "memory_bytes": signals.memory_bytes,
        }

    engine = training.engine
    compiled = ", compiled by XLA" if engine.xla or engine.backend == "jax" else ""
    how = f"{engine.precision}, {engine.threads} threads{compiled}"
    facts: Facts = {
        "engine": f"studio on {engine.backend} ({how})",
        "parameters": training.parameters,
        "operations_per_row": training_operations(training.model),
    }
    serve(train, facts)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
