"""What the documents name is there: commands, options, make targets, files, pictures."""

from __future__ import annotations

import json
import re
from pathlib import Path

import click
import pytest
import typer.main

from blockwright.cli import app
from blockwright.contracts.audio import PRESETS
from blockwright.settings import Settings

ROOT = Path(__file__).parents[2]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
COMMANDS: dict[str, click.Command] = typer.main.get_command(app).commands  # type: ignore[attr-defined]
MAKE_TARGETS = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))

SOUND_CONTROLS = (
    *("sampleRate", "fft", "hop", "melBands", "minHz", "maxHz", "range", "reference"),
    *("lengthOf", "otherLength", "frames", "trim", "measuredOver"),
    *("lengthOf.fixed", "lengthOf.variable", "fit.crop", "fit.pad", "fit.resize"),
)

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
        ("docs/guide/data.md", "en", r"`([A-Z][^`]+)`"),
        ("docs/guide/training.md", "en", r"`([A-Z][^`]+)`"),
        ("README.zh-CN.md", "zh", r"“([^”]+)”"),
        ("docs/guide/README.zh-CN.md", "zh", r"“([^”]+)”"),
        ("docs/guide/data.zh-CN.md", "zh", r"“([^”]+)”"),
        ("docs/guide/training.zh-CN.md", "zh", r"“([^”]+)”"),
    ],
)
def test_every_control_that_the_guide_names_has_that_name(
    document: str, language: str, quoted: str
) -> None:
    named = re.findall(quoted, (ROOT / document).read_text(encoding="utf-8"))
    assert named
    assert set(named) <= words_of_the_studio(language)


DATA_PAGES = {"en": ROOT / "docs/guide/data.md", "zh": ROOT / "docs/guide/data.zh-CN.md"}


def locale(language: str, name: str) -> dict[str, str]:
    words: dict[str, str] = json.loads(
        (ROOT / "web/src/locales" / language / f"{name}.json").read_text(encoding="utf-8")
    )
    return words


@pytest.mark.parametrize("language", DATA_PAGES)
def test_the_page_on_data_explains_every_check_rule_and_sound_control(language: str) -> None:
    page = DATA_PAGES[language].read_text(encoding="utf-8")
    panels, table = locale(language, "panels"), locale(language, "table")
    checks = [word for key, word in panels.items() if key.startswith("passed.")]
    kinds = ("random", "rest", "condition", "fold", "all")
    rules = [panels[f"ruleKind.{kind}"] for kind in kinds]
    presets = [table[f"preset.{name}"] for name in PRESETS]
    controls = [table[key] for key in SOUND_CONTROLS]
    for word in [*checks, *rules, *presets, *controls]:
        assert word in page, word


@pytest.mark.parametrize("language", DATA_PAGES)
def test_the_page_on_data_has_the_numbers_of_presets_and_limits(language: str) -> None:
    rows = table_rows(DATA_PAGES[language])
    for name, preset in PRESETS.items():
        (row,) = [row for row in rows if locale(language, "table")[f"preset.{name}"] in row[0]]
        told = [preset.fft_samples, preset.hop_samples, preset.mel_bands]
        assert [number_in(cell) for cell in (*row[2:5], row[6])] == [*told, preset.frames], name
        assert number_in(row[1]) == preset.sample_rate_hz, name
        lowest, highest = row[5].split("–")
        assert (number_in(lowest), number_in(highest)) == (preset.min_hz, preset.max_hz), name
    limits = {row[2].strip("`"): row[1] for row in rows if row[-1].startswith("`max_")}
    settings = Settings.model_fields
    assert set(limits) == {name for name in settings if name.startswith("max_")}
    for name, told_limit in limits.items():
        factor = 2**30 if told_limit.endswith("GiB") else 1
        assert number_in(told_limit) * factor == settings[name].default, name


@pytest.mark.parametrize("page", ["data", "training"])
def test_both_languages_of_a_page_have_the_same_parts(page: str) -> None:
    def parts(name: str) -> list[str]:
        lines = (ROOT / "docs/guide" / name).read_text(encoding="utf-8").splitlines()
        return [line.split(" ", 1)[0] for line in lines if line.startswith(("#", "|", "- ", "```"))]

    assert parts(f"{page}.md") == parts(f"{page}.zh-CN.md")


@pytest.mark.parametrize("document", DOCUMENTS, ids=ids)
def test_headings_stand_apart(document: Path) -> None:
    text = re.sub(r"```.*?```", "", document.read_text(encoding="utf-8"), flags=re.DOTALL)
    assert not re.findall(r"[^\n]\n(#{1,4} .*)", text)


def table_rows(page: Path) -> list[list[str]]:
    """Give the cells of all tables of a page."""
    lines = page.read_text(encoding="utf-8").splitlines()
    return [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in lines
        if line.startswith("| ")
    ]


def number_in(cell: str) -> float:
    """Give the number at the beginning of a cell, thin spaces between its digits or not."""
    found = re.match(r"[\d\s]+", cell)
    assert found, cell
    return float(re.sub(r"\s", "", found.group()))


@pytest.mark.parametrize("language", DATA_PAGES)
def test_every_heading_that_a_page_links_to_is_there(language: str) -> None:
    text = DATA_PAGES[language].read_text(encoding="utf-8")
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    anchors = {re.sub(r"[^\w -]", "", heading).lower().replace(" ", "-") for heading in headings}
    assert set(re.findall(r"\]\(#([^)]+)\)", text)) <= anchors


def test_every_setting_of_a_studio_is_documented_with_its_default() -> None:
    rows = {row[0].strip("`"): row[1] for row in table_rows(ROOT / "docs/settings.md")}
    assert set(Settings.model_fields) <= set(rows)
    for name, field in Settings.model_fields.items():
        if isinstance(field.default, int):
            assert str(field.default) in rows[name], name


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
