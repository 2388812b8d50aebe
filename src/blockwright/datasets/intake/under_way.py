"""What the parts of one import share: a folder for what is only passed through, and the stop."""

from __future__ import annotations

import itertools
import shutil
from pathlib import Path

from blockwright.contracts.sink import EventSink


class StoppedError(Exception):
    """Someone asked for the end."""


class StagingFolder:
    """Files that lie on disk only until they are read; gone before the content is in place."""

    def __init__(self, folder: Path, sink: EventSink) -> None:
        """Make the folder inside the content folder that is being made."""
        self.content_folder = folder
        self._folder = folder / "staging"
        self._folder.mkdir(mode=0o700)
        self._numbers = itertools.count()
        self.sink = sink

    def new_path(self) -> Path:
        """Give a path that no other caller gets; safe between threads."""
        return self._folder / str(next(self._numbers))

    def check_stop(self) -> None:
        """Raise StoppedError when someone asked for the end."""
        if self.sink.stop_requested():
            raise StoppedError

    def remove(self) -> None:
        """Remove the folder and what is left in it."""
        shutil.rmtree(self._folder)
