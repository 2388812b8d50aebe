"""The README inside a bundle: how to use the model where there is no studio."""

from __future__ import annotations

from importlib import resources
from typing import Any

from blockwright.contracts.work import BundlePlan
from blockwright.evaluation.report import ValidationReport

# What is otherwise where the model takes tiles of values that vary in length.
_SAMPLE_ROWS = "| `sample_rows.npy` | which sample row each of the sample inputs is a tile of |\n"
_AVERAGE = """rows = np.load("sample_rows.npy")
outputs = np.stack([outputs[rows == row].mean(axis=0) for row in range(rows.max() + 1)])
"""
_LENGTHS = """

Values of {name} may have any length. The model takes tiles of {tile} along axis {axis} of one
value (axes counted from 0), a new one beginning every {step}; the last tile ends where the value
ends, and a value that is shorter than one tile is repeated until it is full. The prediction for
a value is the mean of the outputs over its tiles."""


def bundle_readme(
    plan: BundlePlan,
    classes: list[str],
    report: ValidationReport | None,
    preprocessing: dict[str, Any],
) -> str:
    """Write the README of one bundle; `preprocessing` is the content of preprocessing.json."""
    lines = [
        "# A model made with Blockwright",
        "",
        f"Experiment: {_plain(plan.experiment_name)}, epoch {plan.epoch}, {len(classes)} outputs.",
    ]
    if plan.averaged:
        lines[-1] = (
            f"Experiment: {_plain(plan.experiment_name)}, {len(classes)} outputs: the mean of "
            f"{len(plan.averaged)} models, each trained without one fold of the rows."
        )
        values = [each.value for each in plan.averaged if each.value is not None]
        told = ", ".join(f"{value:.4f}" for value in values)
        lines.append(f"Each on its own fold, {plan.train.best_by}: {told}.")
    if report:
        scores = ", ".join(f"{name} {value:.4f}" for name, value in report.metrics.items())
        lines.append(f"On the subset {_plain(report.subset)} ({report.rows} rows): {scores}.")
    files = (resources.files(__package__) / "bundle_readme.md").read_text(encoding="utf-8")
    return "\n".join([*lines, "", files.format(**_about_lengths(preprocessing))])


def _about_lengths(preprocessing: dict[str, Any]) -> dict[str, str]:
    """Give what the README says of an input of variable length, or nothing."""
    for given in preprocessing["inputs"]:
        varies = given["variable"]
        if varies is not None:
            lengths = _LENGTHS.format(
                name=_plain(given["name"]),
                tile=varies["tile"],
                axis=varies["axis"],
                step=varies["tile"] - varies["overlap"],
            )
            return {"sample_rows": _SAMPLE_ROWS, "average": _AVERAGE, "lengths": lengths}
    return {"sample_rows": "", "average": "", "lengths": ""}


def _plain(name: str) -> str:
    """Give a name that a person typed as text that is no markup and stays on its line."""
    line = " ".join(name.split())
    return "".join(f"\\{sign}" if sign in "\\`*_[]<>#|&" else sign for sign in line)
