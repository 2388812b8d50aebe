"""A csv or Parquet file becomes a table with nothing shifted, filled, guessed or lost."""

from __future__ import annotations

import csv
import datetime
import decimal
import io
import tempfile
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from blockwright.contracts.problems import BlockwrightError, in_language
from blockwright.datasets.csv_head import DELIMITERS, TableLimits
from blockwright.datasets.parquet_table import read_parquet_table
from blockwright.datasets.table_files import CsvOptions, TableRead, read_csv

TABLES = Path(__file__).parent.parent / "data" / "tables"


def read(content: str | bytes, **given: object) -> TableRead:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "table.csv"
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return read_csv(path, **given)  # type: ignore[arg-type]


def refused(content: str | bytes, **given: object) -> BlockwrightError:
    with pytest.raises(BlockwrightError) as caught:
        read(content, **given)
    return caught.value


def lines_not_taken(table: TableRead) -> dict[str, str]:
    return {each.item: each.problem.message for each in table.problems}


CELLS = st.text(
    st.one_of(
        st.sampled_from(list("01 +-.e,;\t|\"'\n\r\ufeffé雨😀naNA/")),
        st.characters(exclude_categories=("Cs",), exclude_characters="\0"),
    ),
    max_size=8,
)
NAMES = ["a", "b", "c"]
# A letter that no number has keeps a column as text, and so each cell as it was written.
TABLE = st.integers(1, 3).flatmap(
    lambda width: st.lists(st.lists(CELLS, min_size=width, max_size=width), min_size=1, max_size=20)
)


def written(rows: list[list[str]], delimiter: str, quoting: int, line_end: str) -> str:
    stream = io.StringIO(newline="")
    writer = csv.writer(
        stream,
        delimiter=delimiter,
        quoting=quoting,
        lineterminator=line_end,  # type: ignore[arg-type]
    )
    writer.writerow(NAMES[: len(rows[0])])
    writer.writerow(["~text"] * len(rows[0]))
    writer.writerows(rows)
    return stream.getvalue()


@given(
    rows=TABLE,
    delimiter=st.sampled_from(DELIMITERS),
    quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
    line_end=st.sampled_from(["\n", "\r\n"]),
    chunk_bytes=st.sampled_from([16, 40, 1_000]),
)
@settings(deadline=None, max_examples=400)
def test_what_the_csv_module_wrote_comes_back_cell_by_cell(
    rows: list[list[str]], delimiter: str, quoting: int, line_end: str, chunk_bytes: int
) -> None:
    if any("\r" in cell for row in rows for cell in row):
        quoting = csv.QUOTE_ALL  # the writer of Python 3.11 forgets to
    text = written(rows, delimiter, quoting, line_end)
    table = read(text, options=CsvOptions(delimiter), chunk_bytes=chunk_bytes)  # type: ignore[arg-type]

    assert table.problems == []
    assert table.rows_found == len(rows) + 1
    expected = [tuple(cell or None for cell in row) for row in [["~text"] * len(rows[0]), *rows]]
    assert table.frame.rows() == expected


@given(
    text=st.text(st.sampled_from(list('ab01,,""\n\n\r é')), max_size=60),
    chunk_bytes=st.sampled_from([8, 30, 1_000]),
)
@settings(deadline=None, max_examples=600)
def test_any_text_is_read_as_the_csv_module_reads_it(text: str, chunk_bytes: int) -> None:
    """Odd quotes, lone carriage returns, blank lines and ragged rows included."""
    text = "a,b\n~,~\n" + text
    try:
        rows = [row for row in csv.reader(io.StringIO(text, newline=""), strict=True) if row]
    except csv.Error:
        error = refused(text, options=CsvOptions(","), chunk_bytes=chunk_bytes)
        assert error.problem.code == "data.index_unreadable"
        return
    table = read(text, options=CsvOptions(","), chunk_bytes=chunk_bytes)
    taken = [tuple(cell or None for cell in row) for row in rows[1:] if len(row) == 2]
    assert table.frame.rows() == taken
    assert len(table.problems) == len(rows) - 1 - len(taken)
    assert table.rows_found == len(rows) - 1
    lines = io.StringIO(text, newline="").readlines()
    for row, line in zip(taken, table.source_lines, strict=True):
        begin = (row[0] or "").splitlines() or [""]
        assert begin[0].strip(' "') in lines[line - 1] or '"' in lines[line - 1]


