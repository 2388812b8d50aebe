"""What the editor says of a graph: each problem in words, each repair as a way out."""

from __future__ import annotations

import string

import pytest

from blockwright.contracts.data import DataSchema, DataSource, VariableLength
from blockwright.contracts.graph import ExperimentSettings, GraphDocument, GraphProblem, SetParam
from blockwright.contracts.problems import catalogue, in_language
from blockwright.contracts.subsets import SubsetRule
from blockwright.graph.analysis import analyse
from blockwright.graph.operations import apply
from blockwright.graph.repairs import insert_between
from blockwright.graph.snippets import resnet_snippet, small_cnn_snippet, sound_cnn_snippet
from blockwright.graph.view import GraphView
from tests.support.graphs import (
    SETTINGS,
    TRAINING,
    VALIDATION,
    between,
    block,
    chain,
    errors,
    find,
    graph,
    look,
    schema,
    tensor,
)

CLASSES = block("classes", "dense", nodes=80, activation="sigmoid")
FLAT = block("flat", "flatten")
PICTURE = block("picture", "reshape", target_shape=[256, 256, 1])
FITS = between(FLAT, block("drop", "dropout"), CLASSES)


def with_target(document: GraphDocument, **params: str) -> GraphDocument:
    """Give the document with other parameters at its Target."""
    edits = [SetParam(block_id="target", name=name, value=value) for name, value in params.items()]
    return apply(document, SETTINGS, edits).graph


def after(document: GraphDocument, found: GraphProblem, data: DataSchema) -> list[str]:
    """Carry out a repair and give the codes of what is left."""
    assert found.repair is not None
    repaired = apply(document, SETTINGS, found.repair.operations)
    analysis = analyse(repaired.graph, data, repaired.settings)
    return [item.problem.code for item in analysis.problems]


def test_a_graph_without_problems_can_run() -> None:
    analysis = look(FITS)

    assert analysis.problems == []
    assert analysis.can_run
    assert analysis.blocks["input"].output_shape == [256, 256]
    assert analysis.blocks["flat"].output_shape == [65536]
    assert analysis.blocks["classes"].parameters == 65536 * 80 + 80
    assert analysis.blocks["target"].input_shapes == [[80]]
    assert analysis.parameters == 65536 * 80 + 80


CIRCLE = graph(
    [
        block("input", "input", source="fname"),
        block("sum", "add"),
        block("dense", "dense", nodes=256),
        FLAT,
        CLASSES,
        block("target", "target", source="labels", loss="binary_crossentropy"),
    ],
    *("input>sum", "sum>dense", "dense>sum", "dense>flat", "flat>classes", "classes>target"),
)
TWO_SHAPES = graph(
    [
        block("input", "input", source="fname"),
        FLAT,
        block("narrow", "dense", nodes=5),
        block("wide", "dense", nodes=7),
        block("both", "add"),
        CLASSES,
        block("target", "target", source="labels", loss="binary_crossentropy"),
    ],
    *("input>flat", "flat>narrow", "flat>wide", "narrow>both", "wide>both", "both>classes"),
    "classes>target",
)
SIDE_BY_SIDE = graph(
    [
        block("input", "input", source="fname"),
        FLAT,
        PICTURE,
        block("both", "concatenate"),
        CLASSES,
        block("target", "target", source="labels", loss="binary_crossentropy"),
    ],
    *("input>flat", "input>picture", "flat>both", "picture>both", "both>classes"),
    "classes>target",
)

Case = tuple[str, GraphDocument, str | None, str | None, str, str | None]
SettingCase = tuple[str, ExperimentSettings, DataSchema, str, str, str | None]

