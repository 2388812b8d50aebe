"""Memory of server and worker while a zip of npy files comes in through a real studio.

    .venv/bin/python benchmarks/import_in_studio.py [--files N]

A studio of its own is started for each size. The zip goes through the browser's door (tus, in
pieces of 8 MB), or is named by its path; the import runs in a worker process that the server
starts; then the first page of rows is asked for, as the table does. Told is the largest
resident memory that the kernel counted for each process (VmHWM), for a fifth of the files and
for all. A worker is looked at 50 times a second, so that what it adds in its last moment may be
missing. Linux only; disk for three times the files (0.26 MB each).
"""

from __future__ import annotations

import argparse
import base64
import contextlib
import re
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import psutil

from import_npy import METHODS, make_zip

API = "/api/v1"
TUS = {"Tus-Resumable": "1.0.0"}
PIECE_BYTES = 8 << 20
MOST_SERVER_MB, MOST_WORKER_MB = 250, 400
PAGE_ROWS = 50
WAYS = ("path", "upload")


def peak_mb(pid: int) -> float:
    """Give the largest resident memory that a process has had; 0 once it is gone."""
    try:
        status = Path(f"/proc/{pid}/status").read_text("ascii")
    except OSError:
        return 0.0
    found = re.search(r"VmHWM:\s+(\d+) kB", status)
    return int(found[1]) / 1024 if found else 0.0


class Workers:
    """Watches the processes that a server starts."""

    def __init__(self, server: int) -> None:
        """Begin to watch."""
        self.largest_mb = 0.0
        self._server = psutil.Process(server)
        threading.Thread(target=self._watch, daemon=True).start()

    def _watch(self) -> None:
        with contextlib.suppress(psutil.NoSuchProcess):  # the studio is closed
            while True:
                for child in self._server.children():
                    self.largest_mb = max(self.largest_mb, peak_mb(child.pid))
                time.sleep(0.02)


@contextlib.contextmanager
def studio(data: Path) -> Iterator[tuple[httpx.Client, int]]:
    """Run a studio; gives a client that has come in, and the server's process id."""
    command = [sys.executable, "-u", "-m", "blockwright", "serve", "--data", str(data)]
    server = subprocess.Popen(
        [*command, "--port", "0", "--no-browser"], stdout=subprocess.PIPE, text=True
    )
    try:
        assert server.stdout is not None
        address = next(found[0] for line in server.stdout if (found := re.search(r"http\S+", line)))
        threading.Thread(target=server.stdout.read, daemon=True).start()
        with httpx.Client(base_url=address.split("?")[0], timeout=60) as client:
            client.get(address)
            yield client, server.pid
    finally:
        server.terminate()
        server.wait()


def upload(client: httpx.Client, source: Path) -> str:
    """Send a file piece by piece; gives the id of the upload."""
    name = base64.b64encode(source.name.encode()).decode()
    told = {
        **TUS,
        "Upload-Length": str(source.stat().st_size),
        "Upload-Metadata": f"filename {name}",
    }
    address = client.post(f"{API}/uploads", headers=told).headers["location"]
    with source.open("rb") as file:
        while piece := file.read(PIECE_BYTES):
            told = {**TUS, "Content-Type": "application/offset+octet-stream"}
            told["Upload-Offset"] = str(file.tell() - len(piece))
            client.patch(address, headers=told, content=piece).raise_for_status()
    return str(address.rsplit("/", 1)[1])


def bring_in(source: Path, files: int, way: str) -> dict[str, float]:
    """Import in a fresh studio; gives seconds, and MB of each process."""
    with (
        tempfile.TemporaryDirectory(dir=source.parent) as data,
        studio(Path(data)) as (client, server),
    ):
        workers = Workers(server)
        at_start_mb = peak_mb(server)
        began = time.perf_counter()
        given = (
            {"local_path": str(source)}
            if way == "path"
            else {"upload_ids": [upload(client, source)]}
        )
        project = client.post(f"{API}/projects", json={"name": "Benchmark"}).json()["id"]
        made = client.post(f"{API}/projects/{project}/datasets", json={"name": "npy", **given})
        dataset = made.raise_for_status().json()
        while dataset["state"] == "importing":
            time.sleep(0.2)
            dataset = client.get(f"{API}/datasets/{dataset['id']}").json()
        assert dataset["rows"] == files, dataset
        seconds, imported_mb = time.perf_counter() - began, peak_mb(server)
        rows = f"{API}/versions/{dataset['versions'][0]['id']}/rows"
        client.post(rows, json={"limit": PAGE_ROWS}).raise_for_status()
        for row in range(PAGE_ROWS):
            client.get(f"{rows}/{row}/picture.png?feature=fname").raise_for_status()
        return {
            "seconds": seconds,
            "started": at_start_mb,
            "server": imported_mb,
            "with rows shown": peak_mb(server),
            "worker": workers.largest_mb,
        }


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--files", type=int, default=5_000)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="import-in-studio-") as place:
        for files in (given.files // 5, given.files):
            source = Path(place) / f"{files}.zip"
            make_zip(source, files, METHODS["deflated"])
            for way in WAYS:
                told = bring_in(source, files, way)
                print(
                    f"{files} files by {way}: {told['seconds']:.1f} s; "
                    f"server {told['server']:.0f} MB at most ({told['started']:.0f} before), "
                    f"{told['with rows shown']:.0f} with rows shown (at most {MOST_SERVER_MB}); "
                    f"worker {told['worker']:.0f} MB (at most {MOST_WORKER_MB})"
                )


if __name__ == "__main__":
    main()
