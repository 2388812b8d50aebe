"""The notebook is valid whatever a person types, and is code that Python reads."""

from __future__ import annotations

import ast
import json

import nbformat
from hypothesis import given, settings
from hypothesis import strategies as st

from blockwright.delivery.notebook import make_notebook, notebook_text

HOSTILE = [
    "'",
    '"',
    "{",
    "}",
    "\n",
    "\\",
    "'''",
    '"""',
    "{0}",
    "%s",
    "<script>",
    "'); raise (",
    "\u2028",
    "\ud800",
]
TEXT = st.text() | st.lists(st.sampled_from(HOSTILE)).map("".join)


@settings(deadline=None)
@given(name=TEXT, dataset=TEXT)
def test_any_name_gives_a_valid_notebook_that_keeps_it(name: str, dataset: str) -> None:
    wanted = {"name": name, "bundle_id": "cmp_1", "dataset": dataset}
    document = json.loads(notebook_text(make_notebook(wanted)))
    nbformat.validate(document)
    cells = [cell["source"] for cell in document["cells"] if cell["cell_type"] == "code"]
    for cell in cells:
        ast.parse(cell)
    assignment = ast.parse(cells[0]).body[1]
    assert isinstance(assignment, ast.Assign)
    assert isinstance(assignment.value, ast.Call)
    assert json.loads(ast.literal_eval(assignment.value.args[0])) == wanted


def test_a_name_reaches_no_other_cell() -> None:
    document = make_notebook({"name": "N0-SUCH-W0RD", "bundle_id": "b", "dataset": "d"})
    places = [n for n, cell in enumerate(document["cells"]) if "N0-SUCH-W0RD" in cell["source"]]
    assert places == [1]


def test_the_same_settings_give_the_same_file() -> None:
    wanted = {"name": "n", "bundle_id": "b", "dataset": "d"}
    assert notebook_text(make_notebook(wanted)) == notebook_text(make_notebook(wanted))