# code, graph, where it hurts (block, parameter), English words, label of the repair or None
CASES: list[Case] = [
    (
        "graph.no_input",
        chain(block("target", "target", source="labels")),
        None,
        None,
        "The graph has no Input, so no data can enter it.",
        None,
    ),
    (
        "graph.no_target",
        chain(block("input", "input", source="fname"), CLASSES),
        None,
        None,
        "The graph has no Target, so there is nothing to learn.",
        None,
    ),
    (
        "graph.several_targets",
        graph([*FITS.blocks, block("second", "target", source="labels")], "classes>second"),
        "second",
        None,
        "The graph has 2 Targets; a run learns exactly one.",
        "Remove Target",
    ),
    (
        "graph.input_without_feature",
        chain(block("input", "input"), CLASSES, block("target", "target", source="labels")),
        "input",
        "source",
        "Input has no Feature yet, so it brings nothing into the model.",
        "Set Feature to fname",
    ),
    (
        "graph.target_without_feature",
        between(FLAT, CLASSES, target=""),
        "target",
        "source",
        "The Target has no Feature yet, so it is not known what to predict.",
        "Set Feature to labels",
    ),
    (
        "graph.feature_missing",
        between(FLAT, CLASSES, source="sound"),
        "input",
        "source",
        "The feature “sound” is not in version 1 of Audio.",
        None,
    ),
    (
        "graph.target_is_an_input",
        between(CLASSES, source="labels"),
        "input",
        "source",
        "“Class_00” is shown to the model by this Input and predicted by the Target: "
        "the model would see the answer.",
        None,
    ),
    (
        "graph.block_unconnected",
        graph([*FITS.blocks, block("lost", "dropout")], "input>flat", "flat>drop").model_copy(
            update={"wires": FITS.wires}
        ),
        "lost",
        None,
        "Nothing is connected to the input of Dropout.",
        "Remove Dropout",
    ),
    (
        "graph.too_many_inputs",
        graph(FITS.blocks, *(f"{w.source}>{w.target}" for w in FITS.wires), "flat>classes"),
        "classes",
        None,
        "2 wires lead into Dense, which takes one.",
        "Cut the wire from Dropout to Dense",
    ),
    (
        "graph.merge_needs_two",
        between(FLAT, block("sum", "add"), CLASSES),
        "sum",
        None,
        "Add has one input and needs at least two.",
        None,
    ),
    (
        "graph.circle",
        CIRCLE,
        "sum",
        None,
        "The wires form a circle: Add → Dense → Add. Values must flow from Input to Target.",
        "Cut the wire from Dense to Add",
    ),
    (
        "graph.wrong_rank",
        between(block("body", "resnet_v2_50"), CLASSES),
        "body",
        None,
        "ResNetv2 large 50 needs pictures of the form (height, width, channels), "
        "such as (256, 256, 1), but gets (256, 256).",
        "Insert Reshape to (256, 256, 1)",
    ),
    (
        "graph.wrong_rank",
        between(FLAT, block("conv", "conv_2d"), CLASSES),
        "conv",
        None,
        "2D convolution needs pictures of the form (height, width, channels), "
        "such as (256, 256, 1), but gets (65536).",
        None,
    ),
    (
        "graph.picture_too_small",
        between(
            block("picture", "reshape", target_shape=[16, 4096, 1]),
            block("body", "resnet_v2_50"),
            CLASSES,
        ),
        "body",
        None,
        "ResNetv2 large 50 needs pictures of at least 32 × 32, but gets (16, 4096, 1).",
        None,
    ),
    (
        "graph.size_below_one",
        between(
            block("picture", "reshape", target_shape=[2, 32768, 1]),
            block("conv", "conv_2d", padding="valid"),
            block("mean", "global_average_pooling_2d"),
            CLASSES,
        ),
        "conv",
        "kernel_size",
        "The window (3, 3) of 2D convolution is larger than its input (2, 32768, 1), "
        "so nothing would be left.",
        None,
    ),
    (
        "graph.reshape_values_differ",
        between(block("picture", "reshape", target_shape=[128, 128, 1]), FLAT, CLASSES),
        "picture",
        "target_shape",
        "Reshape gets (256, 256), which is 65,536 values; (128, 128, 1) has 16,384.",
        "Set Target shape to (256, 256, 1)",
    ),
    (
        "graph.add_shapes_differ",
        TWO_SHAPES,
        "both",
        None,
        "Add needs inputs of one shape, but gets (5) and (7).",
        None,
    ),
    (
        "graph.concatenate_shapes_differ",
        SIDE_BY_SIDE,
        "both",
        None,
        "Concatenate needs inputs that differ in the last axis only, "
        "but gets (65536) and (256, 256, 1).",
        None,
    ),
    (
        "graph.nodes_differ",
        between(FLAT, block("classes", "dense", nodes=512, activation="linear")),
        "classes",
        "nodes",
        "Dense gives 512 values per row, but labels needs 80.",
        "Set Nodes to 80 and Activation to Sigmoid",
    ),
    (
        "graph.nodes_differ",
        with_target(
            between(FLAT, block("classes", "dense", nodes=512)),
            source="kind",
            loss="categorical_crossentropy",
        ),
        "classes",
        "nodes",
        "Dense gives 512 values per row, but kind needs 5.",
        "Set Nodes to 5 and Activation to Softmax",
    ),
    (
        "graph.target_size_differs",
        between(FLAT),
        "target",
        None,
        "The Target gets 65,536 values per row, but labels needs 80.",
        "Insert Dense with 80 Nodes and Sigmoid",
    ),
    (
        "graph.target_size_differs",
        between(
            FLAT,
            block("hidden", "dense", nodes=9, activation="linear"),
            block("bend", "activation", activation="sigmoid"),
        ),
        "target",
        None,
        "The Target gets 9 values per row, but labels needs 80.",
        "Set Nodes to 80",
    ),
    (
        "graph.target_shape_differs",
        between(CLASSES),
        "target",
        None,
        "The Target gets (256, 80), but labels has the shape (80).",
        "Insert Flatten",
    ),
    (
        "graph.target_shape_differs",
        between(PICTURE, block("conv", "conv_2d", filters=80, activation="sigmoid")),
        "target",
        None,
        "The Target gets (256, 256, 80), but labels has the shape (80).",
        "Insert Global average pooling 2D",
    ),
    (
        "graph.several_true_classes",
        with_target(FITS, loss="categorical_crossentropy"),
        "target",
        "loss",
        "Categorical crossentropy expects one true class per row. In labels, several can be true "
        "(701 of 4,970 rows).",
        "Set Loss to Binary crossentropy",
    ),
    (
        "graph.one_value_two_classes",
        with_target(
            between(FLAT, block("one", "dense", nodes=1, activation="sigmoid")),
            source="yes",
            loss="categorical_crossentropy",
        ),
        "target",
        "loss",
        "Categorical crossentropy compares several classes, but yes is a single yes or no.",
        "Set Loss to Binary crossentropy",
    ),
    (
        "graph.loss_needs_classes",
        with_target(between(FLAT, block("one", "dense", nodes=1)), source="height"),
        "target",
        "loss",
        "Binary crossentropy is for classes, but height holds numbers.",
        "Set Loss to Mean squared error",
    ),
    (
        "graph.squared_error_on_classes",
        with_target(FITS, loss="mean_squared_error"),
        "target",
        "loss",
        "Mean squared error learns slowly on classes such as labels.",
        "Set Loss to Binary crossentropy",
    ),
    (
        "graph.activation_does_not_fit",
        between(FLAT, block("classes", "dense", nodes=80, activation="softmax")),
        "classes",
        "activation",
        "Binary crossentropy expects the output of Sigmoid, but Dense ends with Softmax.",
        "Set Activation to Sigmoid",
    ),
    (
        "graph.activation_does_not_fit",
        between(FLAT, CLASSES, block("normalize", "batch_normalization")),
        "normalize",
        None,
        "Binary crossentropy expects the output of Sigmoid, "
        "but Batch normalization ends with Linear.",
        "Insert Activation Sigmoid",
    ),
    (
        "graph.too_many_parameters",
        between(FLAT, block("huge", "dense", nodes=1_000_000_000), CLASSES),
        "huge",
        None,
        "Dense has 65,537,000,000,000 parameters; training them would need about 977,769 GB "
        "of memory, the limit is 8 GB (536,870,912 parameters).",
        None,
    ),
    (
        "graph.output_too_large",
        between(
            PICTURE,
            block("conv", "conv_2d", filters=4096),
            block("mean", "global_average_pooling_2d"),
            CLASSES,
        ),
        "conv",
        None,
        "The output (256, 256, 4096) of 2D convolution would need about 28 GB of memory "
        "at batch size 28; the limit is 8 GB.",
        None,
    ),
    (
        "graph.param_out_of_range",
        between(FLAT, block("drop", "dropout", rate=1.5), CLASSES),
        "drop",
        "rate",
        "Rate of Dropout cannot be 1.5; it must lie from 0 to 0.95.",
        None,
    ),
    (
        "graph.param_not_a_choice",
        between(FLAT, block("bend", "activation", activation="magic"), CLASSES),
        "bend",
        "activation",
        "Activation of Activation cannot be “magic”.",
        None,
    ),
    (
        "graph.param_not_a_shape",
        between(block("picture", "reshape", target_shape=[0, 4]), FLAT, CLASSES),
        "picture",
        "target_shape",
        "Target shape of Reshape cannot be (0, 4); a shape is one to six whole numbers "
        "from 1 up, such as (256, 256, 1).",
        None,
    ),
    (
        "graph.param_not_a_pair",
        between(PICTURE, block("pool", "max_pooling_2d", pool_size=[2]), FLAT, CLASSES),
        "pool",
        "pool_size",
        "Pool size of 2D max pooling cannot be (2); it is two whole numbers from 1 to 256, "
        "such as (3, 3).",
        None,
    ),
    (
        "graph.leads_nowhere",
        graph(
            [*FITS.blocks, block("side", "dense")],
            *(f"{wire.source}>{wire.target}" for wire in FITS.wires),
            "flat>side",
        ),
        "side",
        None,
        "The output of Dense is not connected, so it takes no part in training.",
        "Remove Dense",
    ),
    (
        "graph.no_dropout",
        between(FLAT, CLASSES),
        None,
        None,
        "5,242,960 parameters learn from 3,976 rows. Dropout makes memorising harder.",
        "Insert Dropout 0.3",
    ),
]


