"""What may be chosen for a feature, what is chosen at first, and which shape comes of it.

Takes   types, encodings and choices on gaps, as the contracts define them.
Gives   defaults, checks in words, shapes of one encoded value.
Never   opens a file; the server imports it at its start.
"""

from __future__ import annotations

from collections.abc import Sequence

from blockwright.contracts.audio import PRESETS
from blockwright.contracts.data import VariableLength
from blockwright.contracts.encodings import (
    ENCODINGS_OF_TYPE,
    MAX_CLASSES,
    BinaryEncoding,
    CategoricalEncoding,
    Encoding,
    FeatureType,
    ImageEncoding,
    MissingChoice,
    MultiLabelEncoding,
    NoEncoding,
    NumericEncoding,
    SpectrogramEncoding,
    TensorEncoding,
    TextEncoding,
    WaveformEncoding,
)
from blockwright.contracts.problems import error

# Up to this rate of the recordings, speech is the likelier subject, and the upper bands of
# the tagging preset would hold nothing.
SPEECH_MOST_HZ = 16_000
# The class of rows without a value, where a person chose that they have one of their own.
OWN_CATEGORY = "(missing)"

FITTING_CHOICES: dict[FeatureType, tuple[str, ...]] = {
    "numeric": ("leave_out", "mean", "median", "most_frequent", "constant"),
    "binary": ("leave_out", "most_frequent", "constant"),
    "categorical": ("leave_out", "most_frequent", "constant", "own_category"),
    "multi_label": ("leave_out", "constant", "own_category"),
    "text": ("leave_out", "constant"),
    "image": ("leave_out",),
    "audio": ("leave_out",),
    "tensor": ("leave_out",),
}


def default_encoding(kind: FeatureType, *, sample_rate_hz: int | None = None) -> Encoding:
    """Give the encoding that a feature has before anybody chose one.

    Recordings become spectrograms of variable length: real recordings differ in length,
    and any fixed size would cut sound off, or fill it up, without anybody having asked.

    Args:
        kind: Type of the feature.
        sample_rate_hz: For recordings, the rate that most of them have, if known.
    """
    if kind == "audio":
        is_speech = sample_rate_hz is not None and sample_rate_hz <= SPEECH_MOST_HZ
        preset = PRESETS["speech_16k" if is_speech else "tagging_128"]
        return SpectrogramEncoding(spectrogram=preset, normalization="standardize")
    simple: dict[FeatureType, type[Encoding]] = {
        "numeric": NumericEncoding,
        "binary": BinaryEncoding,
        "categorical": CategoricalEncoding,
        "multi_label": MultiLabelEncoding,
        "text": NoEncoding,
        "image": ImageEncoding,
        "tensor": TensorEncoding,
    }
    return simple[kind]()


def require_fitting_encoding(name: str, kind: FeatureType, encoding: Encoding) -> None:
    """Refuse an encoding that values of this type cannot have.

    Raises:
        BlockwrightError: `data_encoding.encoding_does_not_fit`,
            `data_encoding.normalized_twice`, `data_encoding.template_missing`,
            `data_encoding.class_named_twice`.
    """
    possible = ENCODINGS_OF_TYPE[kind]
    if encoding.kind not in possible:
        raise error(
            "data_encoding.encoding_does_not_fit",
            name=name,
            type=kind,
            encoding=encoding.kind,
            possible=", ".join(possible),
        )
    if is_normalized_twice(encoding):
        raise error("data_encoding.normalized_twice", name=name)
    if not isinstance(encoding, CategoricalEncoding | MultiLabelEncoding):
        return
    template = encoding.order.template
    if encoding.order.by == "template" and not template:
        raise error("data_encoding.template_missing", name=name)
    if template and len(set(template)) != len(template):
        twice = next(label for label in template if template.count(label) > 1)
        raise error("data_encoding.class_named_twice", name=name, label=twice)


def is_normalized_twice(encoding: Encoding) -> bool:
    """Say whether a clip's numbers would be normalised over itself and over the dataset too."""
    if isinstance(encoding, SpectrogramEncoding):
        over_clip = encoding.spectrogram.clip_normalization
    elif isinstance(encoding, WaveformEncoding):
        over_clip = encoding.waveform.clip_normalization
    else:
        return False
    return over_clip != "none" and encoding.normalization != "none"


