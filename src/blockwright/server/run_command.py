"""`blockwright run FILE.yaml`: carry out a studio file in a terminal.

Takes   the path of a studio file and an output folder.
Gives   model.h5, submission.csv, report.json, and runs.json of a search or of folds there,
        and the figures in words.
"""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from blockwright.server.in_process import open_studio, working
from blockwright.server.studio_file import Outcome, StudioFileRun, read_studio_file
from blockwright.server.studio_file_runs import failures, group_table
from blockwright.server.terminal_progress import steps_in_terminal
from blockwright.settings import Settings

STUDIO_FOLDER = "studio"
REPORT_FILE = "report.json"


def run_in_terminal(file: Path, out: Path, settings: Settings, *, data: Path | None) -> None:
    """Carry out a studio file.

    Args:
        file: The studio file.
        out: Folder for what comes out; made when it is not there.
        settings: Of the studio; its data folder is not used.
        data: Data folder of the studio that does the work; `studio` below `out` by default.

    Raises:
        BlockwrightError: What stopped it.
    """
    wanted = read_studio_file(file)
    console = Console()
    started = time.monotonic()
    folder = data or out / STUDIO_FOLDER
    settings = settings.model_copy(update={"data": folder})
    work: StudioFileRun | None = None
    try:
        with (
            open_studio(settings) as services,
            working(services, settings),
            steps_in_terminal(console) as steps,
        ):
            work = StudioFileRun(wanted, file.resolve().parent, services, steps)
            outcome = work.carry_out(out)
            failed = failures(services, outcome.group) if outcome.group else []
    except BaseException:  # also Ctrl+C: what was made until then is not lost
        if work is not None and work.has_made_something:
            told = f"What was made is kept; to see it: blockwright serve --data {folder}"
            console.print(told, markup=False, soft_wrap=True)
        raise
    report = _report(outcome, steps.seconds, time.monotonic() - started)
    text = json.dumps(report, indent=2, ensure_ascii=False) + "\n"
    (out / REPORT_FILE).write_text(text, encoding="utf-8")
    if outcome.group is not None:
        console.print(group_table(outcome.group))
        for line in failed:
            console.print(line, markup=False)
    _tell(console, report, out)


def _report(outcome: Outcome, step_seconds: dict[str, float], seconds: float) -> dict[str, Any]:
    dry_run = outcome.dry_run
    return outcome.report | {
        "project": outcome.project.name,
        "seconds": round(seconds, 1),
        "step_seconds": step_seconds,
        "held_back_lwlrap": dry_run.local_score if dry_run else None,
        "checks": [check.model_dump() for check in dry_run.checks] if dry_run else [],
    }


def _tell(console: Console, report: dict[str, Any], out: Path) -> None:
    validation = report["validation"]
    if validation is not None:
        table = Table("", f"{validation['subset']}, {validation['rows']} rows")
        for name, value in validation["metrics"].items():
            table.add_row(f"model, {name}", f"{value:.3f}")
        for name, value in validation["baselines"].items():
            table.add_row(name.replace("_", " "), f"{value:.3f}")
        console.print(table)
    if report["held_back_lwlrap"] is not None:
        console.print(f"lwlrap on the held-back test clips: {report['held_back_lwlrap']:.3f}")
    written = sorted(file.name for file in out.iterdir() if file.is_file())
    console.print(f"{out}: {', '.join(written)} ({report['seconds']:.0f} s in all)", markup=False)
