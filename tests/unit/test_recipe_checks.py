"""Settings that do not suit the data or the run's length: told in words, with a way out."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from blockwright.contracts.graph import ExperimentSettings, GraphDocument
from blockwright.graph.analysis import analyse
from blockwright.graph.operations import apply
from tests.support.graphs import SETTINGS, between, block, chain, find, schema

SOUND = between(block("flat", "flatten"), block("out", "dense", nodes=80, activation="sigmoid"))
TABLE = between(
    block("out", "dense", nodes=80, activation="sigmoid"), source="height", target="labels"
)
ONE_OF_FIVE = chain(
    block("input", "input", source="fname"),
    block("flat", "flatten"),
    block("out", "dense", nodes=5, activation="softmax"),
    block("target", "target", source="kind", loss="categorical_crossentropy"),
)
NUMBERS = chain(
    block("input", "input", source="fname"),
    block("flat", "flatten"),
    block("out", "dense", nodes=1, activation="linear"),
    block("target", "target", source="height", loss="mean_squared_error"),
)


@dataclass(frozen=True)
class Case:
    """A setting that does not suit, what is said of it, and the button's words."""

    code: str
    param: str
    settings: dict[str, object]
    message: str
    label: str
    document: GraphDocument = field(default_factory=lambda: SOUND)
    severity: str = "warning"


CASES = [
    Case(
        "graph.warmup_too_long",
        "warmup",
        {"schedule": "cosine", "warmup": 30},
        "The warm-up of 30 epochs takes the whole run of 30 epochs: the learning rate would only "
        "ever rise.",
        "Set Warm-up to 3",
        severity="error",
    ),
    Case(
        "graph.warmup_too_long",
        "warmup",
        {"warmup": 5_000, "warmup_unit": "steps"},
        "The warm-up of 5,000 steps takes the whole run of 4,260 steps: the learning rate would "
        "only ever rise.",
        "Set Warm-up to 426",
        severity="error",
    ),
    Case(
        "graph.warmup_too_long_for_stage",
        "warmup",
        {"warmup": 14, "first_stage_epochs": 5, "first_stage_subset_id": "training"},
        "Each stage begins with a warm-up of 14 epochs, which takes the whole first stage of 5 "
        "epochs: its learning rate would only ever rise.",
        "Set Warm-up to 0.5",
        severity="error",
    ),
    Case(
        "graph.warmup_too_long_for_stage",
        "warmup",
        {"warmup": 4, "first_stage_epochs": 26, "first_stage_subset_id": "training"},
        "Each stage begins with a warm-up of 4 epochs, which takes the whole second stage of 4 "
        "epochs: its learning rate would only ever rise.",
        "Set Warm-up to 0.4",
        severity="error",
    ),
    Case(
        "graph.never_drops",
        "drop_every",
        {"schedule": "step", "drop_every": 40},
        "The learning rate is to drop every 40 epochs, but the run has 30: it never drops.",
        "Set Drop every so many epochs to 10",
    ),
    Case(
        "graph.stops_before_it_drops",
        "plateau_epochs",
        {"schedule": "plateau", "plateau_epochs": 8, "early_stopping_epochs": 6},
        "The run stops early after 6 epochs without a better value, before the learning rate "
        "drops after 8.",
        "Set Early stopping after epochs to 24",
    ),
    Case(
        "graph.never_a_step",
        "accumulate",
        {"accumulate": 200, "epochs": 1},
        "A step is to take 200 batches, but the whole run has 142: the weights would never change.",
        "Set Batches per step to 1",
        severity="error",
    ),
    Case(
        "graph.average_of_the_beginning",
        "average",
        {"average": 0.999, "epochs": 5},
        "The average of the weights reaches over about 1,000 steps, but the run has 710: it would "
        "lag behind and hold the untrained beginning.",
        "Set Average of the weights to 0",
    ),
    Case(
        "graph.nothing_to_smooth",
        "label_smoothing",
        {"label_smoothing": 0.1},
        "Label smoothing does nothing with the mean squared error: it spreads classes, not "
        "numbers.",
        "Set Label smoothing to 0",
        document=NUMBERS,
    ),
    Case(
        "graph.first_stage_takes_all",
        "first_stage_epochs",
        {"first_stage_epochs": 30, "first_stage_subset_id": "training"},
        "The first stage takes 30 epochs, but the run has 30: none is left for the Training "
        "subset.",
        "Set Epochs on other rows first to 15",
        severity="error",
    ),
    Case(
        "graph.no_classes_to_balance",
        "class_weights",
        {"class_weights": "balanced"},
        "Classes cannot be balanced: this Target is a number.",
        "Set Weights of classes to All the same",
        document=NUMBERS,
    ),
    Case(
        "graph.weight_feature_missing",
        "weight_feature",
        {"weight_feature": "fname"},
        "“fname”, which is to say how much rows count, is no feature with a number per row in "
        "this version.",
        "Let all rows count the same",
        severity="error",
    ),
    Case(
        "graph.nothing_to_cover",
        "time_masks",
        {"time_masks": 2},
        "Time masks have nothing to cover: no Input of this model holds spectrograms or pictures.",
        "Set Time masks to 0",
        document=TABLE,
    ),
    Case(
        "graph.nothing_to_shift",
        "time_shift",
        {"time_shift": 0.5},
        "Time shift has nothing to shift: no Input of this model holds recordings.",
        "Set Time shift to 0",
        document=TABLE,
    ),
    Case(
        "graph.nothing_to_mix",
        "mixup",
        {"mixup": 0.2, "batch_size": 1},
        "Mixup blends rows of one batch, but each batch has only one row.",
        "Set Mixup to 0",
    ),
    Case(
        "graph.one_label_per_row",
        "mixup_labels",
        {"mixup": 0.2, "mixup_labels": "either"},
        "With All labels of both, a blend carries the labels of two rows, but this Target says one "
        "thing of each row.",
        "Set Labels of a blend to By shares",
        document=ONE_OF_FIVE,
        severity="error",
    ),
]


