"""The README inside a bundle: how to use the model where there is no studio."""

from __future__ import annotations

from importlib import resources

from blockwright.contracts.work import BundlePlan
from blockwright.evaluation.report import ValidationReport


def bundle_readme(plan: BundlePlan, classes: list[str], report: ValidationReport | None) -> str:
    """Write the README of one bundle."""
    lines = [
        "# A model made with Blockwright",
        "",
        f"Experiment: {_plain(plan.experiment_name)}, epoch {plan.epoch}, {len(classes)} outputs.",
    ]
    if report:
        scores = ", ".join(f"{name} {value:.4f}" for name, value in report.metrics.items())
        lines.append(f"On the subset {_plain(report.subset)} ({report.rows} rows): {scores}.")
    files = (resources.files(__package__) / "bundle_readme.md").read_text(encoding="utf-8")
    return "\n".join([*lines, "", files])


def _plain(name: str) -> str:
    """Give a name that a person typed as text that is no markup and stays on its line."""
    line = " ".join(name.split())
    return "".join(f"\\{sign}" if sign in "\\`*_[]<>#|&" else sign for sign in line)
