"""Put uv into a folder of this checkout: by pip, or from the registry itself where pip is missing.

A system Python may come without pip and without the means to make a virtual
environment (Debian splits them off); the wheel of uv is a zip with one program in
it, so the standard library suffices. Its SHA-256 is checked.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import platform
import subprocess
import sys
import urllib.parse
import urllib.request
import zipfile
from pathlib import Path

OLDEST, NEWEST = (3, 11), (3, 13)
INDEX = os.environ.get("PIP_INDEX_URL", "https://pypi.org/simple")


def wheel_tag() -> str:
    """Give the part of a wheel's name that tells this machine."""
    machine = {"amd64": "x86_64", "arm64": "aarch64"}.get(
        platform.machine().lower(), platform.machine().lower()
    )
    if sys.platform == "darwin":
        return "macosx_11_0_arm64" if machine == "aarch64" else "macosx_10_12_x86_64"
    if sys.platform == "win32":
        return "win_arm64" if machine == "aarch64" else "win_amd64"
    return f"manylinux_2_17_{machine}"


def version_of(file_name: str) -> tuple[int, ...]:
    """Give the version in a wheel's name, to be compared; 0 for one that is no release."""
    parts = file_name.split("-")[1].split(".")
    return tuple(map(int, parts)) if all(part.isdigit() for part in parts) else (0,)


def fetch(folder: Path) -> None:
    """Take uv's program out of its newest wheel."""
    request = urllib.request.Request(  # noqa: S310  # a fixed https address, or the one set for pip
        f"{INDEX.rstrip('/')}/uv/", headers={"Accept": "application/vnd.pypi.simple.v1+json"}
    )
    with urllib.request.urlopen(request) as reply:  # noqa: S310
        files = json.load(reply)["files"]
    fitting = [file for file in files if wheel_tag() in file["filename"] and not file["yanked"]]
    wheel = max(fitting, key=lambda file: version_of(file["filename"]))
    address = urllib.parse.urljoin(request.full_url, wheel["url"])
    with urllib.request.urlopen(address) as reply:  # noqa: S310
        content = reply.read()
    if hashlib.sha256(content).hexdigest() != wheel["hashes"]["sha256"]:
        sys.exit("The download of uv is damaged; try again.")
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        program = next(name for name in archive.namelist() if name.endswith("/scripts/uv"))
        target = folder / "bin" / "uv"
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(archive.read(program))
        target.chmod(0o755)


def main(folder: Path) -> None:
    """Install uv into `folder`."""
    if not OLDEST <= sys.version_info[:2] <= NEWEST:
        sys.exit(
            f"Python 3.11, 3.12 or 3.13 is needed; this one is {platform.python_version()}. "
            "Call make with PYTHON=/path/to/python3.12."
        )
    made = subprocess.run(  # noqa: S603
        [sys.executable, "-m", "venv", str(folder)], capture_output=True, check=False
    )
    if made.returncode == 0:
        pip = [str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet", "uv"]
        if subprocess.run([*pip, "--disable-pip-version-check"], check=False).returncode == 0:  # noqa: S603
            return
    fetch(folder)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