def require_fitting_choice(
    name: str,
    kind: FeatureType,
    choice: MissingChoice,
    classes: Sequence[str] | None,
    delimiter: str = ",",
) -> None:
    """Refuse a choice on gaps that values of this type cannot have.

    Raises:
        BlockwrightError: `data_encoding.choice_does_not_fit`,
            `data_encoding.constant_missing`, `data_encoding.value_does_not_fit`.
    """
    possible = FITTING_CHOICES[kind]
    if choice.kind not in possible:
        raise error(
            "data_encoding.choice_does_not_fit",
            name=name,
            type=kind,
            choice=choice.kind,
            possible=", ".join(possible),
        )
    if choice.kind == "constant":
        if choice.value is None:
            raise error("data_encoding.constant_missing", name=name)
        require_fitting_value(name, kind, choice.value, classes, delimiter)


def require_fitting_value(
    name: str,
    kind: FeatureType,
    value: str | float,
    classes: Sequence[str] | None,
    delimiter: str = ",",
) -> None:
    """Refuse a value, typed by a person, that a feature of this type cannot hold.

    Raises:
        BlockwrightError: `data_encoding.value_does_not_fit`.
    """
    known = set(classes or ())
    if kind == "numeric":
        fits = _as_number(value) is not None
    elif kind == "binary":
        fits = _as_number(value) in {0.0, 1.0}
    elif kind == "categorical":
        fits = str(value) in known
    elif kind == "multi_label":
        labels = [label.strip() for label in str(value).split(delimiter) if label.strip()]
        fits = known.issuperset(labels)
    else:
        fits = kind == "text"
    if not fits:
        shown = str(value).removesuffix(".0")[:100]
        raise error("data_encoding.value_does_not_fit", name=name, type=kind, value=shown)


def _as_number(value: str | float) -> float | None:
    """Give a finite number, or None."""
    try:
        number = float(value)
    except ValueError:
        return None
    return number if number - number == 0 else None


def require_few_classes(name: str, classes: Sequence[str]) -> None:
    """Refuse more classes than a model can sensibly tell apart.

    Raises:
        BlockwrightError: `data_encoding.too_many_classes`.
    """
    if len(classes) > MAX_CLASSES:
        raise error(
            "data_encoding.too_many_classes", name=name, classes=len(classes), most=MAX_CLASSES
        )


def encoded_shape(
    encoding: Encoding, *, classes: int = 0, tensor_shape: Sequence[int] = ()
) -> list[int]:
    """Give the shape of one encoded value; of a value of variable length, that of one tile.

    Args:
        encoding: How the feature becomes numbers.
        classes: For classes, how many there are.
        tensor_shape: For tensors, the shape that they have on disk.

    Returns:
        Sizes without the row axis; images (height, width, channels), spectrograms
        (mel_bands, frames); empty for text that no model can use.
    """
    if isinstance(encoding, TensorEncoding):
        return list(tensor_shape)
    if isinstance(encoding, CategoricalEncoding):
        return [classes] if encoding.form == "one_hot" else [1]
    if isinstance(encoding, MultiLabelEncoding):
        return [classes]
    if isinstance(encoding, TextEncoding):
        return [encoding.length]
    if isinstance(encoding, ImageEncoding):
        return [encoding.image.height, encoding.image.width, encoding.image.channels]
    if isinstance(encoding, SpectrogramEncoding):
        return [encoding.spectrogram.mel_bands, encoding.spectrogram.frames]
    if isinstance(encoding, WaveformEncoding):
        return [encoding.waveform.samples]
    return [] if isinstance(encoding, NoEncoding) else [1]


def variable_length(encoding: Encoding) -> VariableLength | None:
    """Give along which axis values differ in length, if they do; tiles overlap by half."""
    if isinstance(encoding, SpectrogramEncoding) and encoding.spectrogram.fit == "variable":
        tile, axis = encoding.spectrogram.frames, 1
    elif isinstance(encoding, WaveformEncoding) and encoding.waveform.fit == "variable":
        tile, axis = encoding.waveform.samples, 0
    else:
        return None
    return VariableLength(axis=axis, tile=tile, overlap=tile // 2)
