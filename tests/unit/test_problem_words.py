"""Words of problems: one and several, and the words of the screen instead of codes."""

from __future__ import annotations

import pytest

from blockwright.contracts.problems import Problem, in_language, problem, worded

GAPS = "{rows} {rows:row has|rows have} no value"


@pytest.mark.parametrize(
    ("template", "params", "english", "chinese"),
    [
        (GAPS, {"rows": 0}, "0 rows have no value", "0 rows have no value"),
        (GAPS, {"rows": 1}, "1 row has no value", "1 row has no value"),
        (GAPS, {"rows": 2}, "2 rows have no value", "2 rows have no value"),
        ("{rows:,}", {"rows": 9_986}, "9,986", "9,986"),
        ("{rows:,}", {"rows": 1_000_000}, "1,000,000", "1,000,000"),
        ("{rows:,}", {"rows": 999}, "999", "999"),
        ("{rows:,}", {"rows": "about 2000"}, "about 2000", "about 2000"),
        ("line {line}", {"line": 9_986}, "line 9986", "line 9986"),
        ("<{type:type}>", {"type": "multi_label"}, "<several classes>", "<多类别>"),
        ("<{type:type}>", {"type": "numeric, text"}, "<number, text>", "<数字、文本>"),
        ("<{type:type}>", {"type": "no such code"}, "<no such code>", "<no such code>"),
    ],
)
def test_a_template_is_filled(
    template: str, params: dict[str, str | int | float], english: str, chinese: str
) -> None:
    assert worded(template, params) == english
    assert worded(template, params, "zh") == chinese


def test_a_problem_that_an_older_studio_kept_is_told_as_it_was_kept() -> None:
    kept = Problem(code="data.evidence_files", params={}, message="As it was.", fix="So be it.")
    assert in_language(kept, "zh") == kept
    assert in_language(kept.model_copy(update={"code": "data.no_longer_there"}), "en").fix


def test_counts_are_grouped_in_both_languages_and_numbers_of_lines_are_not() -> None:
    told = problem("data_encoding.too_many_classes", name="x", classes=9_986, most=2_000)
    for language in ("en", "zh"):
        assert "9,986" in in_language(told, language).message
        assert "2,000" in in_language(told, language).message
    told = problem("data.line_cells", file="x.csv", line=9_986, cells=1, columns=16_384)
    assert "Line 9986 of x.csv has 1 cell; the first row names 16,384 columns." in told.message


def test_a_feature_is_named_by_the_words_of_the_screen() -> None:
    told = problem("data.added_other_type", column="x", before="numeric", now="multi_label")
    assert told.message == (
        "Column x is of the type number in the dataset, but several classes in the new files."
    )
    assert "类型为 数字，但在新文件中为 多类别" in in_language(told, "zh").message
