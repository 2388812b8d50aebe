"""Problems are worded once, in both languages, and none is unknown, unused or half said."""

from __future__ import annotations

import ast
import json
import pickle
import re
import string
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

import blockwright
from blockwright.contracts.problems import catalogue, error, in_language, problem

SOURCE = Path(blockwright.__file__).parent
CATALOGUES = SOURCE / "contracts" / "problem_catalogue"
WEB = SOURCE.parent.parent / "web" / "src"
AREAS = sorted(path.stem for path in CATALOGUES.glob("*.json"))
CODE = re.compile(rf"(?:{'|'.join(AREAS)})\.[a-z0-9_]+")
# Words on a repair's button or a dry run's check: a label, nothing to mend.
LABEL_AREAS = {"repair", "check"}
# 200: a remark that stops nothing.
HTTP_STATUSES = {
    200,
    400,
    401,
    403,
    404,
    405,
    409,
    412,
    413,
    415,
    416,
    422,
    423,
    429,
    500,
    503,
    507,
}


@cache
def sources() -> list[tuple[Path, ast.Module]]:
    return [(path, ast.parse(path.read_text("utf-8"))) for path in sorted(SOURCE.rglob("*.py"))]


def code_literals() -> Iterator[tuple[str, str]]:
    """Give every string in the package that has the form of a code, with its place."""
    for path, tree in sources():
        for node in ast.walk(tree):
            text = node.value if isinstance(node, ast.Constant) else None
            if isinstance(text, str) and CODE.fullmatch(text):
                yield text, f"{path.relative_to(SOURCE)}:{node.lineno}"


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def fields_in(text: str) -> Iterator[tuple[str, str]]:
    """Give the name of each parameter with how it is to be printed."""
    for _, name, spec, _ in string.Formatter().parse(text):
        if name:
            yield name, spec or ""


def parameters_of(code: str) -> set[str]:
    """Give the parameters that a code needs in one language or the other."""
    entry = catalogue()[code]
    return {
        name
        for language in ("en", "zh")
        for text in entry[language].values()
        for name in placeholders(text)
    }


@pytest.mark.parametrize("code", sorted(catalogue()))
def test_an_entry_is_whole_in_both_languages(code: str) -> None:
    entry = catalogue()[code]
    is_label = code.partition(".")[0] in LABEL_AREAS
    assert set(entry) - {"status"} == {"en", "zh"}
    if not is_label:
        assert entry["status"] in HTTP_STATUSES
    for part in ("message", "fix"):
        if part == "fix" and (is_label or entry["status"] == 200):
            continue
        words = {language: entry[language][part] for language in ("en", "zh")}
        assert all(text.strip() for text in words.values())
        # A parameter that is itself a word comes in both languages: `block` and `block_zh`.
        in_chinese = {name.removesuffix("_zh") for name in placeholders(words["zh"])}
        assert placeholders(words["en"]) == in_chinese
        assert re.search(r"[\u4e00-\u9fff]", words["zh"]), "no Chinese in the Chinese words"
        assert not re.search(r"[\u4e00-\u9fff]", words["en"]), "Chinese in the English words"


@pytest.mark.parametrize("code", sorted(catalogue()))
def test_what_has_a_plural_is_a_count_and_printed_as_one(code: str) -> None:
    entry = catalogue()[code]
    english = list(fields_in("".join(entry["en"].values())))
    counts = {name for name, spec in english if "|" in spec}
    chinese = fields_in("".join(entry["zh"].values()))
    assert [name for name, spec in (*english, *chinese) if name in counts and not spec] == []


@pytest.mark.parametrize("area", AREAS)
def test_a_code_lives_in_the_file_of_its_area_and_nowhere_else(area: str) -> None:
    def refuse_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        names = [name for name, _ in pairs]
        assert len(names) == len(set(names)), "a code twice in one file"
        return dict(pairs)

    text = (CATALOGUES / f"{area}.json").read_text(encoding="utf-8")
    for code in json.loads(text, object_pairs_hook=refuse_doubles):
        assert CODE.fullmatch(code)
        # A large area may have several files: `data_rows.json` holds codes of `data`.
        assert code.partition(".")[0] in {area, area.partition("_")[0]}


