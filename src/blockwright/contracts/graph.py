"""The graph document, its edits, and what the analysis says of it."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from blockwright.contracts.base import LocalizedText, Model
from blockwright.contracts.data import DataSchema
from blockwright.contracts.names import Name
from blockwright.contracts.presets import PresetChoice
from blockwright.contracts.problems import ParameterValue, Problem
from blockwright.contracts.training_settings import TrainingSettings

BlockId = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,64}$")]
ParamValue = (
    bool
    | int
    | Annotated[float, Field(allow_inf_nan=False)]
    | Annotated[str, Field(max_length=500)]
    | Annotated[list[int], Field(max_length=16)]
    | None
)


class Position(Model):
    """Place on the canvas in pixels at 100 % zoom; y grows downwards."""

    x: float = Field(allow_inf_nan=False)
    y: float = Field(allow_inf_nan=False)


class Block(Model):
    """One layer, input, target or ready body on the canvas."""

    id: BlockId
    kind: str
    params: dict[str, ParamValue] = Field(default_factory=dict)
    position: Position = Position(x=0, y=0)


class Wire(Model):
    """A connection from one block's output to another's input."""

    id: BlockId
    source: BlockId
    target: BlockId


class GraphDocument(Model):
    """Blocks and wires. Order of wires is the order of inputs of a merging block."""

    format: Literal[1] = 1
    blocks: list[Block] = Field(default_factory=list)
    wires: list[Wire] = Field(default_factory=list)


class ExperimentSettings(TrainingSettings):
    """Everything of a run that is not the graph."""

    version_id: str | None = None
    training_subset_id: str | None = None
    validation_subset_id: str | None = None
    first_stage_subset_id: str | None = None


class AddBlock(Model):
    """Put one block on the canvas, unconnected; `at` is its place in the list (default: last)."""

    op: Literal["add_block"] = "add_block"
    block: Block
    at: int | None = None


class RemoveBlock(Model):
    """Take one block and its wires away."""

    op: Literal["remove_block"] = "remove_block"
    block_id: BlockId


class AddWire(Model):
    """Connect two blocks; `at` is its place in the list of wires, the end by default."""

    op: Literal["add_wire"] = "add_wire"
    wire: Wire
    at: int | None = None


class RemoveWire(Model):
    """Cut one wire."""

    op: Literal["remove_wire"] = "remove_wire"
    wire_id: BlockId


class SetParam(Model):
    """Give one parameter of one block another value."""

    op: Literal["set_param"] = "set_param"
    block_id: BlockId
    name: str
    value: ParamValue


class MoveBlock(Model):
    """Move one block on the canvas."""

    op: Literal["move_block"] = "move_block"
    block_id: BlockId
    position: Position


class SetSetting(Model):
    """Give one setting of the experiment another value."""

    op: Literal["set_setting"] = "set_setting"
    name: str
    value: ParamValue


Operation = Annotated[
    AddBlock | RemoveBlock | AddWire | RemoveWire | SetParam | MoveBlock | SetSetting,
    Field(discriminator="op"),
]


class Edit(Model):
    """Operations that belong together: one step of undo."""

    base_revision: int = Field(description="The revision that the person was looking at")
    operations: list[Operation] = Field(min_length=1, max_length=1_000)


class Repair(Model):
    """A one-click way out; the label names its effect."""

    label_code: str = Field(description="Catalogue code of the label, e.g. repair.insert_reshape")
    params: dict[str, ParameterValue] = Field(default_factory=dict)
    label: str = Field(description="The label in English")
    operations: list[Operation]


class GraphProblem(Model):
    """A problem and where it hurts."""

    severity: Literal["error", "warning"]
    block_id: BlockId | None = None
    wire_id: BlockId | None = None
    param: str | None = None
    problem: Problem
    repair: Repair | None = None


class Stage(Model):
    """One stage inside a ready body, for its drawing."""

    name: str
    units: int
    shape: list[int]
    skip: bool


class BlockAnalysis(Model):
    """What is known of one block: shapes without the row axis; null when unknown."""

    input_shapes: list[list[int] | None]
    output_shape: list[int] | None
    parameters: int | None
    stages: list[Stage] = Field(default_factory=list)


class RatePoint(Model):
    """The learning rate at a place of the run."""

    epoch: float = Field(description="Epochs gone by, fractions included")
    rate: float


class GraphAnalysis(Model):
    """Live shapes, problems and whether it can run."""

    metric_names: list[str] = Field(
        default_factory=list, description="What a run measures at each epoch, the loss first"
    )
    rates: list[RatePoint] = Field(
        default_factory=list, description="The learning rate from the first step to the last"
    )

    blocks: dict[str, BlockAnalysis]
    problems: list[GraphProblem]
    parameters: int | None
    can_run: bool


class Experiment(Model):
    """A model graph with its settings."""

    id: str
    project_id: str
    name: str
    revision: int
    graph: GraphDocument
    settings: ExperimentSettings
    analysis: GraphAnalysis
    can_undo: bool
    can_redo: bool
    data: DataSchema | None = Field(description="Sources and subsets of the chosen dataset version")
    created_at: datetime
    changed_at: datetime


class ExperimentSummary(Model):
    """An experiment as the list shows it."""

    id: str
    project_id: str
    name: str
    created_at: datetime
    changed_at: datetime
    error_count: int
    latest_run_id: str | None = None


class ExperimentCreate(Model):
    """A new experiment; the newest frozen version of the project is chosen for it."""

    name: Name
    preset: PresetChoice | None = Field(None, description="Nothing is on the canvas without one")


class ExperimentRename(Model):
    """Another name for an experiment."""

    name: Name


class Choice(Model):
    """One choice of a list."""

    value: str
    label: LocalizedText


class OnlyWith(Model):
    """Another setting and the values of it that give a setting its meaning."""

    name: str
    values: list[str] = Field(description="Empty: any value but 0, off and none")


SettingGroup = Literal[
    "data",
    "length",
    "weights",
    "optimizer",
    "schedule",
    "augmentation",
    "regularization",
    "validation",
    "advanced",
]


class ParameterCard(Model):
    """Everything a form and a person need to know of one parameter."""

    name: str
    label: LocalizedText
    control: Literal["integer", "number", "boolean", "choice", "shape", "integer_pair", "source"]
    default: ParamValue
    minimum: float | None = None
    maximum: float | None = None
    choices: list[Choice] | None = None
    what: LocalizedText = Field(description="What it does")
    why_default: LocalizedText
    effect: LocalizedText = Field(description="What happens when it is changed, sensible range")
    telling: bool = Field(description="Shown on the block itself")
    zero: LocalizedText | None = Field(None, description="What 0 stands for, where it is no size")
    only_with: OnlyWith | None = Field(None, description="Without it the setting does nothing")
    group: SettingGroup | None = Field(None, description="Of a setting: where its form shows it")


class BlockCard(Model):
    """One block kind of the catalogue."""

    kind: str
    label: LocalizedText
    group: Literal["data", "layers", "shape", "merge", "bodies"]
    what: LocalizedText
    params: list[ParameterCard]
    inputs: Literal["none", "one", "many"]
    has_output: bool
    in_catalogue: bool = Field(True, description="Bodies of snippets are reached by their snippet")


class SnippetCard(Model):
    """A ready group of blocks, with ids that the browser renames before it adds them."""

    name: str
    label: LocalizedText
    what: LocalizedText
    parameters: int
    graph: GraphDocument


class Catalogue(Model):
    """Everything that can be put on the canvas, and the cards of the settings."""

    blocks: list[BlockCard]
    snippets: list[SnippetCard]
    settings: list[ParameterCard]
