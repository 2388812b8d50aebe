"""The entry of a worker: one folder with a plan in, events out, a word when to stop.

Run as `python -m blockwright.jobs.worker FOLDER`, or with `--warm` to load Keras first and read
the folder from the standard input. Knows no database and no HTTP.
"""

from __future__ import annotations

import errno
import gc
import importlib
import os
import signal
import sys
import threading
import traceback
from collections.abc import Callable
from pathlib import Path
from types import FrameType

from blockwright.contracts.crash_points import reach
from blockwright.contracts.problems import BlockwrightError, Problem, problem
from blockwright.contracts.sink import Outcome
from blockwright.contracts.work import (
    CUDA_DEVICES,
    EVENTS_FILE,
    LOG_FILE,
    PLAN_FILE,
    STOP_FILE,
    WARM_ARGUMENT,
    Finished,
    Heartbeat,
    Plan,
    PlanFile,
    WorkerEvent,
)
from blockwright.jobs.event_file import EventWriter
from blockwright.jobs.executor import DISK_FULL_STATUS, WORKER_FILE, present_process
from blockwright.store.files import create_durably
from blockwright.training.backends import require_backend
from blockwright.training.own_memory import peak_bytes

HEARTBEAT_SECONDS = 10.0

# Loaded by name, one per process: training must not wait for what only imports need.
HANDLERS = {
    "import": ("blockwright.datasets.intake", "run_import"),
    "save_version": ("blockwright.datasets.freeze", "run_save_version"),
    "export_version": ("blockwright.datasets.export", "run_export"),
    "train": ("blockwright.training.loop", "run_training"),
    "forecast": ("blockwright.training.forecast", "run_forecast"),
    "rate_test": ("blockwright.training.rate_test", "run_rate_test"),
    "bundle": ("blockwright.delivery.bundle", "make_bundle"),
    "competition": ("blockwright.delivery.competition", "make_competition"),
    "dry_run": ("blockwright.delivery.dry_run", "run_dry_run"),
}

Handler = Callable[[Plan, "FolderSink"], Outcome]


class FolderSink:
    """Where a job says what it does: the event file of its attempt."""

    def __init__(self, folder: Path, attempt: int) -> None:
        """Write into `folder`, as `attempt`."""
        self._writer = EventWriter(folder / EVENTS_FILE, attempt)
        self._stop_file = folder / STOP_FILE
        self._stop = threading.Event()

    def emit(self, event: WorkerEvent) -> None:
        """Append one event; durable when this returns if it acknowledges something."""
        self._writer.append(event)

    def stop_requested(self) -> bool:
        """Say whether someone asked for the end, by signal or by the stop file."""
        if not self._stop.is_set() and self._stop_file.exists():
            self._stop.set()
        return self._stop.is_set()

    def stop(self) -> None:
        """Ask for the end."""
        self._stop.set()

    def beat(self, until: threading.Event) -> None:
        """Write a heartbeat now and every ten seconds."""
        while True:
            try:
                self.emit(Heartbeat())
            except OSError as reason:  # a full disk may get room again; the work tells of it
                print(f"no heartbeat could be written: {reason}", file=sys.stderr)  # noqa: T201
            if until.wait(HEARTBEAT_SECONDS):
                return


def main(arguments: list[str]) -> int:
    """Do the work of the folder named on the command line.

    Returns:
        0 when the work ended by itself or on request, 1 when it failed, 28 when there was
        no room on the disk to say so.
    """
    folder = _wait_for_folder() if arguments[0] == WARM_ARGUMENT else Path(arguments[0])
    if folder is None:
        return 0
    reach("worker-began")
    if not create_durably(folder / WORKER_FILE, present_process().model_dump_json().encode()):
        return 0  # another worker has this attempt already
    reach("worker-known")
    task = PlanFile.model_validate_json((folder / PLAN_FILE).read_bytes())
    see_only(task.gpus)
    sink = FolderSink(folder, task.attempt)

    def on_signal(_number: int, _frame: FrameType | None) -> None:
        sink.stop()

    signal.signal(signal.SIGTERM, on_signal)
    signal.signal(signal.SIGINT, on_signal)
    over = threading.Event()
    heart = threading.Thread(target=sink.beat, args=(over,), daemon=True, name="heartbeat")
    heart.start()
    finished = _work(task.plan, sink)
    over.set()
    heart.join()
    reach("worker-work-over")
    try:
        sink.emit(finished)
    except OSError as reason:  # not even for this is there room
        print(f"the farewell could not be written: {reason}", file=sys.stderr)  # noqa: T201
        return DISK_FULL_STATUS if is_disk_full(reason) else 1
    reach("worker-farewell-said")
    return 1 if finished.outcome == "failed" else 0


def see_only(gpus: list[str] | None) -> None:
    """Let the engine find no other GPUs; it looks for them when it first computes."""
    if gpus is None:
        return
    if CUDA_DEVICES not in os.environ:  # else the names are those that it gave
        os.environ.setdefault("CUDA_DEVICE_ORDER", "PCI_BUS_ID")
    os.environ[CUDA_DEVICES] = ",".join(gpus)


def _wait_for_folder() -> Path | None:
    """Load what a training needs, then wait for its folder; None when the server went."""
    _handler("train")
    folder = Path(sys.stdin.readline().rstrip("\n"))
    if not folder.is_absolute():  # the end of the input: nobody is there any more
        return None
    log = os.open(folder / LOG_FILE, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    for stream in (1, 2):
        os.dup2(log, stream)
    os.close(log)
    os.chdir(folder)
    return folder


def _handler(kind: str) -> Handler:
    """Load what a kind of job needs, and let the garbage collector pass it over from now on.

    With a training engine there are half a million objects that stay: to look through them
    takes a fifth of a second, in the middle of an epoch.
    """
    module, function = HANDLERS[kind]
    handler: Handler = getattr(importlib.import_module(module), function)
    gc.freeze()
    return handler


def _work(plan: Plan, sink: FolderSink) -> Finished:
    try:
        require_backend(plan)
        return Finished(outcome=_handler(plan.kind)(plan, sink))
    except BlockwrightError as reason:
        return Finished(outcome="failed", problem=reason.problem)
    except Exception as reason:  # noqa: BLE001 - a worker's last act is to say why it failed
        traceback.print_exc()
        return Finished(outcome="failed", problem=put_in_words(reason))


def is_disk_full(reason: BaseException) -> bool:
    """Say whether something failed because there was no room on the disk."""
    return isinstance(reason, OSError) and reason.errno in {errno.ENOSPC, errno.EDQUOT}


def put_in_words(reason: BaseException) -> Problem:
    """Give the problem that tells a person of an exception nobody expected."""
    # TensorFlow's own class is matched by name: this module must not import it.
    if isinstance(reason, MemoryError) or type(reason).__name__ == "ResourceExhaustedError":
        return problem("job.out_of_memory", held_bytes=peak_bytes())
    if is_disk_full(reason):
        return problem("job.disk_full")
    return problem("job.crashed", kind=type(reason).__name__, detail=str(reason)[:500])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