@pytest.mark.parametrize("case", CASES, ids=[case.code for case in CASES])
def test_what_does_not_suit_is_told_and_can_be_repaired(case: Case) -> None:
    settings = SETTINGS.model_copy(update=case.settings)
    found = find(analyse(case.document, schema(), settings), case.code)

    assert (found.severity, found.param) == (case.severity, case.param)
    assert found.problem.message == case.message
    assert found.repair is not None
    assert found.repair.label == case.label
    repaired = apply(case.document, settings, found.repair.operations)
    left = analyse(repaired.graph, schema(), repaired.settings).problems
    assert case.code not in [item.problem.code for item in left]


def test_a_recipe_that_suits_is_left_alone() -> None:
    recipe = {
        **{"mixup": 0.2, "mixup_labels": "either", "time_masks": 2, "frequency_masks": 1},
        **{"time_shift": 0.2, "schedule": "cosine", "warmup": 2},
    }
    settings = ExperimentSettings.model_validate({**SETTINGS.model_dump(), **recipe})
    found = [item.param for item in analyse(SOUND, schema(), settings).problems]
    assert not set(found) & set(recipe)


def test_a_first_stage_needs_its_rows_and_none_of_the_validation_subset() -> None:
    settings = SETTINGS.model_copy(update={"first_stage_epochs": 3})
    missing = find(analyse(SOUND, schema(), settings), "graph.subset_not_chosen")
    assert missing.param == "first_stage_subset_id"
    leaking = settings.model_copy(update={"first_stage_subset_id": "validation"})
    told = find(analyse(SOUND, schema(), leaking), "graph.subsets_overlap")
    assert told.param == "first_stage_subset_id"


def test_the_curve_of_the_rate_shows_both_stages() -> None:
    stages = {"first_stage_epochs": 10, "first_stage_rate": 0.01, "learning_rate": 0.001}
    settings = SETTINGS.model_copy(
        update={**stages, "first_stage_subset_id": "training", "schedule": "cosine"}
    )
    rates = analyse(SOUND, schema(), settings).rates
    first = [point.rate for point in rates if point.epoch < 10]
    second = [point.rate for point in rates if point.epoch >= 10]
    assert (max(first), max(second)) == (0.01, 0.001)
