"""How long a person waits for a clip while a control moves, through a real studio.

    .venv/bin/python benchmarks/preview.py

The sample's recordings are brought in, the first page of rows is asked for as the table does,
and a moment later a clip by the settings of *128-mel for tagging*; then one setting after the
other is changed, each to values not seen before. Told are milliseconds from the question to the
whole answer over HTTP: the first preview, medians and largest of each kind of change.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from pathlib import Path

import httpx

from blockwright.datasets.sample import TRAINING_AUDIO
from import_in_studio import API, studio

SETTINGS = {
    "sample_rate_hz": 44_100, "fft_samples": 2_560, "hop_samples": 690, "mel_bands": 128,
    "min_hz": 20, "max_hz": 22_050, "frames": 256,
}  # fmt: skip
CHANGES: dict[str, tuple[int, ...]] = {
    "mel_bands": (64, 80, 96, 112, 144, 160, 192),
    "hop_samples": (300, 400, 512, 600, 800, 900, 1_024),
    "fft_samples": (512, 1_024, 2_048, 3_000, 4_096, 6_000, 8_192),
    "frames": (64, 100, 128, 200, 300, 400, 512),
}
MOMENT_SECONDS = 5.0


def preview_ms(client: httpx.Client, version: str, settings: dict[str, int]) -> float:
    """Ask for the first clip; gives milliseconds."""
    body = {"feature": "file", "encoding": {"kind": "spectrogram", "spectrogram": settings}}
    began = time.perf_counter()
    client.post(f"{version}/rows/0/preview", json=body).raise_for_status()
    return (time.perf_counter() - began) * 1e3


def main() -> None:
    """Measure and print."""
    argparse.ArgumentParser(description=__doc__.split("\n", 1)[0]).parse_args()
    with tempfile.TemporaryDirectory() as data, studio(Path(data)) as (client, _):
        project = client.post(f"{API}/projects", json={"name": "Benchmark"}).json()["id"]
        given = {"name": "clips", "local_path": str(TRAINING_AUDIO)}
        dataset = client.post(f"{API}/projects/{project}/datasets", json=given).json()
        while dataset["state"] == "importing":
            time.sleep(0.2)
            dataset = client.get(f"{API}/datasets/{dataset['id']}").json()
        version = f"{API}/versions/{dataset['versions'][0]['id']}"
        client.post(f"{version}/rows", json={"limit": 50}).raise_for_status()
        time.sleep(MOMENT_SECONDS)
        print(f"first preview {preview_ms(client, version, SETTINGS):.0f} ms")
        for name, values in CHANGES.items():
            taken = [preview_ms(client, version, {**SETTINGS, name: each}) for each in values]
            print(f"{name}: median {statistics.median(taken):.0f} ms, largest {max(taken):.0f}")
        rows = [preview_ms(client, version, SETTINGS) for _ in range(20)]
        print(f"the same again: median {statistics.median(rows):.0f} ms, largest {max(rows):.0f}")


if __name__ == "__main__":
    main()