@pytest.mark.parametrize(
    "case", CASES, ids=[f"{place}-{case[0]}" for place, case in enumerate(CASES)]
)
def test_each_problem_is_told_where_it_hurts_and_its_repair_clears_it(case: Case) -> None:
    code, document, block_id, param, message, label = case
    found = find(look(document), code)

    assert (found.block_id, found.param, found.problem.message) == (block_id, param, message)
    assert (found.repair.label if found.repair else None) == label
    if found.repair:
        assert code not in after(document, found, schema())
        assert look(document).problems == look(document).problems  # same ids each time


SETTING_CASES: list[SettingCase] = [
    (
        "graph.subset_not_chosen",
        SETTINGS.model_copy(update={"training_subset_id": None}),
        schema(),
        "training_subset_id",
        "No subset is chosen for “Training subset”.",
        "Choose Training",
    ),
    (
        "graph.subset_missing",
        SETTINGS.model_copy(update={"validation_subset_id": "of another version"}),
        schema(),
        "validation_subset_id",
        "The chosen Validation subset is not part of version 1.",
        "Choose Validation",
    ),
    (
        "graph.subset_empty",
        SETTINGS,
        schema(subsets=[TRAINING, VALIDATION.model_copy(update={"rows": 0})]),
        "validation_subset_id",
        "The Validation subset “Validation” holds no rows.",
        None,
    ),
    (
        "graph.batch_larger_than_subset",
        SETTINGS.model_copy(update={"batch_size": 4000}),
        schema(),
        "batch_size",
        "The Batch size 4,000 is larger than the subset “Training” with its 3,976 rows.",
        "Set Batch size to 3,976",
    ),
    (
        "graph.same_subsets",
        SETTINGS.model_copy(update={"validation_subset_id": "training"}),
        schema(),
        "validation_subset_id",
        "“Training” is both the Training and the Validation subset: "
        "the validation numbers will look better than they are.",
        None,
    ),
    (
        "graph.subsets_overlap",
        SETTINGS,
        schema(subsets=[TRAINING.model_copy(update={"rule": SubsetRule(kind="all")}), VALIDATION]),
        "validation_subset_id",
        "“Training” and “Validation” share rows: "
        "the validation numbers will look better than they are.",
        None,
    ),
    (
        "graph.best_by_not_measured",
        SETTINGS.model_copy(update={"best_by": "accuracy"}),
        schema(),
        "best_by",
        "The best checkpoint is to be picked by Accuracy, but this Target is measured by "
        "Loss, lwlrap, Precision, Recall, F1, Average precision, ROC AUC, Precision (macro), "
        "Recall (macro), F1 (macro), Average precision (micro), ROC AUC (micro).",
        "Choose Automatic",
    ),
]


