"""What the graph room knows of one block kind: its card, shape rule and parameter count.

Shapes are without the row axis: a spectrogram is `(256, 256)`, a picture is
`(height, width, channels)`. `compiler.blocks` builds the same kinds with Keras.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from blockwright.contracts.data import DataSource
from blockwright.contracts.graph import BlockCard, ParameterCard, ParamValue, Stage
from blockwright.contracts.problems import ParameterValue
from blockwright.graph.cards import Words, text

Shape = tuple[int, ...]
Params = Mapping[str, ParamValue]
Group = Literal["data", "layers", "shape", "merge", "bodies"]

BLOCK_HEIGHT_PX = 52
BLOCK_PITCH_PX = 88  # from the top of a block to the top of the next one below


class ShapeError(Exception):
    """A block cannot work on what it gets; carries a catalogue code, never a sentence."""

    def __init__(self, code: str, *, param: str | None = None, **params: ParameterValue) -> None:
        """Name the problem, the parameter that it hangs on, and the words' parameters."""
        super().__init__(code)
        self.code = code
        self.param = param
        self.params = params


def _no_weights(_params: Params, _inputs: Sequence[Shape]) -> int:
    return 0


def _no_stages(_params: Params, _inputs: Sequence[Shape]) -> list[Stage]:
    return []


@dataclass(frozen=True)
class BlockSpec:
    """One block kind.

    Attributes:
        shape: Gives the output shape for parameters that passed their cards and
            inputs of accepted rank; raises `ShapeError`.
        parameters: Gives the number of weights, trainable or not.
        rank: The only rank that the input may have; None accepts every rank from 1 up.
        place: Order within its group in the catalogue.
        height_px: Height of its drawing, for placing the block below it.
    """

    kind: str
    label: Words
    group: Group
    place: int
    what: Words
    cards: list[ParameterCard]
    shape: Callable[[Params, Sequence[Shape]], Shape]
    parameters: Callable[[Params, Sequence[Shape]], int] = _no_weights
    stages: Callable[[Params, Sequence[Shape]], list[Stage]] = _no_stages
    inputs: Literal["none", "one", "many"] = "one"
    has_output: bool = True
    in_catalogue: bool = True
    rank: int | None = None
    height_px: int = BLOCK_HEIGHT_PX
    defaults: dict[str, ParamValue] = field(init=False)

    def __post_init__(self) -> None:
        """Collect the defaults of the cards."""
        object.__setattr__(self, "defaults", {card.name: card.default for card in self.cards})

    @property
    def pitch_px(self) -> int:
        """Distance from the top of this block to the top of the one below it."""
        return self.height_px + BLOCK_PITCH_PX - BLOCK_HEIGHT_PX

    def card(self) -> BlockCard:
        """Give the block as the catalogue shows it."""
        return BlockCard(
            kind=self.kind,
            label=text(self.label),
            group=self.group,
            what=text(self.what),
            params=self.cards,
            inputs=self.inputs,
            has_output=self.has_output,
            in_catalogue=self.in_catalogue,
        )

    def complete(self, params: Params) -> dict[str, ParamValue]:
        """Give all parameters: those given, and the default of every other one."""
        return {**self.defaults, **params}


def shape_words(shape: Sequence[int]) -> str:
    """Write a shape as a tuple.

    >>> shape_words([256, 256, 1])
    '(256, 256, 1)'
    """
    return "(" + ", ".join(str(side) for side in shape) + ")"


def whole(params: Params, name: str) -> int:
    """Give a whole number that passed its card."""
    value = params[name]
    assert isinstance(value, int)  # noqa: S101 - the card was checked before
    return value


def number(params: Params, name: str) -> float:
    """Give a number that passed its card."""
    value = params[name]
    assert isinstance(value, int | float)  # noqa: S101 - the card was checked before
    return float(value)


def word(params: Params, name: str) -> str:
    """Give a choice that passed its card."""
    value = params[name]
    assert isinstance(value, str)  # noqa: S101 - the card was checked before
    return value


def switch(params: Params, name: str) -> bool:
    """Give a boolean that passed its card."""
    value = params[name]
    assert isinstance(value, bool)  # noqa: S101 - the card was checked before
    return value


def sides(params: Params, name: str) -> tuple[int, ...]:
    """Give a shape or a pair that passed its card."""
    value = params[name]
    assert isinstance(value, list)  # noqa: S101 - the card was checked before
    return tuple(value)


def source_shape(source: DataSource) -> Shape:
    """Give the shape of one value of a source; a single number is a vector of one."""
    return tuple(source.shape) or (1,)


def window_side(size: int, *, window: int, stride: int, padding: str) -> int:
    """Give the size after a window slid over `size` places.

    The rule of Keras: `same` is ceil(size / stride), `valid` counts whole windows.
    """
    if padding == "same":
        return -(-size // stride)
    return (size - window) // stride + 1


def slide_window(params: Params, shape: Shape, *, window_param: str) -> tuple[int, int]:
    """Give height and width after a convolution or pooling window.

    Raises:
        ShapeError: `graph.size_below_one` if the window is larger than the picture.
    """
    windows, strides = sides(params, window_param), sides(params, "stride")
    padding = word(params, "padding")
    height, width = (
        window_side(size, window=window, stride=stride, padding=padding)
        for size, window, stride in zip(shape[:2], windows, strides, strict=True)
    )
    if height < 1 or width < 1:
        raise ShapeError(
            "graph.size_below_one",
            param=window_param,
            window=shape_words(windows),
            shape=shape_words(shape),
        )
    return height, width
