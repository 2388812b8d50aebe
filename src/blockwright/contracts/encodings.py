"""How a feature becomes numbers: one settings object per kind of feature.

A feature's encoding is told apart by its `kind`. What an encoding needs from the data
(mean, spread, vocabulary, class order by frequency) is measured on the Training subset
when the version is saved, never earlier.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from blockwright.contracts.audio import SpectrogramSettings, WaveformSettings
from blockwright.contracts.base import Model
from blockwright.contracts.images import ImageSettings

Normalization = Literal["none", "standardize", "min_max"]
MAX_CLASSES = 2_000


class TensorEncoding(Model):
    """Numbers of an npy as they are, or normalised."""

    kind: Literal["tensor"] = "tensor"
    normalization: Normalization = "none"
    spectrogram: SpectrogramSettings | None = Field(
        None, description="Given when the tensor is a spectrogram that carried its settings"
    )


class NumericEncoding(Model):
    """A number per row."""

    kind: Literal["numeric"] = "numeric"
    normalization: Normalization = "none"
    decimal_comma: bool = Field(False, description="Cells such as “1,5” are read as 1.5")


class BinaryEncoding(Model):
    """0 or 1 per row."""

    kind: Literal["binary"] = "binary"


class ClassOrder(Model):
    """In which order classes are counted."""

    by: Literal["sorted", "frequency", "template"] = "sorted"
    template: list[str] | None = Field(
        None, max_length=MAX_CLASSES, description="For `template`: every class, in order"
    )


class CategoricalEncoding(Model):
    """One class per row."""

    kind: Literal["categorical"] = "categorical"
    form: Literal["one_hot", "index"] = "one_hot"
    order: ClassOrder = Field(default_factory=ClassOrder)


class MultiLabelEncoding(Model):
    """Any number of classes per row, joined by a delimiter in one cell."""

    kind: Literal["multi_label"] = "multi_label"
    delimiter: str = Field(",", min_length=1, max_length=4)
    order: ClassOrder = Field(default_factory=ClassOrder)


class TextEncoding(Model):
    """Text as numbers of tokens, cut or filled to one length; 0 fills, 1 is unknown."""

    kind: Literal["text"] = "text"
    tokens: Literal["words", "characters"] = "words"
    length: int = Field(64, ge=1, le=8_192, description="Tokens per value")
    vocabulary_size: int = Field(10_000, ge=3, le=200_000)
    lowercase: bool = True


class NoEncoding(Model):
    """Kept and shown, but no model can use it."""

    kind: Literal["none"] = "none"


class ImageEncoding(Model):
    """Pixels of an image."""

    kind: Literal["image"] = "image"
    image: ImageSettings = Field(default_factory=ImageSettings)
    scaling: Literal["none", "zero_one", "minus_one_one", "standardize"] = Field(
        "zero_one", description="none: 0 to 255; standardize: mean 0, spread 1 by Training rows"
    )


class SpectrogramEncoding(Model):
    """Log-mel spectrogram of a clip."""

    kind: Literal["spectrogram"] = "spectrogram"
    spectrogram: SpectrogramSettings = Field(default_factory=SpectrogramSettings)
    normalization: Normalization = "none"


class WaveformEncoding(Model):
    """Samples of a clip."""

    kind: Literal["waveform"] = "waveform"
    waveform: WaveformSettings = Field(default_factory=WaveformSettings)
    normalization: Normalization = "none"


Encoding = Annotated[
    TensorEncoding
    | NumericEncoding
    | BinaryEncoding
    | CategoricalEncoding
    | MultiLabelEncoding
    | TextEncoding
    | NoEncoding
    | ImageEncoding
    | SpectrogramEncoding
    | WaveformEncoding,
    Field(discriminator="kind"),
]

FeatureType = Literal[
    "numeric", "binary", "categorical", "multi_label", "text", "image", "audio", "tensor"
]
# Which kinds of encoding a type of feature can have; the first is the default.
ENCODINGS_OF_TYPE: dict[FeatureType, tuple[str, ...]] = {
    "numeric": ("numeric",),
    "binary": ("binary",),
    "categorical": ("categorical",),
    "multi_label": ("multi_label",),
    "text": ("none", "text"),
    "image": ("image",),
    "audio": ("spectrogram", "waveform"),
    "tensor": ("tensor",),
}


class MissingChoice(Model):
    """What happens to rows in which a feature is missing; nothing happens without a choice."""

    kind: Literal["leave_out", "mean", "median", "most_frequent", "constant", "own_category"]
    value: str | float | None = Field(None, description="For `constant`")
