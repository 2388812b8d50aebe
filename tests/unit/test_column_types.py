"""What a column is gets proposed with its evidence, and nothing is guessed in silence."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from blockwright.contracts.encodings import CategoricalEncoding, NumericEncoding
from blockwright.datasets.column_proposals import ColumnProposal
from blockwright.datasets.column_statistics import column_statistics
from blockwright.datasets.column_types import propose
from blockwright.datasets.table_files import read_csv
from blockwright.datasets.typed_columns import typed

TABLES = Path(__file__).parent.parent / "data" / "tables"


def proposed(path: Path, **given: object) -> dict[str, ColumnProposal]:
    table = read_csv(path)
    found = propose(
        table.frame,
        missing_words=table.missing_words,
        lines=table.source_lines,
        **given,  # type: ignore[arg-type]
    )
    return {proposal.name: proposal for proposal in found}


def of_cells(folder: Path, **columns: list[str]) -> dict[str, ColumnProposal]:
    """Propose for a csv of these columns."""
    rows = [list(columns), *map(list, zip(*columns.values(), strict=True))]
    path = folder / "index.csv"
    path.write_text("".join(",".join(f'"{cell}"' for cell in row) + "\n" for row in rows))
    return proposed(path)


def note_codes(proposal: ColumnProposal) -> list[str]:
    return [note.code for note in proposal.notes]


def test_the_labels_of_the_competition_are_one_multi_label_column() -> None:
    found = proposed(TABLES / "fsdkaggle2019_excerpt.csv")
    assert {name: each.type for name, each in found.items()} == {
        "fname": "audio",
        "labels": "multi_label",
        "freesound_id": "numeric",
        "license": "categorical",
    }
    labels = found["labels"]
    assert labels.delimiter == ","
    assert len(labels.classes or []) == 80
    assert labels.evidence.message == (
        "Cells of labels hold up to 4 of 80 different words, joined by “,”."
    )
    assert found["fname"].evidence.message == (
        "The 497 cells of fname are paths, most of them of .wav files."
    )


def test_labels_are_found_at_the_size_of_the_competition_under_any_name(tmp_path: Path) -> None:
    random = np.random.default_rng(1)
    words = [f"Class_{number}" for number in range(80)]
    cells = [
        ",".join(random.choice(words, size=size, replace=False))
        for size in random.choice([1, 1, 1, 1, 1, 1, 2, 3, 7], size=4_970)
    ]
    found = of_cells(tmp_path, sounds=cells)["sounds"]
    assert (found.type, found.delimiter, len(found.classes or [])) == ("multi_label", ",", 80)
    assert found.evidence.params == {"column": "sounds", "words": 80, "most": 7, "delimiter": ","}


def test_words_with_commas_that_are_no_labels_are_not_split(tmp_path: Path) -> None:
    cities = ["Paris, France", "Lyon, France", "Rome, Italy", "Milan, Italy"] * 5
    sentences = [f"I came {n}, I saw {n * 7}, and so on {n * 3}" for n in range(20)]
    found = of_cells(tmp_path, city=cities, said=sentences, label=["living room", "hall"] * 10)
    assert [each.type for each in found.values()] == ["categorical", "text", "categorical"]


def test_real_tables_get_the_types_a_person_would_give_them() -> None:
    iris, penguins = proposed(TABLES / "iris.csv"), proposed(TABLES / "penguins.csv")
    assert [each.type for each in iris.values()] == ["numeric"] * 4 + ["categorical"]
    assert iris["species"].classes == ["setosa", "versicolor", "virginica"]
    assert {name: each.type for name, each in penguins.items()} == {
        "species": "categorical",
        "island": "categorical",
        "bill_length_mm": "numeric",
        "bill_depth_mm": "numeric",
        "flipper_length_mm": "numeric",
        "body_mass_g": "numeric",
        "sex": "categorical",
    }
    assert penguins["sex"].evidence.message == (
        "The 333 filled cells of sex hold 2 different words."
    )
    assert penguins["body_mass_g"].evidence.message == (
        "All 342 filled cells of body_mass_g are numbers."
    )
    assert penguins["sex"].missing_rows == 11
    assert penguins["body_mass_g"].missing_rows == 2


def test_slips_among_0_and_1_are_named_rows_and_gaps_are_missing(tmp_path: Path) -> None:
    found = of_cells(
        tmp_path,
        all_good=[*"0101010101"],
        words=["true", "False", *"01010101"],
        slip=[*"010101010", "x"],
        gaps=[*"01010101", "", "NA"],
        number_slip=[*"0101010102"],
    )
    assert {name: each.type for name, each in found.items()} == dict.fromkeys(found, "binary")
    assert found["all_good"].evidence.code == "data.evidence_binary"
    assert found["words"].evidence.message == (
        "All 10 filled cells of words are true or false, or 1 or 0: true counts as 1, false as 0."
    )
    assert note_codes(found["words"]) == ["data.words_as_binary"]
    assert found["slip"].evidence.code == "data.evidence_binary_slips"
    assert found["slip"].bad_rows.tolist() == [9]
    assert found["number_slip"].bad_rows.tolist() == [9]
    assert found["gaps"].missing_rows == 2
    assert found["gaps"].bad_rows.tolist() == []
    assert note_codes(found["gaps"]) == ["data.missing_word_read"]


def test_numbers_that_are_mostly_0_and_1_stay_numbers_and_are_told(tmp_path: Path) -> None:
    found = of_cells(tmp_path, siblings=[*"0110100132"], size=[f"{n}.5" for n in range(10)])[
        "siblings"
    ]
    assert found.type == "numeric"
    assert found.bad_rows.tolist() == []
    (note,) = found.notes
    assert note.code == "data.column_nearly_binary"
    assert note.message == (
        "8 of 10 filled cells of siblings are 0 or 1; these are not: “2” (1), “3” (1), "
        "the first in line 10. So it was not taken for a 0/1 label."
    )


def test_words_make_slips_of_a_0_1_column_even_among_other_columns(tmp_path: Path) -> None:
    sizes = [f"{n}.5" for n in range(10)]
    found = of_cells(tmp_path, tag=[*"010101010", "x"], size=sizes, weight=sizes, more=sizes)
    assert found["tag"].type == "binary"
    assert found["tag"].bad_rows.tolist() == [9]


@pytest.mark.parametrize(
    ("suffix", "kind"),
    [
        (".npy", "tensor"),
        (".PNG", "image"),
        (".jpeg", "image"),
        (".wav", "audio"),
        (".mp3", "audio"),
    ],
)
def test_paths_are_told_by_their_suffix_and_odd_cells_are_named(
    tmp_path: Path, suffix: str, kind: str
) -> None:
    cells = [f"a/{number}{suffix}" for number in range(6)] + ["", "readme.txt"]
    found = of_cells(tmp_path, x=cells, y=[*"12345678"])["x"]
    assert found.type == kind
    assert found.bad_rows.tolist() == [7]
    assert found.missing_rows == 1


def test_titles_that_end_like_files_are_words_when_no_such_file_came(tmp_path: Path) -> None:
    path = tmp_path / "index.csv"
    path.write_text("fname,title\n" + "".join(f"{n}.ogg,Dog {n}.wav\n" for n in range(6)))
    there = pl.Series([f"{n}.ogg" for n in range(6)])
    found = proposed(path, files_there=lambda paths: paths.is_in(there.implode()))
    assert (found["fname"].type, found["title"].type) == ("audio", "text")
    assert note_codes(found["title"]) == ["data.paths_without_files"]


def test_a_decimal_comma_is_offered_and_not_guessed(tmp_path: Path) -> None:
    cells = ["1,5", "2,25", "-3,0", "4", "", *(f"{n},5" for n in range(40))]
    found = of_cells(tmp_path, weight=cells, pair=["1,5 m"] * len(cells))
    assert found["weight"].type == "text"
    (offer,) = found["weight"].offers
    assert (offer.type, offer.encoding) == ("numeric", NumericEncoding(decimal_comma=True))
    assert note_codes(found["weight"]) == ["data.decimal_comma_possible"]
    assert found["pair"].offers == []
    values, bad = typed(
        pl.Series("w", ["1,5", "x", "1.5", None, "na", "1.234,5"]), "numeric", decimal_comma=True
    )
    assert values.to_list() == [1.5, None, None, None, None, None]
    assert bad.to_list() == [False, True, True, False, False, True]


def test_a_decimal_comma_with_a_few_words_is_offered_and_the_words_named(tmp_path: Path) -> None:
    cells = [*(f"{n % 7},5" for n in range(40)), "n/a", "n/a", "12 kg"]
    found = of_cells(tmp_path, weight=cells)["weight"]
    (offer,) = found.offers
    assert offer.encoding == NumericEncoding(decimal_comma=True)
    assert offer.evidence.params == {
        "column": "weight",
        "numbers": 40,
        "rows": 43,
        "value": "0,5",
        "words": "“n/a” (2), “12 kg” (1)",
        "line": 42,
    }


def test_numbers_with_a_few_words_are_offered_as_numbers_and_the_words_counted(
    tmp_path: Path,
) -> None:
    odd = ["n/a"] * 8 + ["unknown"] * 5 + ["12 kg", "13 kg", "14 kg"]
    found = of_cells(tmp_path, dose=[*(f"{n}.5" for n in range(9_984)), *odd])["dose"]
    assert (found.type, found.evidence.code) == ("text", "data.evidence_odd_numbers")
    (offer,) = found.offers
    assert (offer.type, offer.encoding) == ("numeric", NumericEncoding())
    assert offer.evidence.message == (
        "9,984 of 10,000 filled cells of dose are numbers; these are not: “n/a” (8), "
        "“unknown” (5), “12 kg” (1), “13 kg” (1), …, the first in line 9986. "
        "So the import kept it as words."
    )
    assert found.notes == [offer.evidence]


def test_many_sizes_with_an_odd_word_are_no_classes_and_few_or_codes_are(tmp_path: Path) -> None:
    found = of_cells(
        tmp_path,
        dose=[*(f"{n % 200}.5" for n in range(999)), "unknown"],
        comma=[*(f"{n % 200},5" for n in range(999)), "n/a"],
        grade=[*(str(n % 5) for n in range(999)), "unknown"],
        code=[f"0{n % 200:03}" for n in range(1_000)],
    )
    assert {name: (each.type, each.evidence.code) for name, each in found.items()} == {
        "dose": ("text", "data.evidence_odd_numbers"),
        "comma": ("text", "data.evidence_odd_numbers"),
        "grade": ("categorical", "data.evidence_categorical"),
        "code": ("categorical", "data.evidence_categorical"),
    }
    assert {each.offers[0].type for each in found.values()} == {"numeric"}


def test_a_few_whole_numbers_are_numbers_and_offered_as_classes(tmp_path: Path) -> None:
    found = of_cells(
        tmp_path,
        label=[*"012"] * 10,
        digit=[*"0123456789"] * 3,
        size=[str(n * n) for n in range(30)],
        share=[f"{n % 3}.5" for n in range(30)],
    )
    assert [each.type for each in found.values()] == ["numeric"] * 4
    (offer,) = found["label"].offers
    assert (offer.type, offer.encoding) == ("categorical", CategoricalEncoding())
    assert offer.evidence.message == "label holds 3 different whole numbers (0, 1, 2)."
    assert found["label"].notes == []  # no advice to write 0 or 1
    assert found["digit"].offers[0].evidence.params["numbers"] == "0, 1, 2, 3, 4, 5, …"
    assert found["size"].offers == found["share"].offers == []


def test_a_third_class_that_is_rare_is_no_slip_among_columns_of_0_and_1(tmp_path: Path) -> None:
    flag = [*"01"] * 20
    found = of_cells(tmp_path, label=[*"0011" * 9, *"2222"], flag=flag, other=flag)["label"]
    assert (found.type, found.bad_rows.tolist()) == ("numeric", [])
    assert [offer.type for offer in found.offers] == ["categorical"]


@pytest.mark.parametrize(
    "cell",
    [
        "2024-01-{:02}",
        "{}.1.2024",
        "1/{}/24",
        "2024/1/{}",
        "2024年1月{}日",
        "{} January 2024",
        "Jan {}, 2024",
        "2024-01-{:02}T08:30:00Z",
        "08:30:{:02}",
    ],
)
def test_dates_are_text_however_few_they_are(tmp_path: Path, cell: str) -> None:
    cells = [cell.format(n % 4 + 1) for n in range(40)]
    found = of_cells(tmp_path, day=[*cells, ""])["day"]
    assert (found.type, found.missing_rows) == ("text", 1)
    assert found.evidence.code == "data.evidence_dates"
    assert cells[0] in found.evidence.message


def test_words_that_only_look_a_little_like_dates_are_classes(tmp_path: Path) -> None:
    found = of_cells(
        tmp_path, ratio=["16:9", "4:3"] * 9, part=["1001-12", "7-3"] * 9, may=["May", "June"] * 9
    )
    assert [each.type for each in found.values()] == ["categorical"] * 3


def test_identifiers_are_remarked_whether_words_or_numbers(tmp_path: Path) -> None:
    found = of_cells(
        tmp_path,
        code=[f"a{n:04}" for n in range(30)],
        number=[str(4_000 + n * 7) for n in range(30)],
        title=[f"A walk with {n} dogs" for n in range(30)],
        size=[f"{n}.25" for n in range(30)],
    )
    assert {name: each.evidence.code for name, each in found.items()} == {
        "code": "data.evidence_identifier",
        "number": "data.evidence_identifier_numbers",
        "title": "data.evidence_text",
        "size": "data.evidence_numeric",
    }
    assert found["code"].notes == [found["code"].evidence]
    assert found["number"].notes == [found["number"].evidence]


def test_long_texts_and_rare_remarks_are_no_classes(tmp_path: Path) -> None:
    long = "It rained all day, and the roof of the old barn was heard "
    prose = [f"{long} {n % 20} times" for n in range(60)]
    answers = [f"{long} {n % 3} times" for n in range(60)]
    rare = [*(f"note {n}" for n in range(20)), *[""] * 40]
    found = of_cells(tmp_path, prose=prose, answers=answers, rare=rare)
    assert [each.type for each in found.values()] == ["text", "categorical", "text"]
    assert found["prose"].evidence.code == "data.evidence_prose"


def test_words_that_may_mean_missing_are_kept_and_offered(tmp_path: Path) -> None:
    country = ["NA", "DE", "None", "FR", "", " "] * 3
    found = of_cells(tmp_path, country=country)["country"]
    assert found.classes == ["DE", "FR", "NA", "None"]
    assert found.missing_rows == 6
    assert found.missing_words_possible == {"NA": 3, "None": 3}
    assert note_codes(found) == ["data.missing_word_possible"] * 2
    values, _ = typed(pl.Series(country), "categorical", missing_words=("na",))
    assert values.null_count() == 9


def test_words_read_as_missing_in_a_column_of_numbers_are_told(tmp_path: Path) -> None:
    found = of_cells(tmp_path, x=["1", "NA", "2.5", "N/A", "NA", "7"])["x"]
    assert (found.type, found.missing_rows) == ("numeric", 3)
    assert sorted(note.message for note in found.notes) == [
        "“N/A” in x was read as missing in 1 row.",
        "“NA” in x was read as missing in 2 rows.",
    ]


@pytest.mark.parametrize(
    ("cells", "code"),
    [
        (["007", "8", "NA"], "data.kept_as_text_leading_zero"),
        (["+4930123456", "110"], "data.kept_as_text_telephone"),
        (["9007199254740993", "1"], "data.kept_as_text_long_integer"),
        (["1", "2", "3", "about 4"], "data.column_mostly_numbers"),
    ],
)
def test_numbers_kept_as_words_say_why(tmp_path: Path, cells: list[str], code: str) -> None:
    found = of_cells(tmp_path, x=cells)["x"]
    assert found.type in {"categorical", "text"}
    assert code in note_codes(found)
    assert [offer.evidence.code for offer in found.offers] == [code]


def test_a_column_that_is_empty_or_different_everywhere_is_text(tmp_path: Path) -> None:
    found = of_cells(tmp_path, empty=[""] * 9, note=[f"note {number}" for number in range(9)])
    assert [each.type for each in found.values()] == ["text", "text"]
    assert found["empty"].evidence.code == "data.evidence_empty"
    assert found["empty"].missing_rows == 9
    assert found["note"].evidence.code == "data.evidence_text"


def test_more_than_two_thousand_words_are_no_classes(tmp_path: Path) -> None:
    few = [f"w{n % 2_000}" for n in range(30_000)]
    many = [f"w{n % 2_001}" for n in range(30_000)]
    more = [f"w{n % 9_000}" for n in range(30_000)]
    tags = [f"w{n % 2_100};w{n % 2_099}" for n in range(30_000)]
    found = of_cells(tmp_path, few=few, many=many, more=more, tags=tags)
    assert [each.type for each in found.values()] == ["categorical", "text", "text", "text"]
    for name, words in {"many": 2_001, "more": 9_000, "tags": 2_100}.items():
        (note,) = found[name].notes
        assert found[name].evidence == note
        assert note.message == (
            f"{name} holds {words:,} different words, and at most 2,000 can be classes, "
            "so it is kept as text."
        )


def test_a_column_can_be_turned_into_another_type() -> None:
    numbers = pl.Series("x", [0.0, 1.0, 2.5, None])
    assert typed(numbers, "categorical")[0].to_list() == ["0", "1", "2.5", None]
    assert typed(pl.Series([1, 2]), "text")[0].to_list() == ["1", "2"]
    values, bad = typed(numbers, "binary")
    assert values.to_list() == [0, 1, None, None]
    assert bad.to_list() == [False, False, True, False]
    words = pl.Series("w", ["1", " 2.5 ", "x", "", "NA", "1e400"])
    values, bad = typed(words, "numeric")
    assert values.to_list() == [1.0, 2.5, None, None, None, None]
    assert bad.to_list() == [False, False, True, False, False, True]
    joined, bad = typed(
        pl.Series("l", ["a; b;a", "", None, "b", ";"]), "multi_label", delimiter=";"
    )
    assert joined.to_list() == [["a", "b"], None, None, ["b"], []]
    assert not bad.any()
    paths, bad = typed(pl.Series(["a.WAV", "b.txt", None]), "audio")
    assert paths.to_list() == ["a.WAV", None, None]
    assert bad.to_list() == [False, True, False]


@given(
    values=st.lists(
        st.one_of(
            st.none(),
            st.floats(allow_nan=False, allow_infinity=False),
            st.integers(-5, 5).map(float),
            st.floats(0, 1e-307),
        ),
        min_size=1,
        max_size=60,
    )
)
@settings(deadline=None, max_examples=300)
def test_statistics_of_numbers_are_exact(values: list[float | None]) -> None:
    (told,) = column_statistics([(pl.Series("x", values, pl.Float64), "numeric")])
    present = [value for value in values if value is not None]
    assert told.missing_rows == len(values) - len(present)
    assert told.is_constant == (len(set(present)) <= 1)
    if not present:
        assert told.histogram.counts == []
        return
    histogram = told.histogram
    assert (histogram.minimum, histogram.maximum) == (min(present), max(present))
    ordered = sorted(present)
    lower, upper = ordered[(len(present) - 1) // 2], ordered[len(present) // 2]
    assert histogram.median == (lower if lower == upper else pytest.approx(lower / 2 + upper / 2))
    assert sum(histogram.counts) == len(present)
    # Exact: a half of the smallest float would be 0.
    mean = float(sum(map(Fraction, present)) / len(present))
    scale = max(map(abs, present))
    assert histogram.mean == pytest.approx(mean, rel=1e-9, abs=1e-9 * scale)


def test_each_of_eighty_classes_has_its_bar_and_of_more_the_most_frequent_have() -> None:
    for classes in (80, 90):
        words = pl.Series("kind", [f"c{n:02}" for n in range(classes) for _ in range(1 + n)])
        (told,) = column_statistics([(words, "categorical")])
        expected = {f"c{n:02}": 1 + n for n in reversed(range(classes))}
        assert told.class_counts == expected
        assert told.histogram.counts == list(expected.values())[:80]
        assert told.histogram.labels == list(expected)[:80]
        assert told.histogram.distinct == classes


def test_statistics_count_classes_and_gaps_of_every_type() -> None:
    lists, _ = typed(pl.Series("labels", ["a,b", "b", "", None, "b,c"]), "multi_label")
    told = column_statistics(
        [
            (pl.Series("tag", [1, 0, 1, None, 1]), "binary"),
            (pl.Series("kind", ["x", "y", "x", None, "x"]), "categorical"),
            (lists, "multi_label"),
            (pl.Series("note", ["same"] * 5), "text"),
            (pl.Series("small", [-128, 127, 0, 0, 1], pl.Int8), "numeric"),
        ]
    )
    tag, kind, labels, note, small = told
    assert (tag.histogram.counts, tag.missing_rows) == ([1, 3], 1)
    assert kind.class_counts == {"x": 3, "y": 1}
    assert (kind.histogram.labels, kind.histogram.distinct) == (["x", "y"], 2)
    assert labels.class_counts == {"b": 3, "a": 1, "c": 1}
    assert labels.missing_rows == 2
    assert note.is_constant
    assert (small.histogram.minimum, small.histogram.median, small.histogram.mean) == (-128, 0, 0)
