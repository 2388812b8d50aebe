"""Our training beside hand-written Keras and PyTorch: same models, data and machine.

Run `python benchmarks/train.py --torch-python PYTHON`, where PYTHON is the interpreter of an
environment with PyTorch; without it only Keras is compared with. Each peer is a process of
its own; rounds go around them, so that a busy machine disturbs all alike, and what is told
is the median of the ratios within rounds. Ours is the product's own path: a training plan,
and batches from a frozen version on disk. Nobody writes checkpoints or validates here.
With `--backend jax` ours and Keras compute on JAX, on a GPU if there is one; PyTorch then computes
there, too, compiled.
With `--augment` ours learns from rows of other lengths, cropped, shifted, masked and blended,
which no peer does: what it tells is how long the step waits for them.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args

import numpy as np
import polars as pl

from blockwright.contracts.data import DataSchema, DataSource, VariableLength
from blockwright.contracts.encodings import BinaryEncoding, NumericEncoding, TensorEncoding
from blockwright.contracts.graph import ExperimentSettings, GraphDocument
from blockwright.contracts.subsets import Subset, SubsetRule
from blockwright.contracts.work import DataPlan, FeatureStatistics, StoredArray, TrainPlan
from blockwright.graph.fitting import fitted_snippets
from blockwright.graph.snippets import chain

PEERS = Path(__file__).parent / "train_peers"
LABELS = [f"label_{number}" for number in range(80)]
COLUMNS = [f"column_{number}" for number in range(30)]
CLASSES = list("abcdefghij")
OURS = "studio"
Wanted = Literal["auto", "float32", "bfloat16"]
AUGMENTED = {"mixup": 0.4, "time_masks": 2, "frequency_masks": 2, "time_shift": 0.3}


@dataclass(frozen=True)
class Case:
    """A model, and how much of it is trained on in one round."""

    name: str
    shape: tuple[int, ...]
    batch_size: int
    rows: int


CASES = [
    Case("cnn_small", (128, 128), batch_size=32, rows=256),
    Case("resnet50v2", (256, 256), batch_size=28, rows=56),
    Case("mlp", (len(COLUMNS),), batch_size=32, rows=16_384),
]


def write_numbers(folder: Path, case: Case) -> None:
    """Write what everybody learns from: noise and random labels."""
    random = np.random.default_rng(1)
    np.save(folder / "values.npy", random.normal(size=(case.rows, *case.shape)).astype("float32"))
    if case.name == "mlp":
        truth = np.eye(len(CLASSES), dtype="float32")[random.integers(10, size=case.rows)]
    else:
        truth = (random.random((case.rows, len(LABELS))) < 0.1).astype("float32")
    np.save(folder / "truth.npy", truth)


def write_clips(folder: Path, case: Case) -> StoredArray:
    """Write noise of 0.3 to 3 times the length that the model takes, frames one after another."""
    random = np.random.default_rng(2)
    bands, frames = case.shape
    lengths = (random.uniform(0.3, 3.0, size=case.rows) * frames).astype(np.int64)
    offsets = np.concatenate([[0], np.cumsum(lengths)])
    stored = random.normal(size=(int(offsets[-1]), bands)).astype("float32")
    np.save(folder / "frames.npy", stored)
    np.save(folder / "offsets.npy", offsets)
    return StoredArray(path=str(folder / "frames.npy"), offsets_path=str(folder / "offsets.npy"))


def write_version(folder: Path, case: Case, *, augment: bool) -> DataPlan:
    """Write the same as a frozen version; other values of any length where they are augmented."""
    values, truth = np.load(folder / "values.npy"), np.load(folder / "truth.npy")
    arrays: dict[str, StoredArray] = {}
    if case.name == "mlp":
        columns = {name: values[:, place] for place, name in enumerate(COLUMNS)}
        columns["kind"] = np.array(CLASSES)[truth.argmax(axis=1)]
        encodings = dict.fromkeys(COLUMNS, NumericEncoding())
        sources = [
            DataSource(name="x", kind="vector", shape=[len(COLUMNS)], features=COLUMNS),
            DataSource(
                name="kind", kind="categorical", shape=[10], classes=CLASSES, features=["kind"]
            ),
        ]
    else:
        columns = {name: truth[:, place] > 0 for place, name in enumerate(LABELS)}
        arrays["x"] = StoredArray(path=str(folder / "values.npy"))
        variable = None
        if augment:
            arrays["x"] = write_clips(folder, case)
            tile = case.shape[1]
            variable = VariableLength(axis=1, tile=tile, overlap=tile // 2)
        encodings = {"x": TensorEncoding(), **dict.fromkeys(LABELS, BinaryEncoding())}
        sources = [
            DataSource(
                name="x",
                kind="tensor",
                shape=list(case.shape),
                features=["x"],
                variable=variable,
            ),
            DataSource(
                name="labels",
                kind="multi_label",
                shape=[len(LABELS)],
                classes=LABELS,
                features=LABELS,
            ),
        ]
    pl.DataFrame(columns).write_parquet(folder / "columns.parquet")
    every = np.arange(case.rows, dtype=np.int64)
    np.savez(folder / "subsets.npz", training=every, validation=every[:1])
    rule = SubsetRule(kind="all")
    return DataPlan(
        data_schema=DataSchema(
            version_id="ver_benchmark",
            version_number=1,
            dataset_name="Noise",
            rows=case.rows,
            sources=sources,
            subsets=[
                Subset(id="training", name="Training", rule=rule, rows=case.rows),
                Subset(id="validation", name="Validation", rule=rule, rows=1),
            ],
        ),
        version_folder=str(folder),
        columns_path=str(folder / "columns.parquet"),
        arrays=arrays,
        encodings=encodings,
        statistics={"x": FeatureStatistics(normalization="none")},
        content_hash="0" * 64,
    )


def graph_of(case: Case, data: DataPlan, settings: ExperimentSettings) -> GraphDocument:
    """Give the model as the canvas holds it."""
    if case.name == "cnn_small":
        cards = fitted_snippets(data.data_schema, settings)
        return next(card.graph for card in cards if card.name == "cnn_small")
    if case.name == "resnet50v2":
        return chain(
            [
                ("input", "input", {"source": "x"}),
                ("reshape", "reshape", {"target_shape": [*case.shape, 1]}),
                ("resnet", "resnet_v2_50", {}),
                ("dense", "dense", {"nodes": len(LABELS), "activation": "sigmoid"}),
                ("target", "target", {"source": "labels", "loss": "binary_crossentropy"}),
            ]
        )
    return chain(
        [
            ("input", "input", {"source": "x"}),
            ("dense_1", "dense", {"nodes": 128, "activation": "relu"}),
            ("dense_2", "dense", {"nodes": 64, "activation": "relu"}),
            ("dense_3", "dense", {"nodes": len(CLASSES), "activation": "softmax"}),
            ("target", "target", {"source": "kind", "loss": "categorical_crossentropy"}),
        ]
    )


def write_plan(folder: Path, case: Case, *, augment: bool, precision: Wanted = "auto") -> Path:
    """Write the plan that a worker would be given."""
    data = write_version(folder, case, augment=augment)
    settings = ExperimentSettings(
        training_subset_id="training",
        validation_subset_id="validation",
        batch_size=case.batch_size,
        precision=precision,
        **(AUGMENTED if augment else {}),
    )
    metrics = ["loss", "accuracy"]
    if case.name != "mlp":
        metrics = ["loss", "precision", "recall", "lwlrap"]
    plan = TrainPlan(
        run_id="run_benchmark",
        run_folder=str(folder),
        graph=graph_of(case, data, settings),
        settings=settings,
        data=data,
        best_by=metrics[-1],
        higher_is_better=True,
        metric_names=metrics,
    )
    path = folder / "plan.json"
    path.write_text(plan.model_dump_json(), encoding="utf-8")
    return path


class Peer:
    """A process that trains when told to."""

    def __init__(self, interpreter: str, script: str, arguments: list[str], backend: str) -> None:
        """Start it; it loads its engine while others do."""
        self._process = subprocess.Popen(
            [interpreter, str(PEERS / script), *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={
                **os.environ,
                "KERAS_BACKEND": backend,
                "TF_CPP_MIN_LOG_LEVEL": "2",
                # Peers share a GPU; by default each would take three quarters of its memory.
                "XLA_PYTHON_CLIENT_PREALLOCATE": "false",
            },
        )

    def facts(self) -> dict[str, Any]:
        """Wait for its next line."""
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise SystemExit(f"a peer ended with {self._process.wait()}")
        found: dict[str, Any] = json.loads(line)
        return found

    def round(self) -> dict[str, Any]:
        """Let it train once, and wait."""
        assert self._process.stdin is not None
        self._process.stdin.write("\n")
        self._process.stdin.flush()
        return self.facts()

    def close(self) -> None:
        """Let it go."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait()