NUMBER_CELLS = st.one_of(
    st.integers(-(10**18), 10**18).map(str),
    st.floats(allow_nan=False, allow_infinity=False).map(repr),
    st.decimals(-1000, 1000, places=3).map(str),
    st.sampled_from(["", "NA", "nan", "null", " 5", "1.", ".5", "1e3", "-0", "+4.5"]),
)


@given(
    cells=st.lists(NUMBER_CELLS, min_size=1, max_size=30), chunk_bytes=st.sampled_from([16, 999])
)
@settings(deadline=None, max_examples=300)
def test_a_column_kept_as_numbers_holds_each_number(cells: list[str], chunk_bytes: int) -> None:
    text = "x,y\n" + "".join(f"{cell},~\n" for cell in cells)
    column = read(text, options=CsvOptions(","), chunk_bytes=chunk_bytes).frame["x"]
    if column.dtype == pl.String:
        assert column.to_list() == [cell or None for cell in cells]
        exact = all(cell.strip().lower() in {"", "na", "nan", "null"} for cell in cells)
        assert exact or any(abs(float(cell)) >= 2**53 for cell in cells if cell[-1:].isdigit())
    else:
        for cell, kept in zip(cells, column.to_list(), strict=True):
            missing = cell.lower() in {"", "na", "nan", "null"}
            assert kept is None if missing else kept == float(cell)


def test_numbers_that_would_be_written_another_way_stay_text() -> None:
    table = read(
        "code,phone,id,plus,zero\n"
        "007,+4930123456,9007199254740993,+4.5,0\n"
        "7,+4930123457,1,+3,0.50\n"
    )
    assert table.frame["code"].to_list() == ["007", "7"]
    assert table.frame["phone"].to_list() == ["+4930123456", "+4930123457"]
    assert table.frame["id"].to_list() == ["9007199254740993", "1"]
    assert table.frame["plus"].to_list() == [4.5, 3.0]
    assert table.frame["zero"].to_list() == [0, 0.5]


@pytest.mark.parametrize("late", ["07", "x", "9223372036854775808", "-9223372036854775808", "inf"])
def test_a_late_cell_that_is_no_plain_number_keeps_the_whole_column_as_written(late: str) -> None:
    cells = ["1", "2.50", "1e3"] * 60 + [late]
    table = read("x,y\n" + "".join(f"{cell},0\n" for cell in cells), chunk_bytes=64)
    assert table.frame["x"].to_list() == cells
    assert table.frame["y"].dtype == pl.Int8


def test_words_for_missing_are_read_in_columns_of_numbers_only_and_told() -> None:
    table = read("x,country\n1,NA\nNA,None\n n/a ,DE\n,FR\n2.5,NA\n")
    assert table.frame["x"].to_list() == [1.0, None, None, None, 2.5]
    assert table.frame["country"].to_list() == ["NA", "None", "DE", "FR", "NA"]
    assert table.missing_words == {"x": {"NA": 1, "n/a": 1}}


def test_rows_with_too_few_or_too_many_cells_are_named_by_their_line() -> None:
    table = read('a,b\n1,2\n3\n\n4,5,6\n"x\ny",8\n9\n0,1')
    assert table.frame.rows() == [("1", 2), ("x\ny", 8), ("0", 1)]
    assert table.source_lines.tolist() == [2, 6, 9]
    assert lines_not_taken(table) == {
        "table.csv: 3": "Line 3 of table.csv has 1 cell; the first row names 2 columns. "
        "The row was not taken.",
        "table.csv: 5": "Line 5 of table.csv has 3 cells; the first row names 2 columns. "
        "The row was not taken.",
        "table.csv: 8": "Line 8 of table.csv has 1 cell; the first row names 2 columns. "
        "The row was not taken.",
    }
    assert table.rows_found == 6


def test_blank_lines_are_no_rows_but_a_quoted_empty_cell_is() -> None:
    table = read('\n\na\n1\n\n""\n\r\n2\n\n')
    assert table.frame["a"].to_list() == [1, None, 2]
    assert table.source_lines.tolist() == [4, 6, 8]


