"""The health report: what is planted is found, leads to its rows, and words it plainly."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest

from blockwright.contracts.data import Correction, FeatureSet, HealthReport
from blockwright.contracts.encodings import MissingChoice
from blockwright.contracts.problems import BlockwrightError, in_language
from blockwright.contracts.subsets import RowQuery, SubsetCreate, SubsetRule
from blockwright.datasets import browse, subset_drafts
from blockwright.datasets.draft_state import DraftState
from blockwright.datasets.encoders.choices import OWN_CATEGORY
from blockwright.datasets.health import health_report, rows_of_finding
from blockwright.datasets.health_values import tensor_hashes
from tests.support.content_folders import write_content


def by_id(report: HealthReport) -> dict[str, str]:
    """Give the English words of each finding, and be sure that it has Chinese ones."""
    for finding in report.findings:
        assert in_language(finding.words, "zh").message
    return {finding.id: finding.words.message for finding in report.findings}


def split(state: DraftState, training_rows: list[int]) -> DraftState:
    """Give a Training of certain rows, by a column of folds."""
    rule = SubsetRule(kind="fold", feature="side", values=["a"])
    state = subset_drafts.add_subset(state, SubsetCreate(name="Training", rule=rule))
    rest = SubsetRule(kind="rest", of=[state.subsets[0].id])
    state = subset_drafts.add_subset(state, SubsetCreate(name="Validation", rule=rest))
    assert state.subsets[0].rows == len(training_rows)
    return state


def test_a_table_without_faults_has_no_findings_but_a_list_of_what_was_looked_at(
    tmp_path: Path,
) -> None:
    columns: dict[str, list[object]] = {
        "x": [float(n) for n in range(60)],
        "c": ["a", "b"] * 30,
    }
    state = write_content(tmp_path / "c", columns, {"x": "numeric", "c": "categorical"})
    report = health_report(subset_drafts.default_subsets(state))
    assert report.findings == []
    assert report.rows == 60
    assert report.checks == [
        "unreadable", "missing", "constant", "duplicates", "leaks", "groups",
        "imbalance", "few_examples", "absent_classes",
    ]  # fmt: skip


def test_gaps_without_a_choice_and_constant_columns_are_found(tmp_path: Path) -> None:
    columns: dict[str, list[object]] = {
        "id": [f"r{n}" for n in range(20)],
        "gap": [None if n in {3, 5} else float(n) for n in range(20)],
        "same": ["x"] * 19 + [None],
        "none": [None] * 20,
    }
    types = {"id": "text", "gap": "numeric", "same": "text", "none": "text"}
    state = write_content(tmp_path / "c", columns, types)  # type: ignore[arg-type]
    chosen = MissingChoice(kind="leave_out")
    features = [
        feature.model_copy(update={"missing": chosen}) if feature.name == "none" else feature
        for feature in state.features
    ]
    told = by_id(health_report(dataclasses.replace(state, features=features)))
    assert set(told) == {"missing:gap", "missing:same", "constant:same", "constant:none"}
    assert told["missing:gap"] == (
        "2 rows have no value in gap, and it is not decided what happens to them."
    )
    assert told["constant:same"].startswith("same is “x” in every row that has a value")
    assert told["constant:none"] == "none has no value in any row."
    assert np.flatnonzero(rows_of_finding(state, "missing:gap")).tolist() == [3, 5]
    assert np.flatnonzero(rows_of_finding(state, "constant:same")).tolist() == list(range(19))
    assert rows_of_finding(state, "constant:none").all()
    shown = browse.page(state, RowQuery(finding="missing:gap"))
    assert [row.index for row in shown.rows] == [3, 5]
    fixed = dataclasses.replace(
        state, corrections=[Correction(row=row, feature="gap", value=0.5) for row in (3, 5)]
    )
    assert "missing:gap" not in by_id(health_report(fixed))
    with pytest.raises(BlockwrightError) as refused:
        rows_of_finding(fixed, "missing:gap")
    assert refused.value.problem.code == "data.finding_not_found"


def test_a_constant_0_or_1_is_told_as_such_and_a_class_without_rows_with_its_set(
    tmp_path: Path,
) -> None:
    columns: dict[str, list[object]] = {"x": [0] * 30, "y": [0, 1] * 15, "z": [1] * 30}
    state = write_content(tmp_path / "c", columns, dict.fromkeys(columns, "binary"))
    told = by_id(health_report(state))
    assert told["constant:x"].startswith("x is 0 in every row,")
    assert told["constant:z"].startswith("z is 1 in every row,")
    # Told once: not again as a value that Training lacks, or one with few examples.
    assert {name.split(":")[0] for name in told} == {"constant", "duplicates"}
    training = SubsetCreate(name="Training", rule=SubsetRule(kind="all"))
    assert set(by_id(health_report(subset_drafts.add_subset(state, training)))) == set(told)
    bundle = FeatureSet(
        id="1", name="XYZ", features=["x", "y", "z"], shape=[3], kind="binary", counts=[]
    )
    bundled = by_id(health_report(dataclasses.replace(state, feature_sets=[bundle])))
    assert "constant:x" not in bundled
    assert "constant:z" in bundled
    assert "few_examples:XYZ" in bundled


def test_a_column_of_empty_cells_is_told_once_and_a_class_of_gaps_is_something_to_learn(
    tmp_path: Path,
) -> None:
    columns: dict[str, list[object]] = {
        "n": [float(n) for n in range(20)],
        "none": [None] * 20,
        "same": ["x"] * 18 + [None] * 2,
    }
    types = {"n": "numeric", "none": "text", "same": "categorical"}
    state = write_content(tmp_path / "c", columns, types)  # type: ignore[arg-type]
    told = by_id(health_report(state))
    assert set(told) == {"constant:none", "missing:same", "constant:same"}
    assert told["constant:none"] == "none has no value in any row."

    def with_choice(kind: str) -> set[str]:
        chosen = MissingChoice.model_validate({"kind": kind})
        features = [
            each.model_copy(update={"missing": chosen}) if each.name == "same" else each
            for each in state.features
        ]
        return set(by_id(health_report(dataclasses.replace(state, features=features))))

    assert "constant:same" in with_choice("most_frequent")
    assert "constant:same" not in with_choice("own_category")


def test_equal_rows_are_found_and_are_a_leak_across_subsets(tmp_path: Path) -> None:
    columns: dict[str, list[object]] = {
        "x": [1.0, 2.0, 1.0, 3.0, 3.0, 5.0],
        "m": ["a,b", "a", "a,b", "b", "b", "c"],
        "side": ["a", "a", "a", "a", "b", "b"],
    }
    types = {"x": "numeric", "m": "multi_label", "side": "categorical"}
    state = write_content(tmp_path / "c", columns, types)  # type: ignore[arg-type]
    told = by_id(health_report(split(state, [0, 1, 2, 3])))
    assert told["duplicates"].startswith("2 rows are equal to another row in every feature; 1 of")
    assert not any(name.startswith("leaks") for name in told)
    del columns["side"]
    halves = write_content(tmp_path / "d", columns, types)  # type: ignore[arg-type]
    for name, first, share in (("Training", 0, 50), ("Validation", 50, 50)):
        rule = SubsetRule(kind="random", from_percent=first, share_percent=share, seed=2)
        halves = subset_drafts.add_subset(halves, SubsetCreate(name=name, rule=rule))
    report = health_report(halves)
    leaks = [finding for finding in report.findings if finding.id.startswith("leaks")]
    training = rows_of_finding(halves, "duplicates")
    assert training.tolist() == [True, False, True, True, True, False]
    assert all(finding.severity == "bad" and finding.rows % 2 == 0 for finding in leaks)
    assert [finding.id for finding in report.findings][: len(leaks)] == [
        finding.id for finding in leaks
    ]


def audio_state(tmp_path: Path) -> DraftState:
    files = [b"one", b"two", b"one", b"four", b"five", b"", b"seven"]
    columns: dict[str, list[object]] = {
        "clip": ["1.wav", "2.wav", "3.wav", "4.wav", "5.wav", None, "7.wav"],
        "side": ["a", "a", "b", "b", "a", "b", "a"],
        "speaker": ["s1", "s1", "s1", "s2", "s3", "s2", "s3"],
    }
    facts = {
        "seconds": [1.0, 0.05, 1.0, 9.0, 2.0, None, 1.0],
        "sample_rate_hz": [44_100, 44_100, 44_100, 16_000, 44_100, None, 44_100],
        "peak": [0.5, 0.5, 0.5, 1.0, 0.0, None, 0.5],
        "clipped_share": [0.0, 0.0, 0.0, 0.02, 0.0, None, 0.0005],
        "silent": [False, False, False, False, True, None, False],
    }
    types = {"clip": "audio", "side": "categorical", "speaker": "categorical"}
    state = write_content(
        tmp_path / "audio",
        columns,
        types,  # type: ignore[arg-type]
        media={"clip": ("audio", files, facts)},
        problems=1,
    )
    return split(state, [0, 1, 4, 6])


def test_recordings_are_looked_at_by_what_the_import_measured(tmp_path: Path) -> None:
    state = audio_state(tmp_path)
    report = health_report(state)
    told = by_id(report)
    assert {"short_audio", "silent_audio", "clipped_audio", "sample_rates", "lengths"} <= set(
        report.checks
    )
    rows = {
        name: np.flatnonzero(rows_of_finding(state, name)).tolist()
        for name in told
        if name.partition(":")[0] not in {"unreadable", "few_examples"}
    }
    assert rows == {
        "leaks:Training:Validation": [0, 2],
        "duplicates": [0, 2],
        "label_conflicts:side": [0, 2],
        "silent_audio:clip": [4],
        "missing:clip": [5],
        "short_audio:clip": [1],
        "clipped_audio:clip": [3],
        "sample_rates:clip": [3],
        "lengths:clip": [1, 3],
        "groups:speaker:Training:Validation": [0, 1, 2],
        "absent_classes:side:Training": [2, 3, 5],
        "absent_classes:side:Validation": [0, 1, 4, 6],
        "absent_classes:speaker:Training": [3, 5],
        "absent_classes:speaker:Validation": [4, 6],
    }
    assert told["lengths:clip"] == (
        "The recordings of clip last from 0.05 s to 9.0 s;"
        " 2 are shorter than half or longer than twice the median, 1.0 s."
    )
    assert told["silent_audio:clip"] == "1 recording of clip is silent."
    assert told["unreadable"] == "1 of 8 rows (12.5 %) could not be taken."
    severities = {finding.id: finding.severity for finding in report.findings}
    assert {name.partition(":")[0]: severity for name, severity in severities.items()} == {
        "leaks": "bad",
        "missing": "bad",
        "absent_classes": "warn",
        "unreadable": "warn",
        "duplicates": "warn",
        "label_conflicts": "warn",
        "groups": "warn",
        "few_examples": "warn",
        "silent_audio": "warn",
        "short_audio": "warn",
        "clipped_audio": "warn",
        "sample_rates": "info",
        "lengths": "info",
    }
    assert severities["absent_classes:side:Training"] == "bad"
    order = [("bad", "warn", "info").index(finding.severity) for finding in report.findings]
    assert order == sorted(order)


def test_copies_of_a_file_with_other_labels_are_found_and_lead_to_their_rows(
    tmp_path: Path,
) -> None:
    # Row 7 has no file, row 8 the file of rows 0, 2 and 5 but no label.
    files = [b"one", b"two", b"one", b"two", b"five", b"one", b"seven", b"", b"one"]
    columns: dict[str, list[object]] = {
        "clip": [None if row == 7 else f"{row}.wav" for row in range(9)],
        "labels": ["Bark,Tap", "Meow", "Tap,Bark", "Meow", "Bark", "Bark", "Tap", "Tap", None],
        "speaker": [f"s{row}" for row in range(9)],
        "y": [0, 1, 0, 1, 1, 0, 0, 0, 0],
        "z": [0, 1, 1, 0, 0, 0, 0, 0, 0],
        "b": [1, 0, 1, 1, 0, 1, 0, 0, None],
    }
    types = {
        "clip": "audio", "labels": "multi_label", "speaker": "categorical",
        "y": "binary", "z": "binary", "b": "binary",
    }  # fmt: skip
    sizes: dict[str, list[object]] = {"seconds": [1.0] * 9}
    media = {"clip": ("audio", files, sizes)}
    state = write_content(tmp_path / "c", columns, types, media=media)  # type: ignore[arg-type]
    bundle = FeatureSet(id="1", name="YZ", features=["y", "z"], shape=[2], kind="binary", counts=[])
    state = dataclasses.replace(state, feature_sets=[bundle])
    report = health_report(state)
    assert "label_conflicts" in report.checks
    conflicts = {f.id: f for f in report.findings if f.id.startswith("label_conflicts")}
    assert list(conflicts) == [f"label_conflicts:{name}" for name in ("YZ", "labels", "b")]
    assert {finding.severity for finding in conflicts.values()} == {"warn"}
    told = by_id(report)
    assert told["label_conflicts:labels"] == (
        "2 pairs of rows hold the same file but differ in labels."
    )
    assert told["label_conflicts:YZ"].startswith("4 pairs of rows")
    rows = {name: np.flatnonzero(rows_of_finding(state, name)).tolist() for name in conflicts}
    assert rows == {
        "label_conflicts:labels": [0, 2, 5],
        "label_conflicts:YZ": [0, 1, 2, 3, 5, 8],
        "label_conflicts:b": [1, 3],
    }
    shown = browse.page(state, RowQuery(finding="label_conflicts:labels"))
    assert [row.index for row in shown.rows] == [0, 2, 5]
    bark = [Correction(row=row, feature="labels", value="Bark") for row in (0, 2)]
    right = dataclasses.replace(state, corrections=bark)
    assert "label_conflicts:labels" not in by_id(health_report(right))


def test_images_of_other_sizes_are_found(tmp_path: Path) -> None:
    sizes = {"width": [8, 8, 9], "height": [6, 6, 6]}
    state = write_content(
        tmp_path / "c",
        {"pic": ["1.png", "2.png", "3.png"]},
        {"pic": "image"},
        media={"pic": ("image", [b"1", b"2", b"3"], sizes)},
    )
    told = by_id(health_report(state))
    assert told == {"image_sizes:pic": "The images of pic have 2 different sizes; 1 is not 8 × 6."}
    assert rows_of_finding(state, "image_sizes:pic").tolist() == [False, False, True]


def test_uneven_rare_and_absent_classes_are_found(tmp_path: Path) -> None:
    words = ["a"] * 100 + ["b"] * 12 + ["c"] * 3
    columns: dict[str, list[object]] = {
        "id": [f"r{n}" for n in range(115)],
        "c": words,
        "m": [f"{word},z" if n % 2 else word for n, word in enumerate(words)],
        "y": [int(word == "a") for word in words],
        "z": [int(word == "c") for word in words],
        "side": ["a"] * 112 + ["b"] * 3,
    }
    types = {
        "id": "text",
        "c": "categorical",
        "m": "multi_label",
        "y": "binary",
        "z": "binary",
        "side": "categorical",
    }
    state = write_content(tmp_path / "c", columns, types)  # type: ignore[arg-type]
    bundle = FeatureSet(id="1", name="YZ", features=["y", "z"], shape=[2], kind="binary", counts=[])
    state = split(dataclasses.replace(state, feature_sets=[bundle]), list(range(112)))
    report = health_report(state)
    told = by_id(report)
    assert told["imbalance:c"].startswith(
        "The classes of c are uneven: a has 100 rows, c has 3 (33.3 times fewer)"
    )
    assert told["few_examples:c"] == "1 class of c has fewer than 10 examples: c."
    assert "imbalance:YZ" in told
    assert "imbalance:y" not in told
    assert told["absent_classes:c:Training"] == "1 class of c does not occur in Training: c."
    assert told["absent_classes:m:Validation"] == (
        "2 classes of m do not occur in Validation: b, a."
    )
    for of_the_rarest in ("few_examples:c", "imbalance:c"):
        assert np.flatnonzero(rows_of_finding(state, of_the_rarest)).tolist() == [112, 113, 114]
    severity = {finding.id: finding.severity for finding in report.findings}
    assert severity["absent_classes:c:Training"] == "bad"
    assert severity["absent_classes:c:Validation"] == "warn"


def test_gaps_count_as_what_was_chosen_for_them(tmp_path: Path) -> None:
    words: list[object] = [None if n % 5 == 0 else "ab"[n % 2] for n in range(200)]
    sides: list[object] = ["a"] * 160 + ["b"] * 40
    columns = {"c": words, "side": sides}
    state = write_content(tmp_path / "c", columns, {"c": "categorical", "side": "text"})
    state = split(state, list(range(160)))

    def findings(choice: str, classes: list[str], value: str | None = None) -> set[str]:
        missing = MissingChoice.model_validate({"kind": choice, "value": value})
        update = {"missing": missing, "classes": classes, "missing_rows": 40}
        features = [state.features[0].model_copy(update=update), state.features[1]]
        told = by_id(health_report(dataclasses.replace(state, features=features)))
        return {each for each in told if ":c" in each}

    assert findings("own_category", ["a", "b", OWN_CATEGORY]) == set()
    assert findings("leave_out", ["a", "b"]) == set()
    assert findings("constant", ["a", "b", "d"], "d") == set()
    # Kept reports depend on the constant, too.
    assert "few_examples:c" in findings("constant", ["a", "b", "d"], "a")


def test_a_feature_that_keeps_rows_together_has_no_classes_to_learn(tmp_path: Path) -> None:
    speakers: list[object] = [f"s{n // 4}" for n in range(80)]
    columns = {"speaker": speakers, "side": ["a"] * 60 + ["b"] * 20}
    state = write_content(tmp_path / "c", columns, {"speaker": "categorical", "side": "text"})
    state = split(state, list(range(60)))
    assert "absent_classes:speaker:Validation" in by_id(health_report(state))
    rule = state.subsets[0].rule.model_copy(update={"group_by": "speaker"})
    grouped = [state.subsets[0].model_copy(update={"rule": rule}), *state.subsets[1:]]
    told = by_id(health_report(dataclasses.replace(state, subsets=grouped)))
    assert not any(":speaker" in each for each in told)


def test_many_features_of_0_or_1_are_one_finding_and_a_tenth_of_ones_is_none(
    tmp_path: Path,
) -> None:
    names = [f"tag{n}" for n in range(120)]
    rare = {name: 15 if place < 110 else 100 for place, name in enumerate(names)}
    columns: dict[str, list[object]] = {
        name: [int(row % 1000 < rare[name]) for row in range(1000)] for name in names
    }
    columns["side"] = ["ab"[row % 2] for row in range(1000)]
    types = {name: "text" if name == "side" else "binary" for name in columns}
    state = write_content(tmp_path / "c", columns, types)  # type: ignore[arg-type]
    state = split(state, list(range(0, 1000, 2)))
    report = health_report(state)
    (told,) = [each for each in report.findings if each.id.startswith("imbalance")]
    assert told.words.message == (
        "110 features of 0 or 1 are uneven: one of their values is in fewer than 2 % of the rows."
        " The rarest: tag0, tag1, tag10, tag100, tag101 … (+105)."
    )
    assert "tag9 … (+10)" in told.words.fix
    assert (told.id, told.feature, told.rows) == ("imbalance:", None, 15)
    assert not any("tag110" in each.words.message for each in report.findings)
    assert np.flatnonzero(rows_of_finding(state, "imbalance:")).tolist() == list(range(15))


def test_every_finding_leads_somewhere(tmp_path: Path) -> None:
    found = health_report(audio_state(tmp_path)).findings
    leads_to = {finding.leads_to for finding in found}
    assert leads_to == {"rows", "import_report"}
    assert all((finding.rows > 0) == (finding.leads_to == "rows") for finding in found)

    columns: dict[str, list[object]] = {"c": ["a", "b"] * 20, "x": [float(n) for n in range(40)]}
    state = write_content(tmp_path / "c", columns, {"c": "categorical", "x": "numeric"})
    first = state.features[0].model_copy(update={"classes": ["a", "b", "nowhere"]})
    state = dataclasses.replace(state, features=[first, *state.features[1:]])
    (of_no_row,) = health_report(state).findings
    assert (of_no_row.id, of_no_row.leads_to, of_no_row.feature) == (
        "few_examples:c",
        "feature",
        "c",
    )


def test_tensors_hash_alike_only_when_every_number_is_the_same() -> None:
    values = np.random.default_rng(1).normal(size=(500, 9, 7)).astype(np.float32)
    values[3] = values[400]
    values[4] = values[400]
    values[4, 8, 6] = np.nextafter(values[4, 8, 6], np.float32(9))
    hashes = tensor_hashes(values)
    assert hashes[3] == hashes[400]
    assert len(np.unique(hashes)) == 499
