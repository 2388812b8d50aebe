"""How long a studio takes to its first page, and how much memory it holds, by a warm disk.

.venv/bin/python benchmarks/server_start.py

The floor to compare with is a bare FastAPI application under uvicorn with the same
Python, measured in the same run: what is above it is ours.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

import psutil

ROUNDS = 5
PORT = 8699
BARE = (
    "import fastapi, uvicorn\n"
    "app = fastapi.FastAPI()\n"
    "app.get('/api/v1/health')(lambda: {})\n"
    f"uvicorn.run(app, port={PORT}, log_level='error')\n"
)


def measure(command: list[str]) -> tuple[float, float]:
    """Give seconds from the start of a process to its first answer, and its MB then."""
    begin = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        while True:
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{PORT}/api/v1/health").close()
                break
            except OSError:
                time.sleep(0.005)
        seconds = time.perf_counter() - begin
        return seconds, psutil.Process(process.pid).memory_info().rss / 2**20
    finally:
        process.terminate()
        process.wait()


def main() -> None:
    """Print the medians of both and their ratio."""
    with tempfile.TemporaryDirectory() as folder:
        data = str(Path(folder) / "data")
        studio = [sys.executable, "-m", "blockwright", "serve", "--data", data]
        studio += ["--port", str(PORT), "--no-browser"]
        measure(studio)  # makes the database, and warms the disk
        found = {"bare": [], "studio": []}  # type: dict[str, list[tuple[float, float]]]
        for _ in range(ROUNDS):
            found["bare"].append(measure([sys.executable, "-c", BARE]))
            found["studio"].append(measure(studio))
    medians = {
        name: tuple(statistics.median(column) for column in zip(*rows, strict=True))
        for name, rows in found.items()
    }
    for name, (seconds, megabytes) in medians.items():
        print(f"{name:8} {seconds:.2f} s to the first answer, {megabytes:.0f} MB resident")
    print(f"ratio    {medians['studio'][0] / medians['bare'][0]:.2f}")


if __name__ == "__main__":
    main()
