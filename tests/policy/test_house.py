"""Rules of the house that no other tool holds: settings documented, modules short, rooms known."""

from __future__ import annotations

import ast
import itertools
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

import blockwright
from blockwright.server.api import make_spec
from blockwright.settings import Settings

SOURCE = Path(blockwright.__file__).parent
ROOT = SOURCE.parent.parent
MODULES = sorted(SOURCE.rglob("*.py"))
MOST_LINES = 600
FORBIDDEN_NAMES = {"utils", "util", "helpers", "helper", "misc", "common"}
HEAVY = ("keras", "tensorflow", "jax", "torch", "librosa")


def test_every_setting_is_documented_with_its_default() -> None:
    table = {
        cells[1].strip(" `"): cells[2]
        for line in (ROOT / "docs" / "settings.md").read_text("utf-8").splitlines()
        if len(cells := line.split("|")) == 5
    }
    for name, field in Settings.model_fields.items():
        assert name in table, f"docs/settings.md lacks {name}"
        if field.default_factory is None and field.default is not None:
            assert f"`{field.default}`" in table[name]
    assert set(table) - set(Settings.model_fields) <= {"setting", "---"}


def test_openapi_json_is_fresh() -> None:
    kept = json.loads((ROOT / "openapi.json").read_text("utf-8"))
    assert kept == json.loads(json.dumps(make_spec())), "openapi.json is old: run `make spec`"


def test_live_events_are_part_of_the_api_description() -> None:
    schemas = json.loads((ROOT / "openapi.json").read_text("utf-8"))["components"]["schemas"]
    kinds = schemas["LiveEventEnvelope"]["properties"]["event"]["discriminator"]["mapping"]
    assert {"job_changed", "run_stepped", "epoch_ended"} <= set(kinds)


@pytest.mark.parametrize("module", MODULES, ids=lambda path: str(path.relative_to(SOURCE)))
def test_a_module_is_short_named_and_described(module: Path) -> None:
    text = module.read_text("utf-8")
    assert len(text.splitlines()) <= MOST_LINES
    assert module.stem not in FORBIDDEN_NAMES
    # A notebook begins with its first cell, which says what it is for.
    assert ast.get_docstring(ast.parse(text)) or text.startswith("# %% [markdown]")


def test_nothing_is_left_for_later_in_the_source() -> None:
    words = re.compile(r"raise NotImplementedError|\b(TODO|FIXME|XXX|[Cc]oming soon)\b")
    kinds = ("*.py", "*.ts", "*.tsx", "*.css", "*.json")
    files = [f for kind in kinds for f in (ROOT / "web" / "src").rglob(kind)] + MODULES
    left = [
        f"{path.relative_to(ROOT)}:{number} {line.strip()}"
        for path in sorted(files)
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1)
        if words.search(line)
    ]
    assert left == []


def test_nothing_runs_code_that_comes_as_data() -> None:
    found = []
    for module in MODULES:
        for node in ast.walk(ast.parse(module.read_text("utf-8"))):
            if isinstance(node, ast.Import | ast.ImportFrom):
                names = [alias.name for alias in node.names]
                names.append(getattr(node, "module", None) or "")
                if {"pickle", "marshal", "shelve", "joblib", "dill"} & set(names):
                    found.append(f"{module.name}:{node.lineno} import")
            if isinstance(node, ast.Call):
                name = getattr(node.func, "id", getattr(node.func, "attr", ""))
                if isinstance(node.func, ast.Name) and name in {"eval", "exec"}:
                    found.append(f"{module.name}:{node.lineno} {name}")
                if name == "extractall":
                    found.append(f"{module.name}:{node.lineno} {name}")
                for word in node.keywords:
                    risky = word.arg in {"allow_pickle", "shell"}
                    if risky and getattr(word.value, "value", True) is not False:
                        found.append(f"{module.name}:{node.lineno} {word.arg}")
    assert found == []


def test_every_dependency_has_its_reason() -> None:
    lines = (ROOT / "pyproject.toml").read_text("utf-8").splitlines()
    lacking = []
    for before, line in itertools.pairwise(lines):
        named = re.match(r'    "([A-Za-z0-9_.\[\]-]+)>=', line)
        before_named = re.match(r'    "([A-Za-z0-9_.\[\]-]+)>=', before)
        if named and not before.lstrip().startswith("#") and not before_named:
            lacking.append(line.strip())
    assert lacking == []


def test_rooms_import_downwards() -> None:
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_the_server_starts_without_the_model_engine() -> None:
    program = (
        "import sys\n"
        "from blockwright.server.serve import serve\n"
        "import blockwright.cli\n"
        f"print([name for name in {HEAVY!r} if name in sys.modules])\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"