@pytest.mark.parametrize("case", SETTING_CASES, ids=[case[0] for case in SETTING_CASES])
def test_settings_are_checked_against_the_version(case: SettingCase) -> None:
    code, settings, data, param, message, label = case
    found = find(analyse(FITS, data, settings), code)

    assert (found.block_id, found.param, found.problem.message) == (None, param, message)
    assert (found.repair.label if found.repair else None) == label
    if found.repair:
        repaired = apply(FITS, settings, found.repair.operations)
        left = analyse(repaired.graph, data, repaired.settings).problems
        assert code not in [item.problem.code for item in left]


def test_without_a_version_the_graph_says_so_and_nothing_else_about_data() -> None:
    analysis = analyse(FITS, None, ExperimentSettings())

    assert errors(analysis) == ["graph.no_version"]
    assert analysis.blocks["flat"].output_shape is None
    assert not analysis.can_run


def test_a_reshape_that_waits_is_used_instead_of_a_second_one() -> None:
    document = graph(
        [*between(block("body", "resnet_v2_50"), CLASSES).blocks, PICTURE],
        *("input>picture", "input>body", "body>classes", "classes>target"),
    )
    found = find(look(document), "graph.wrong_rank")

    assert found.repair is not None
    assert found.repair.label == "Connect through Reshape to (256, 256, 1)"
    assert "graph.leads_nowhere" not in after(document, found, schema())
    assert "graph.wrong_rank" not in after(document, found, schema())


