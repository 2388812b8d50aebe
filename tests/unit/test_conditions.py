"""Conditions: every comparison on every type of feature, gaps and nonsense included."""

from __future__ import annotations

import dataclasses

import pytest

from blockwright.contracts.data import FeatureSet
from blockwright.contracts.problems import BlockwrightError
from blockwright.contracts.subsets import Condition
from blockwright.datasets.conditions import matching
from blockwright.datasets.draft_state import DraftState
from blockwright.datasets.row_table import row_table
from tests.support.content_folders import write_content


@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory) -> DraftState:
    columns: dict[str, list[object]] = {
        "x": [1.0, 2.5, None, 10.0],
        "b": [0, 1, None, 1],
        "c": ["Bark", "Meow", None, "bark"],
        "t": ["a dog barks", "Ein Vogel (laut)", None, "50%"],
        "m": ["Bark,Meow", "Meow", None, "Hi-hat"],
        "day": ["2024-01-31", "2024-02-01", None, "2023-12-01 08:30"],
        "german": ["31.1.2024", "1.2.2024", None, "soon"],
        "size": ["9", "10", None, "large"],
        "clip": ["a/1.wav", "a/2.wav", None, "b/1.wav"],
        "y": [0, 1, 0, 1],
        "z": [0, 1, 0, 0],
    }
    types = {
        "x": "numeric",
        "b": "binary",
        "c": "categorical",
        "t": "text",
        "m": "multi_label",
        "day": "text",
        "german": "text",
        "size": "text",
        "clip": "audio",
        "y": "binary",
        "z": "binary",
    }
    folder = tmp_path_factory.mktemp("conditions") / "content"
    made = write_content(folder, columns, types)  # type: ignore[arg-type]
    sets = [
        FeatureSet(id="1", name="YZ", features=["y", "z"], shape=[2], kind="binary", counts=[]),
        FeatureSet(id="2", name="N", features=["x"], shape=[1], kind="numeric", counts=[]),
    ]
    return dataclasses.replace(made, feature_sets=sets)


CASES = [
    ("x", "equals", 2.5, "0100"),
    ("x", "equals", "2.5", "0100"),
    ("x", "not_equals", 2.5, "1011"),
    ("x", "less", 2.5, "1000"),
    ("x", "at_most", 2.5, "1100"),
    ("x", "greater", 2.5, "0001"),
    ("x", "at_least", 2.5, "0101"),
    ("x", "is_empty", None, "0010"),
    ("x", "is_not_empty", None, "1101"),
    ("b", "equals", "1", "0101"),
    ("b", "equals", 0.0, "1000"),
    ("b", "equals", "yes", "0101"),
    ("b", "not_equals", "1", "1010"),
    ("b", "is_empty", None, "0010"),
    ("c", "equals", "Bark", "1000"),
    ("c", "not_equals", "Bark", "0111"),
    ("c", "contains", "ARK", "1001"),
    ("c", "is_empty", None, "0010"),
    ("c", "less", "Meow", "1000"),
    ("t", "contains", "(LAUT)", "0100"),
    ("t", "contains", "%", "0001"),
    ("t", "contains", ".*", "0000"),
    ("t", "equals", "50%", "0001"),
    ("t", "is_not_empty", None, "1101"),
    ("m", "contains", "Meow", "1100"),
    ("m", "contains", "Me", "0000"),
    ("m", "equals", "Meow, Bark", "1000"),
    ("m", "not_equals", "Meow", "1011"),
    ("m", "is_empty", None, "0010"),
    ("m", "is_not_empty", None, "1101"),
    ("day", "less", "2024-02-01", "1001"),
    ("day", "at_least", "2024-02-01", "0100"),
    ("day", "at_most", "2023-12-01T08:30", "0001"),
    ("german", "less", "1.2.2024", "1000"),
    ("german", "at_least", "2024-01-31", "1100"),
    ("size", "less", "10", "1000"),
    ("size", "at_least", 9.0, "1100"),
    ("clip", "equals", "a/2.wav", "0100"),
    ("clip", "contains", "B/", "0001"),
    ("clip", "is_empty", None, "0010"),
    ("YZ", "contains", "y", "0101"),
    ("YZ", "equals", "y,z", "0100"),
    ("YZ", "is_empty", None, "1010"),
]


@pytest.mark.parametrize(("feature", "operator", "value", "wanted"), CASES)
def test_a_comparison_is_true_for_the_rows_one_expects(
    state: DraftState, feature: str, operator: str, value: str | float | None, wanted: str
) -> None:
    condition = Condition(feature=feature, operator=operator, value=value)  # type: ignore[arg-type]
    rows = matching(row_table(state), condition)
    assert "".join(str(int(each)) for each in rows) == wanted


def test_conditions_are_joined_by_and_and_or_at_any_depth(state: DraftState) -> None:
    small = Condition(feature="x", operator="less", value=5)
    barks = Condition(feature="c", operator="contains", value="bark")
    either = Condition(kind="or", parts=[small, barks])
    both = Condition(kind="and", parts=[small, barks])
    nested = Condition(
        kind="and", parts=[either, Condition(feature="b", operator="equals", value="1")]
    )
    table = row_table(state)
    assert matching(table, either).tolist() == [True, True, False, True]
    assert matching(table, both).tolist() == [True, False, False, False]
    assert matching(table, nested).tolist() == [False, True, False, True]


@pytest.mark.parametrize(
    ("condition", "code", "words"),
    [
        ({"feature": "nothing", "value": "1"}, "data.condition_feature", "nothing"),
        ({"feature": "x", "value": "many"}, "data.condition_number", "“many” is none"),
        ({"feature": "x", "value": "inf"}, "data.condition_number", "“inf” is none"),
        ({"feature": "b", "value": "2"}, "data.condition_zero_or_one", "0 or 1"),
        ({"feature": "x"}, "data.condition_incomplete", "value"),
        ({"value": "1"}, "data.condition_incomplete", "feature"),
        ({"kind": "or"}, "data.condition_incomplete", "list of conditions"),
        (
            {"feature": "x", "operator": "contains", "value": "1"},
            "data.condition_operator",
            "“contains” cannot be asked of x, which is of type number",
        ),
        (
            {"feature": "m", "operator": "less", "value": "1"},
            "data.condition_operator",
            "type several classes",
        ),
        (
            {"feature": "b", "operator": "less", "value": "1"},
            "data.condition_operator",
            "type 0 or 1",
        ),
        (
            {"feature": "clip", "operator": "less", "value": "a"},
            "data.condition_operator",
            "type sound",
        ),
        (
            {"feature": "N", "operator": "equals", "value": "1"},
            "data.condition_operator",
            "type number",
        ),
    ],
)
def test_a_condition_that_makes_no_sense_is_refused_in_words(
    state: DraftState, condition: dict[str, object], code: str, words: str
) -> None:
    with pytest.raises(BlockwrightError) as refused:
        matching(row_table(state), Condition.model_validate(condition))
    assert refused.value.problem.code == code
    assert words in refused.value.problem.message


def test_a_word_too_long_for_a_pattern_is_looked_for_all_the_same(state: DraftState) -> None:
    condition = Condition(feature="t", operator="contains", value="a dog barks" + " " * 900_000)
    assert not matching(row_table(state), condition).any()


def test_conditions_nested_without_end_are_refused(state: DraftState) -> None:
    condition = Condition(feature="x", operator="is_empty")
    for _ in range(40):
        condition = Condition(kind="and", parts=[condition])
    with pytest.raises(BlockwrightError, match="more than 30 deep"):
        matching(row_table(state), condition)
