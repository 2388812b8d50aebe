"""What is shipped works by itself: the wheel, in an empty environment, without Node."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import httpx
import pytest

from tests.support.studio import Studio, wait_for_address

ROOT = Path(__file__).parents[2]
MOST_WHEEL_BYTES = 20 * 2**20


def build_wheel(source: Path, goal: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Build a wheel with what is installed here; nothing is fetched."""
    return subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", goal, source],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    goal = tmp_path_factory.mktemp("wheel")
    done = build_wheel(ROOT, goal)
    assert done.returncode == 0, done.stdout + done.stderr
    [made] = goal.glob("*.whl")
    return made


def find_uv() -> str | None:
    """Give the uv that set this environment up."""
    own = ROOT / ".uv" / "bin" / "uv"
    return str(own) if own.exists() else shutil.which("uv")


def install(wheel: Path, folder: Path) -> Path:
    """Install the wheel with its locked dependencies; give the environment's `blockwright`."""
    environment = folder / "environment"
    uv = find_uv()
    venv.create(environment, with_pip=uv is None, symlinks=os.name != "nt")
    python = environment / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    if uv is None:
        subprocess.run([python, "-m", "pip", "install", "--quiet", wheel], check=True)
    else:
        locked = folder / "locked.txt"
        export = [uv, "export", "--quiet", "--locked", "--no-dev", "--no-emit-project"]
        subprocess.run(
            [*export, "--no-hashes", "--output-file", locked],
            cwd=ROOT,
            check=True,
            capture_output=True,
        )
        command = [uv, "pip", "install", "--quiet", "--python", python]
        subprocess.run([*command, "--requirements", locked, wheel], check=True, cwd=folder)
    return python.with_name("blockwright")


def test_the_wheel_holds_everything_and_is_not_too_large(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    for needed in (
        "blockwright/server/ui/index.html",
        "blockwright/store/migrations/env.py",
        "blockwright/contracts/problem_catalogue/server.json",
        "blockwright/datasets/sample/train_curated.csv",
        "blockwright/datasets/sample/ATTRIBUTION.md",
    ):
        assert needed in names
    assert any(re.fullmatch(r"blockwright/server/ui/assets/.+\.js", name) for name in names)
    assert not any("node_modules" in name or "__pycache__" in name for name in names)
    assert wheel.stat().st_size < MOST_WHEEL_BYTES


def test_a_wheel_without_the_pages_is_not_built(tmp_path: Path) -> None:
    copy = tmp_path / "source"
    left_out = shutil.ignore_patterns("ui", "__pycache__", "sample")
    shutil.copytree(ROOT / "src", copy / "src", ignore=left_out)
    for name in ("pyproject.toml", "hatch_build.py", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, copy / name)
    done = build_wheel(copy, tmp_path / "out", BLOCKWRIGHT_UI="built")
    assert done.returncode != 0
    assert "The browser UI is missing: no wheel is built without it" in done.stdout + done.stderr
    assert not list((tmp_path / "out").glob("*.whl"))


def test_the_installed_wheel_serves_its_page(wheel: Path, tmp_path: Path) -> None:
    command = install(wheel, tmp_path)
    data = tmp_path / "data"
    log_file = tmp_path / "studio.log"
    # No Node and nothing of this environment is within reach.
    outside = {"PATH": str(command.parent), "HOME": str(tmp_path), "PYTHONUNBUFFERED": "1"}
    with log_file.open("w") as log:
        process = subprocess.Popen(
            [command, "serve", "--data", data, "--port", "0", "--no-browser"],
            stdout=log,
            stderr=subprocess.STDOUT,
            text=True,
            env=outside,
            cwd=tmp_path,
        )
    studio = Studio(process, wait_for_address(process, log_file), data, log_file)
    try:
        with httpx.Client(base_url=studio.base_url, follow_redirects=True) as client:
            page = client.get(studio.address)
            assert page.status_code == 200
            script = re.search(r'src="(/assets/[^"]+\.js)"', page.text)
            assert script is not None
            assert client.get(script.group(1)).status_code == 200
            assert client.get("/api/v1/system").json()["version"] in wheel.name
    finally:
        studio.stop()