def test_every_code_in_the_source_is_in_a_catalogue() -> None:
    unknown = [f"{place} {code}" for code, place in code_literals() if code not in catalogue()]
    assert unknown == []


def test_every_code_that_the_browser_makes_up_is_in_a_catalogue() -> None:
    unknown = [code for code in browser_codes() if code not in catalogue()]
    assert unknown == []


def test_every_code_of_the_catalogues_is_used() -> None:
    used = {code for code, _ in code_literals()} | browser_codes()
    assert [code for code in catalogue() if code not in used] == []


def browser_codes() -> set[str]:
    """Give every code that stands as `code: "…"` in the browser's sources."""
    texts = (path.read_text("utf-8") for path in sorted(WEB.rglob("*.ts*")))
    return {code for text in texts for code in re.findall(rf'code: "({CODE.pattern})"', text)}


def test_every_problem_is_raised_with_the_parameters_of_its_words() -> None:
    wrong = []
    for path, tree in sources():
        for node in ast.walk(tree):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name)):
                continue
            if node.func.id not in {"error", "problem"} or not node.args:
                continue
            code = node.args[0]
            if not isinstance(code, ast.Constant) or code.value not in catalogue():
                continue
            given = {item.arg for item in node.keywords}
            needed = parameters_of(code.value)
            if None not in given and not needed <= given:
                wrong.append(f"{path.name}:{node.lineno} {code.value} lacks {needed - given}")
    assert wrong == []


@pytest.mark.parametrize("code", sorted(catalogue()))
def test_an_error_survives_the_way_between_processes(code: str) -> None:
    if code.partition(".")[0] in LABEL_AREAS:
        return
    sent = error(code, **dict.fromkeys(parameters_of(code), "7"))
    came = pickle.loads(pickle.dumps(sent))
    assert came.problem == sent.problem
    assert str(came) == str(sent)


# Where the screen has the words that problems use for codes.
SCREEN = {
    "type": ("table", "type."),
    "operator": ("panels", "operator."),
    "missing": ("table", "missingKind."),
    "encoding": ("table", "kind."),
    "rule": ("panels", "ruleKind."),
}


@pytest.mark.parametrize("group", SCREEN)
@pytest.mark.parametrize("language", ["en", "zh"])
def test_problems_call_things_by_the_words_of_the_screen(group: str, language: str) -> None:
    file, prefix = SCREEN[group]
    shown = json.loads((WEB / "locales" / language / f"{file}.json").read_text("utf-8"))
    wanted = {
        key.removeprefix(prefix): word for key, word in shown.items() if key.startswith(prefix)
    }
    assert wanted
    assert wanted.items() <= {code: told[language] for code, told in words(group).items()}.items()


def words(group: str) -> dict[str, dict[str, str]]:
    told = json.loads((SOURCE / "contracts" / "screen_words.json").read_text("utf-8"))
    found: dict[str, dict[str, str]] = told[group]
    return found


def test_every_group_of_words_is_used_and_is_there() -> None:
    named = {
        spec
        for entry in catalogue().values()
        for language in ("en", "zh")
        for text in entry[language].values()
        for _, _, spec, _ in string.Formatter().parse(text)
        if spec and spec != "," and "|" not in spec
    }
    told = json.loads((SOURCE / "contracts" / "screen_words.json").read_text("utf-8"))
    assert named == set(told)


def test_a_problem_is_told_in_the_other_language() -> None:
    told = in_language(problem("server.input_missing", field="name"), "zh")
    assert told.message == "缺少“name”。"


def test_a_parameter_that_is_missing_is_a_programming_error() -> None:
    with pytest.raises(KeyError):
        problem("server.input_missing")
