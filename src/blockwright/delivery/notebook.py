"""The notebook of a competition, built as data.

Takes   `submission_notebook.py` (percent format), and settings.
Gives   a validated nbformat 4 document.
Never   puts a person's text into code or markup by a template: settings travel as
        JSON in one Python string literal made by repr().
"""

from __future__ import annotations

import json
from importlib import resources
from typing import Any

import nbformat

SOURCE_FILE = "submission_notebook.py"
_CELL = "# %%"


def make_notebook(settings: dict[str, Any]) -> dict[str, Any]:
    """Build the notebook.

    Args:
        settings: `name` of the competition, `bundle_id` of the model, `dataset`
            (user/slug) that carries the model. Any text is safe.

    Returns:
        The document; its cells have stable ids, so the same settings give the same file.
    """
    cells = _cells_of_source()
    text = json.dumps(settings, ensure_ascii=True, sort_keys=True)
    cells.insert(1, _code_cell(f"import json\n\nSETTINGS = json.loads({text!r})"))
    for number, cell in enumerate(cells):
        cell["id"] = f"cell-{number}"
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    metadata = {"kernelspec": kernel, "language_info": {"name": "python"}}
    notebook = {"nbformat": 4, "nbformat_minor": 5, "metadata": metadata, "cells": cells}
    nbformat.validate(notebook)
    return notebook


def notebook_text(notebook: dict[str, Any]) -> str:
    """Give the content of the .ipynb file."""
    return json.dumps(notebook, indent=1, ensure_ascii=False) + "\n"


def _cells_of_source() -> list[dict[str, Any]]:
    source = (resources.files(__package__) / SOURCE_FILE).read_text(encoding="utf-8")
    cells: list[dict[str, Any]] = []
    for part in source.split(f"\n{_CELL}"):
        head, _, body = part.partition("\n")
        if head.removeprefix(_CELL).strip() == "[markdown]":
            lines = [line.removeprefix("#").removeprefix(" ") for line in body.strip().splitlines()]
            cells.append(_markdown_cell("\n".join(lines)))
        else:
            cells.append(_code_cell(body.strip()))
    return cells


def _code_cell(source: str) -> dict[str, Any]:
    return {
        "cell_type": "code",
        "metadata": {},
        "source": source,
        "execution_count": None,
        "outputs": [],
    }


def _markdown_cell(source: str) -> dict[str, Any]:
    return {"cell_type": "markdown", "metadata": {}, "source": source}