def start_peers(folder: Path, case: Case, options: argparse.Namespace) -> dict[str, Peer]:
    """Start everybody who takes part."""
    plan = write_plan(folder, case, augment=options.augment, precision=options.precision)
    told = [str(folder), case.name, str(case.batch_size)]
    backend = options.backend
    peers = {
        OURS: Peer(sys.executable, "by_studio.py", [str(plan)], backend),
        "keras float32": Peer(sys.executable, "by_keras.py", [*told, "float32"], backend),
    }
    if options.keras_bfloat16:
        arguments = [*told, "mixed_bfloat16"]
        peers["keras bfloat16"] = Peer(sys.executable, "by_keras.py", arguments, backend)
    if options.torch_python:
        for precision in ("float32", "bfloat16"):
            arguments = [*told, precision]
            peers[f"torch {precision}"] = Peer(
                options.torch_python, "by_torch.py", arguments, backend
            )
    return peers


def compare(case: Case, options: argparse.Namespace) -> None:
    """Measure one model and print what was found."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_numbers(folder, case)
        peers = start_peers(folder, case, options)
        ceiling = Peer(sys.executable, "by_matmul.py", [str(options.matrix_side)], options.backend)
        facts = {peer: process.facts() for peer, process in peers.items()}
        ceiling.facts()
        refuse_other_models(facts)
        print(f"\n{case.name}, {'×'.join(map(str, case.shape))}, batch {case.batch_size}")
        print("  " + "; ".join(dict.fromkeys(str(found["engine"]) for found in facts.values())))
        rounds, peaks = [], []
        for number in range(options.rounds + 1):
            peaks.append(ceiling.round())
            found = {peer: process.round() for peer, process in peers.items()}
            if number == 0:
                continue  # the first one also builds the programs of the steps
            rounds.append(found)
            rates = ", ".join(f"{k} {case.rows / v['seconds']:.1f}" for k, v in found.items())
            print(f"  round {number}, rows/s: {rates}", flush=True)
        for process in (*peers.values(), ceiling):
            process.close()
    report(case, facts, rounds, peaks)


def refuse_other_models(facts: dict[str, dict[str, Any]]) -> None:
    """End where peers do not train the same number of weights."""
    counts = {peer: found["parameters"] for peer, found in facts.items()}
    if len(set(counts.values())) > 1:
        raise SystemExit(f"these are not the same model: {counts}")


def report(
    case: Case,
    facts: dict[str, dict[str, Any]],
    rounds: list[dict[str, dict[str, Any]]],
    peaks: list[dict[str, Any]],
) -> None:
    """Print rates, ratios and shares of the peak."""
    peak = {name: max(found[name] for found in peaks) for name in ("float32", "bfloat16")}
    operations = facts[OURS]["operations_per_row"]
    print(
        "  matrix products: "
        + ", ".join(f"{value / 1e9:.0f} GFLOPS in {name}" for name, value in peak.items())
        + f"; {operations / 1e9:.3f} GFLOP a row"
    )
    for peer in facts:
        rate = statistics.median(case.rows / found[peer]["seconds"] for found in rounds)
        shares = ", ".join(
            f"{100 * rate * operations / value:.0f} % of the peak of {name}"
            for name, value in peak.items()
        )
        line = f"  {peer:15} {rate:9.1f} rows/s, {shares}, loss {rounds[-1][peer]['loss']:.4f}"
        if peer == OURS:
            waits = statistics.median(found[peer]["data_wait"] for found in rounds)
            memory = max(found[peer]["memory_bytes"] for found in rounds)
            line += f", waits for data {100 * waits:.1f} % of the time, {memory / 1e6:.0f} MB"
        else:
            wall = ratios(rounds, peer, "seconds")
            busy = statistics.median(ratios(rounds, peer, "processor_seconds"))
            line += (
                f"; ours is {statistics.median(wall):.2f} times as fast "
                f"({min(wall):.2f} to {max(wall):.2f}), {busy:.2f} by processor time"
            )
        print(line, flush=True)


def ratios(rounds: list[dict[str, dict[str, Any]]], peer: str, time: str) -> list[float]:
    """Give how many times longer a peer took than ours, round by round."""
    return [found[peer][time] / found[OURS][time] for found in rounds]


def main() -> None:
    """Compare on every model asked for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    names = [case.name for case in CASES]
    parser.add_argument("--models", nargs="+", choices=names, default=names)
    parser.add_argument("--rounds", type=int, default=4)
    parser.add_argument("--rows", type=int, help="rows per round, instead of the usual")
    parser.add_argument("--backend", choices=["tensorflow", "jax"], default="tensorflow")
    parser.add_argument("--torch-python", help="interpreter of an environment with PyTorch")
    parser.add_argument("--keras-bfloat16", action="store_true", help="one more peer")
    parser.add_argument(
        "--augment", action="store_true", help="ours learns augmented crops of longer rows"
    )
    parser.add_argument("--precision", choices=get_args(Wanted), default="auto", help="of ours")
    parser.add_argument("--matrix-side", type=int, default=2048)
    options = parser.parse_args()
    for case in CASES:
        if case.name in options.models:
            rows = options.rows or case.rows
            compare(Case(case.name, case.shape, case.batch_size, rows), options)


if __name__ == "__main__":
    main()