def test_an_inserted_block_takes_the_lower_ones_place_and_moves_what_is_below_down() -> None:
    document = between(block("body", "resnet_v2_50"), CLASSES)
    found = find(look(document), "graph.wrong_rank")
    assert found.repair is not None
    repaired = apply(document, SETTINGS, found.repair.operations).graph

    heights = {item.id: item.position.y for item in repaired.blocks}
    assert heights == {"input": 60, "reshape_1": 148, "body": 236, "classes": 324, "target": 412}


def test_the_inputs_of_a_merge_keep_their_order_when_a_block_is_inserted() -> None:
    document = graph(
        [
            block("left", "input", source="fname"),
            block("right", "input", source="picture"),
            block("conv", "conv_2d", filters=1),
            block("sum", "add"),
        ],
        *("left>sum", "right>conv", "conv>sum"),
    )
    wire = document.wires[0]
    from_left = apply(
        document,
        SETTINGS,
        insert_between(GraphView(document, None, SETTINGS), wire, "dropout", {}),
    ).graph

    assert [w.source for w in from_left.wires if w.target == "sum"] == ["dropout_1", "conv"]


@pytest.mark.parametrize("snippet", [resnet_snippet(), small_cnn_snippet(), sound_cnn_snippet()])
def test_a_snippet_becomes_runnable_by_its_repairs_alone(snippet: GraphDocument) -> None:
    data = schema(tensor("small", 128, 128))
    document = apply(
        snippet, SETTINGS, [SetParam(block_id="input", name="source", value="small")]
    ).graph
    for _ in range(10):
        repairs = [item.repair for item in look(document, data).problems if item.repair]
        if not repairs:
            break
        document = apply(document, SETTINGS, repairs[0].operations).graph

    assert look(document, data).problems == []