@pytest.mark.parametrize(
    ("text", "delimiter", "words"),
    [
        ("a,b\n1,2\n", ",", None),
        ("a;b\n1,5;2,5\n3,5;4,5\n", ";", "semicolon"),
        ("a\tb\n1\t2\n", "\t", "tab"),
        ("a|b\n1|2\n", "|", "bar"),
        ('a;"b,c";d\n1;2;3\n', ";", "semicolon"),
        ("text\nhello; you\n", ",", None),
    ],
)
def test_the_delimiter_is_found_and_told(text: str, delimiter: str, words: str | None) -> None:
    table = read(text)
    assert table.delimiter == delimiter
    assert [note.params["delimiter"] for note in table.notes] == ([words] if words else [])


def test_a_found_delimiter_is_told_in_chinese() -> None:
    (note,) = read("a;b\n1;2\n").notes
    assert in_language(note, "zh").message == "table.csv 的单元格以分号分隔，共 2 列。"


def test_a_byte_order_mark_is_no_part_of_the_first_name() -> None:
    assert read(b"\xef\xbb\xbfa,b\n1,2\n").frame.columns == ["a", "b"]


@pytest.mark.parametrize(
    ("content", "code", "said"),
    [
        (b"", "data.index_empty", ""),
        (b"\n \n"[:1], "data.index_empty", ""),
        (b"a,b\n", "data.index_no_rows", ""),
        (b"a,a\n1,2\n", "data.index_duplicate_column", "named a"),
        (b"a, \n1,2\n", "data.index_column_without_name", "Column 2"),
        ("a,b\n1,雨\n".encode("utf-16"), "data.table_other_encoding", "UTF-16"),
        ("a,b\n1,2\n".encode("utf-16-le"), "data.table_other_encoding", "UTF-16"),
        ("a,b\n1,2\n".encode("utf-16-be"), "data.table_other_encoding", "UTF-16"),
        ("a,b\n1,2\n".encode("utf-32"), "data.table_other_encoding", "UTF-32"),
        ("a,b\n1,2\n3,café\n".encode("latin-1"), "data.table_not_utf8", "line 3, at byte 13"),
        ("a,b\n1,雨\n".encode("gb18030"), "data.table_not_utf8", "line 2, at byte 6"),
        (b"a,b\n" + b"1,2\n" * 3 + b"1,\0\n", "data.table_zero_byte", "Line 5"),
        (b'a,b\n1,"x"y\n', "data.index_unreadable", "line 2"),
        (b'a,b\n1,2\n1,"x\n3,4\n', "data.index_unreadable", "line 3"),
    ],
)
def test_a_file_that_cannot_be_read_as_a_whole_says_why(
    content: bytes, code: str, said: str
) -> None:
    caught = refused(content)
    assert caught.problem.code == code
    assert said in caught.problem.message


def test_sizes_beyond_the_limits_are_refused_by_name() -> None:
    limits = TableLimits(max_rows=3, max_columns=2, max_field_bytes=2_048, max_row_bytes=4_096)
    many = refused("a,b\n" + "1,2\n" * 4, limits=limits)
    wide = refused("a,b,c\n1,2,3\n", limits=limits)
    long_cell = refused(f"a,b\n1,2\n1,{'é' * 1_100}\n", limits=limits)
    long_row = refused(f"a,b\n1,2\n{'1,' * 2_100}\n", limits=limits)
    assert many.problem.code == "data.index_too_long"
    assert wide.problem.code == "data.index_too_wide"
    assert long_cell.problem.code == "data.table_cell_too_long"
    assert "line 3" in long_cell.problem.message
    assert long_row.problem.code == "data.table_row_too_long"
    assert "line 3" in long_row.problem.message
    assert read("a,b\n" + "1,2\n" * 3, limits=limits).frame.height == 3


def test_a_cell_of_a_megabyte_is_read_and_an_endless_quote_is_not() -> None:
    assert read(f'a,b\n1,"{"x" * (1 << 20)}"\n').frame["b"].str.len_bytes()[0] == 1 << 20
    endless = refused('a,b\n1,"' + "x\n" * (1 << 20))
    assert endless.problem.code == "data.index_unreadable"


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(BlockwrightError) as caught:
        read_csv(tmp_path / "none.csv")
    assert caught.value.problem.code == "data.cannot_open"


