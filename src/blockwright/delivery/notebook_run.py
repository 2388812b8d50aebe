"""Execute a notebook in a guarded kernel of its own.

Takes   a notebook file, an input folder, an output folder.
Gives   what it printed, how long it took, what was refused, and its error if any.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import nbformat
from jupyter_client.kernelspec import KernelSpec, KernelSpecManager
from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, DeadKernelError

from blockwright.delivery import notebook_guard

_POLL_SECONDS = 0.3


@dataclass
class NotebookRun:
    """What came of it."""

    seconds: float = 0.0
    log: str = ""
    failure: str | None = None
    refused: list[dict[str, str]] = field(default_factory=list)
    stopped: bool = False

    def refused_kinds(self, kind: str) -> list[str]:
        """Give what was refused of one kind: network, write, process."""
        return [item["what"] for item in self.refused if item["kind"] == kind]


class _GuardedKernels(KernelSpecManager):
    """Knows one kernel: Python behind the guard."""

    def get_kernel_spec(self, kernel_name: str) -> KernelSpec:
        """Give the command of the guarded kernel."""
        guard = str(Path(notebook_guard.__file__))
        return KernelSpec(
            argv=[sys.executable, "-I", "-B", guard, "-f", "{connection_file}"],
            display_name=kernel_name,
            language="python",
        )


class _Listener(NotebookClient):
    """A client that hands on what the notebook prints, as it prints it."""

    on_text: Callable[[str], None]

    def output(self, outs: Any, msg: Any, display_id: Any, cell_index: Any) -> Any:
        """Hand stream text on."""
        if msg["msg_type"] == "stream":
            self.on_text(msg["content"]["text"])
        return super().output(outs, msg, display_id, cell_index)


def run_notebook(
    notebook: Path,
    *,
    input_folder: Path,
    output_folder: Path,
    read_only: list[Path],
    on_text: Callable[[str], None],
    stop_requested: Callable[[], bool],
) -> NotebookRun:
    """Execute a notebook.

    Args:
        notebook: The .ipynb file.
        input_folder: What stands for /kaggle/input.
        output_folder: What stands for /kaggle/working; it is the working folder, too.
        read_only: Folders that the notebook must not write below.
        on_text: Called with each piece that it prints.
        stop_requested: Asked a few times per second; true ends the kernel.
    """
    output_folder.mkdir(parents=True, exist_ok=True)
    report = output_folder.parent / f"{output_folder.name}-refused.jsonl"
    report.unlink(missing_ok=True)
    environment = _environment(input_folder, output_folder, read_only, report)
    run, pieces = NotebookRun(), []

    def keep(text: str) -> None:
        pieces.append(text)
        on_text(text)

    content = json.loads(notebook.read_text(encoding="utf-8"))
    document = nbformat.from_dict(content)  # type: ignore[no-untyped-call]
    started = time.monotonic()
    # On some platforms nobody removes a socket's file but its maker, hence ignore_cleanup_errors.
    with tempfile.TemporaryDirectory(prefix="blockwright-", ignore_cleanup_errors=True) as folder:
        manager = _make_manager(Path(folder))
        client = _Listener(document, km=manager, timeout=None)
        client.on_text = keep
        work = _execute(client, manager, environment, output_folder, stop_requested)
        _finish(run, work)
    run.seconds = time.monotonic() - started
    run.log = "".join(pieces) + (f"\n{run.failure}\n" if run.failure else "")
    if report.exists():
        run.refused = [json.loads(line) for line in report.read_text().splitlines()]
    return run


def _environment(
    input_folder: Path, output_folder: Path, read_only: list[Path], report: Path
) -> dict[str, str]:
    """Give the environment of the kernel: where its folders are, and what it must not touch."""
    settings = {"read_only": [str(folder) for folder in read_only], "report": str(report)}
    return os.environ | {
        notebook_guard.GUARD_VARIABLE: json.dumps(settings),
        "BLOCKWRIGHT_INPUT": str(input_folder),
        "BLOCKWRIGHT_OUTPUT": str(output_folder),
        "IPYTHONDIR": str(output_folder.parent / "ipython"),
        "TF_CPP_MIN_LOG_LEVEL": "2",
    }


def _finish(run: NotebookRun, work: Coroutine[Any, Any, None]) -> None:
    """Do the work to its end and note how it ended."""
    try:
        # In a thread of its own: nbclient would take the worker's signal handlers in the main one.
        with ThreadPoolExecutor(1) as thread:
            thread.submit(asyncio.run, work).result()
    except asyncio.CancelledError:
        run.stopped = True
    except CellExecutionError as failure:
        run.failure = f"{failure.ename}: {failure.evalue}"
    except (DeadKernelError, RuntimeError) as failure:
        run.failure = str(failure) or type(failure).__name__


async def _execute(
    client: NotebookClient,
    manager: AsyncKernelManager,
    environment: dict[str, str],
    folder: Path,
    stop_requested: Callable[[], bool],
) -> None:
    task = asyncio.ensure_future(client.async_execute(env=environment, cwd=str(folder)))
    while not task.done():
        await asyncio.wait({task}, timeout=_POLL_SECONDS)
        if stop_requested():
            task.cancel()
    try:
        await task
    finally:
        if client.kc is not None:
            client.kc.stop_channels()
            client.kc = None
        await manager.shutdown_kernel(now=True)


def _make_manager(folder: Path) -> AsyncKernelManager:
    """Give a manager whose kernel listens in a folder of its own, on no port where that works."""
    options: dict[str, Any] = {"connection_file": str(folder / "kernel.json")}
    if os.name != "nt":
        options |= {"transport": "ipc", "ip": str(folder / "kernel")}
    return AsyncKernelManager(kernel_spec_manager=_GuardedKernels(), **options)
