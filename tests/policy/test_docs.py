"""What the documents name is there: commands, options, make targets, files, pictures."""

from __future__ import annotations

import json
import re
from pathlib import Path

import click
import pytest
import typer.main

from blockwright.cli import app

ROOT = Path(__file__).parents[2]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
COMMANDS: dict[str, click.Command] = typer.main.get_command(app).commands  # type: ignore[attr-defined]
MAKE_TARGETS = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))

_CODE = re.compile(r"```[a-z]*\n(.*?)```|`([^`\n]+)`", re.DOTALL)
_BLOCKWRIGHT = re.compile(r"(?:^|[\s/])blockwright ([a-z][a-z-]*)([^\n|#]*)", re.MULTILINE)
_MAKE = re.compile(r"^make ([a-z-]+)", re.MULTILINE)
_LINK = re.compile(r"\]\(([^)#\s]+)[^)]*\)")


def code_in(document: Path) -> str:
    """Give everything that a document sets as code, a line each."""
    found = _CODE.findall(document.read_text(encoding="utf-8"))
    return "\n".join(block or word for block, word in found)


def ids(document: Path) -> str:
    return str(document.relative_to(ROOT))


@pytest.mark.parametrize("document", DOCUMENTS, ids=ids)
def test_every_command_and_option_exists(document: Path) -> None:
    for name, rest in _BLOCKWRIGHT.findall(code_in(document)):
        assert name in COMMANDS, f"blockwright {name}"
        options = {option for param in COMMANDS[name].params for option in param.opts}
        for option in re.findall(r"(?<!\S)\[?(--[a-z-]+)", rest):
            assert option in {*options, "--help"}, f"blockwright {name} {option}"


@pytest.mark.parametrize("document", DOCUMENTS, ids=ids)
def test_every_make_target_exists(document: Path) -> None:
    for target in _MAKE.findall(code_in(document)):
        assert target in MAKE_TARGETS, f"make {target}"


@pytest.mark.parametrize("document", DOCUMENTS, ids=ids)
def test_every_link_and_picture_leads_somewhere(document: Path) -> None:
    for link in _LINK.findall(document.read_text(encoding="utf-8")):
        if not link.startswith(("http://", "https://", "mailto:")):
            assert (document.parent / link).exists(), link


def words_of_the_studio(language: str) -> set[str]:
    """Give every visible string: the browser's catalogues and the cards of blocks."""
    words: set[str] = set()
    for file in (ROOT / "web/src/locales" / language).glob("*.json"):
        words |= set(json.loads(file.read_text(encoding="utf-8")).values())
    for file in (ROOT / "src/blockwright/graph").rglob("*.py"):
        words |= set(re.findall(r'"([^"\n]+)"', file.read_text(encoding="utf-8")))
    return words


@pytest.mark.parametrize(
    ("document", "language", "quoted"),
    [
        ("README.md", "en", r"`([A-Z][^`]+)`"),
        ("docs/guide/README.md", "en", r"`([A-Z][^`]+)`"),
        ("README.zh-CN.md", "zh", r"“([^”]+)”"),
        ("docs/guide/README.zh-CN.md", "zh", r"“([^”]+)”"),
    ],
)
def test_every_control_that_the_guide_names_has_that_name(
    document: str, language: str, quoted: str
) -> None:
    named = re.findall(quoted, (ROOT / document).read_text(encoding="utf-8"))
    assert named
    assert set(named) <= words_of_the_studio(language)


def test_every_browser_dependency_has_its_reason() -> None:
    package = json.loads((ROOT / "web" / "package.json").read_text(encoding="utf-8"))
    named = {*package["dependencies"], *package["devDependencies"]}
    assert set(package["//"]) == named
    assert all(reason.strip() for reason in package["//"].values())


def test_every_python_dependency_has_its_reason() -> None:
    lines = (ROOT / "pyproject.toml").read_text(encoding="utf-8").splitlines()
    explained = False
    for line in lines[: lines.index("[tool.uv]")]:
        text = line.strip()
        if text.startswith("#"):
            explained = True
        elif re.match(r'"[A-Za-z0-9_.\[\]-]+ *[><=]', text):
            assert explained, f"{text} has no reason above it"
        else:
            explained = False