def test_progress_is_told_in_bytes_up_to_the_end_of_the_file() -> None:
    told: list[int] = []
    text = "a,b\n" + "1,2\n" * 100
    read(text, chunk_bytes=64, on_bytes=told.append)
    assert told == sorted(told)
    assert told[-1] == len(text)


@pytest.mark.parametrize(("name", "rows"), [("iris", 150), ("penguins", 344)])
def test_real_tables_come_in_as_polars_reads_them(name: str, rows: int) -> None:
    table = read_csv(TABLES / f"{name}.csv")
    assert table.frame.height == rows
    assert table.problems == []
    assert table.frame.equals(
        pl.read_csv(TABLES / f"{name}.csv").cast(table.frame.schema)  # type: ignore[arg-type]
    )


def parquet(folder: Path, frame: pl.DataFrame) -> TableRead:
    frame.write_parquet(folder / "table.parquet")
    return read_parquet_table(folder / "table.parquet")


def test_plain_columns_of_parquet_become_numbers_and_text(tmp_path: Path) -> None:
    day = datetime.datetime(2020, 1, 2, 3, 4, 5)
    table = parquet(
        tmp_path,
        pl.DataFrame(
            {
                "whole": [1, None, 300],
                "long": [2**60, 1, None],
                "part": [1.5, float("nan"), float("inf")],
                "truth": [True, False, None],
                "words": ["a", "", None],
                "kind": pl.Series(["x", "y", "x"], dtype=pl.Categorical),
                "day": [day.date()] * 3,
                "time": [day.time()] * 3,
                "moment": [day] * 3,
                "price": [decimal.Decimal("1.10"), decimal.Decimal("12345678901234567.89"), None],
                "nothing": [None] * 3,
            }
        ),
    )
    rows = {name: table.frame[name].to_list() for name in table.frame.columns}
    assert rows == {
        "whole": [1, None, 300],
        "long": [str(2**60), "1", None],
        "part": [1.5, None, None],
        "truth": [1, 0, None],
        "words": ["a", None, None],
        "kind": ["x", "y", "x"],
        "day": ["2020-01-02"] * 3,
        "time": ["03:04:05"] * 3,
        "moment": ["2020-01-02T03:04:05.000000"] * 3,
        "price": [1.1, 12345678901234567.89, None],
        "nothing": [None] * 3,
    }
    assert [(note.code, note.params["count"]) for note in table.notes] == [
        ("data.numbers_not_finite", 2),
        ("data.decimals_rounded", 1),
    ]
    assert table.source_lines.tolist() == [1, 2, 3]


def test_columns_of_parquet_that_are_no_plain_values_are_left_out_by_name(tmp_path: Path) -> None:
    nested = {"list": [[1]], "struct": [{"a": 1}], "bytes": [b"x"], "span": [datetime.timedelta(1)]}
    table = parquet(tmp_path, pl.DataFrame({"x": [1], **nested}))
    assert table.frame.columns == ["x"]
    assert {each.item: each.problem.code for each in table.problems} == dict.fromkeys(
        nested, "data.column_not_plain"
    )
    with pytest.raises(BlockwrightError) as caught:
        parquet(tmp_path, pl.DataFrame(nested))
    assert caught.value.problem.code == "data.parquet_no_plain_column"


def test_a_parquet_file_that_is_none_or_too_large_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "table.parquet"
    pl.DataFrame({"x": range(1_000), "y": ["word"] * 1_000}).write_parquet(path)
    whole = path.read_bytes()
    codes = set()
    for content in (b"", b"PAR1", whole[:-9], whole[9:], whole[:-40] + b"\xff" * 30 + whole[-10:]):
        path.write_bytes(content)
        with pytest.raises(BlockwrightError) as caught:
            read_parquet_table(path)
        codes.add(caught.value.problem.code)
    assert codes == {"data.parquet_unreadable"}
    path.write_bytes(whole)
    for limits, code in (
        (TableLimits(max_rows=999), "data.index_too_long"),
        (TableLimits(max_columns=1), "data.index_too_wide"),
    ):
        with pytest.raises(BlockwrightError) as caught:
            read_parquet_table(path, limits)
        assert caught.value.problem.code == code
    with pytest.raises(BlockwrightError) as caught:
        parquet(tmp_path, pl.DataFrame({"x": []}))
    assert caught.value.problem.code == "data.index_no_rows"
