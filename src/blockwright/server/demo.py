"""`blockwright demo`: a studio with the sound tagging project in it, learning.

Takes   settings; a data folder of its own, used again the next time.
Gives   the studio in the browser: data imported, version saved, experiment queued, and
        running as soon as the studio has started.
"""

from __future__ import annotations

import sys
from importlib import resources
from pathlib import Path

import yaml
from rich.console import Console

from blockwright.contracts.studio_file import StudioFile
from blockwright.server.in_process import open_studio, working
from blockwright.server.serve import serve
from blockwright.server.services import Services
from blockwright.server.studio_file import StudioFileRun
from blockwright.server.terminal_progress import steps_in_terminal
from blockwright.settings import Settings

DEMO_FILE = "demo.yaml"


def demo_file() -> StudioFile:
    """Give the studio file that the demo is made from."""
    text = (resources.files(__package__) / DEMO_FILE).read_text(encoding="utf-8")
    return StudioFile.model_validate(yaml.safe_load(text))


def demo_settings(settings: Settings, data: Path | None) -> Settings:
    """Give the demo a data folder beside the studio's own, unless one was named."""
    folder = data or settings.data.with_name(f"{settings.data.name}-demo")
    return settings.model_copy(update={"data": folder})


def run_demo(settings: Settings, *, open_browser: bool) -> None:
    """Prepare the demo project unless it is there, then serve the studio until it is ended.

    Raises:
        BlockwrightError: When the data folder or the port cannot be had.
    """
    wanted = demo_file()
    with open_studio(settings) as services:
        if not _is_there(services, wanted):
            with working(services, settings), steps_in_terminal(Console()) as steps:
                prepared = StudioFileRun(wanted, Path.cwd(), services, steps).prepare()
            services.runs.create(prepared[1].id)
    serve(
        settings,
        open_browser=open_browser,
        allow_network=False,
        on_ready=lambda _address: _say_what_next(wanted),
    )


def _is_there(services: Services, wanted: StudioFile) -> bool:
    """Say whether the project is complete; one that was cut off goes to the bin."""
    owner_id = services.projects.local_owner()
    for project in services.projects.list_all(owner_id):
        if project.name == wanted.project:
            if services.runs.list_all(project.id).runs:
                return True
            services.projects.bin(owner_id, project.id)
    return False


def _say_what_next(wanted: StudioFile) -> None:
    sys.stdout.write(
        f"\nLook next:\n"
        f"  1. Home: open the project “{wanted.project}”.\n"
        f"  2. Evaluation: watch {wanted.experiment.name} learn; about 2 minutes on 2 cores.\n"
        f"  3. Datasets: the recordings as spectrograms, with their labels.\n"
        f"  4. Modeling: the model as blocks; change one and press Run.\n"
        f"  5. Evaluation, More, Download: take model.h5 with you.\n\n"
    )
    sys.stdout.flush()