def test_every_problem_and_repair_fills_its_words_in_both_languages() -> None:
    found = [item for case in CASES for item in look(case[1]).problems]
    found += [item for case in SETTING_CASES for item in analyse(FITS, case[2], case[1]).problems]
    for item in found:
        chinese = in_language(item.problem, "zh")
        assert chinese.message != item.problem.message
        assert "{" not in chinese.message + chinese.fix + item.problem.message + item.problem.fix


def test_both_languages_of_an_entry_name_the_same_things() -> None:
    for code, entry in catalogue().items():
        if not code.startswith(("graph.", "repair.")):
            continue
        names = {
            language: {
                field.removesuffix("_zh")
                for part in ("message", "fix")
                for _text, field, *_rest in string.Formatter().parse(entry[language][part])
                if field
            }
            for language in ("en", "zh")
        }
        assert names["en"] == names["zh"], code


def clips(name: str) -> DataSource:
    """Give spectrograms of whole clips, looked at 64 frames at a time."""
    varies = VariableLength(axis=1, tile=64, overlap=32)
    return tensor(name, 128, 64).model_copy(update={"variable": varies})


def test_values_of_any_length_have_the_shape_of_a_tile() -> None:
    document = between(
        block("flatten", "flatten"),
        block("dense", "dense", nodes=80, activation="sigmoid"),
        source="clip",
    )
    found = look(document, schema(clips("clip")))
    assert found.can_run
    assert found.blocks["input"].output_shape == [128, 64]


def two_inputs(first: str, second: str) -> GraphDocument:
    return graph(
        [
            block("one", "input", source=first),
            block("two", "input", source=second),
            block("both", "concatenate"),
            block("flatten", "flatten"),
            block("dense", "dense", nodes=80, activation="sigmoid"),
            block("target", "target", source="labels", loss="binary_crossentropy"),
        ],
        *("one>both", "two>both", "both>flatten", "flatten>dense", "dense>target"),
    )


def test_a_model_looks_at_one_feature_that_varies_in_length() -> None:
    data = schema(clips("clip"), clips("other"), tensor("still", 128, 64))
    assert errors(look(two_inputs("clip", "still"), data)) == []
    assert errors(look(two_inputs("clip", "clip"), data)) == []
    told = find(look(two_inputs("clip", "other"), data), "graph.several_variable_inputs")
    assert (told.block_id, told.param) == ("two", "source")
    assert told.problem.params["first"] == "clip"
    assert "“other”" in told.problem.message
    assert in_language(told.problem, "zh").message != told.problem.message


def test_what_varies_in_length_is_no_target() -> None:
    document = chain(
        block("input", "input", source="still"),
        block("target", "target", source="clip", loss="mean_squared_error"),
    )
    data = schema(clips("clip"), tensor("still", 128, 64))
    assert errors(look(document, data)) == ["graph.target_varies_in_length"]


def test_labels_of_one_column_are_a_target_as_labels_of_many_columns_are() -> None:
    column = DataSource(
        name="tags",
        kind="multi_label",
        shape=[3],
        classes=["a", "b", "c"],
        several_true_rows=7,
        features=["tags"],
    )
    document = between(
        block("flatten", "flatten"),
        block("dense", "dense", nodes=4, activation="sigmoid"),
        target="tags",
    )
    found = look(document, schema(column))
    assert errors(found) == ["graph.nodes_differ"]
    way_out = find(found, "graph.nodes_differ").repair
    assert way_out is not None
    mended = apply(document, SETTINGS, way_out.operations).graph
    assert look(mended, schema(column)).can_run


def test_a_class_as_its_number_is_a_number_to_predict() -> None:
    index = DataSource(
        name="animal", kind="numeric", shape=[1], classes=["cat", "dog"], features=["animal"]
    )
    document = between(
        block("flatten", "flatten"),
        block("dense", "dense", nodes=1, activation="linear"),
        target="animal",
    )
    found = look(document, schema(index))
    assert errors(found) == ["graph.loss_needs_classes"]
