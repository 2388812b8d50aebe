"""How long the editor waits for shapes and problems, by the number of blocks.

.venv/bin/python benchmarks/graph_analysis.py
"""

from __future__ import annotations

import statistics
import time

from blockwright.contracts.data import DataSchema, DataSource, Subset, SubsetRule
from blockwright.contracts.graph import ExperimentSettings
from blockwright.graph.analysis import analyse
from blockwright.graph.snippets import Step, chain

CLASSES = [f"class_{number}" for number in range(80)]
DATA = DataSchema(
    version_id="ver",
    version_number=1,
    dataset_name="Audio",
    rows=4970,
    sources=[
        DataSource(name="fname", kind="tensor", shape=[256, 256], features=["fname"]),
        DataSource(
            name="labels", kind="multi_label", shape=[80], classes=CLASSES, features=CLASSES
        ),
    ],
    subsets=[
        Subset(id="t", name="Training", rule=SubsetRule(kind="random", share_percent=80), rows=3976)
    ],
)


def main() -> None:
    """Print the median of 50 analyses for each size."""
    for blocks in (10, 200, 1_000):
        steps: list[Step] = [("input", "input", {"source": "fname"}), ("flat", "flatten", {})]
        steps += [(f"dense_{n}", "dense", {"nodes": 32}) for n in range(blocks - 3)]
        steps.append(("target", "target", {"source": "labels"}))
        graph, settings = chain(steps), ExperimentSettings(version_id="ver")
        seconds = []
        for _ in range(50):
            begun = time.perf_counter()
            analyse(graph, DATA, settings)
            seconds.append(time.perf_counter() - begun)
        print(f"{blocks:>5} blocks: {1000 * statistics.median(seconds):.2f} ms")


if __name__ == "__main__":
    main()
