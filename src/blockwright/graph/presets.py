"""Models together with the settings that suit them, for a new experiment.

Takes   the schema of a version, and a person's choice.
Gives   the presets that suit the version; of the chosen one, graph and settings fitted to it.
Never   guesses: where several features could be predicted, the person says which.

What a preset reaches, and what each part of its recipe is worth, stands in
docs/benchmarks.md; `benchmarks/quality.py` measures it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from blockwright.contracts.data import DataSchema, DataSource
from blockwright.contracts.graph import ExperimentSettings, GraphDocument
from blockwright.contracts.presets import PresetCard, PresetChoice
from blockwright.contracts.problems import error
from blockwright.graph.blocks import block_specs
from blockwright.graph.cards import Words, text
from blockwright.graph.fitting import fit
from blockwright.graph.snippets import sound_cnn_snippet

# Rows that the sound preset learns from in all: enough for the rate to come down slowly
# over small data, and few enough that a laptop is done with large data overnight.
SOUND_ROWS_LEARNT = 32_000
SOUND_FEWEST_EPOCHS = 30
SOUND_MOST_EPOCHS = 200


@dataclass(frozen=True)
class Preset:
    """A model and how to train it.

    Attributes:
        shows: Whether its Input can show a source.
        predicts: Whether its Target can predict a source.
        graph: Of the catalogue's kind, yet to be fitted.
        settings: Those that differ from the defaults, for so many training rows.
    """

    name: str
    label: Words
    what: Words
    shows: Callable[[DataSource], bool]
    predicts: Callable[[DataSource], bool]
    graph: Callable[[], GraphDocument]
    settings: Callable[[int], dict[str, float | str]]


def _sound_settings(rows: int) -> dict[str, float | str]:
    """Give the recipe whose parts docs/benchmarks.md weighs against one another."""
    epochs = SOUND_ROWS_LEARNT // max(1, rows)
    return {
        "batch_size": min(32, max(1, rows)),
        "epochs": min(max(epochs, SOUND_FEWEST_EPOCHS), SOUND_MOST_EPOCHS),
        "optimizer": "adamw",
        "learning_rate": 0.002,
        "weight_decay": 0.05,
        "schedule": "cosine",
        "warmup": 5,
        "mixup": 0.5,
        "time_masks": 2,
        "frequency_masks": 2,
        "label_smoothing": 0.1,
    }


PRESETS = (
    Preset(
        name="sound",
        label=("Recognise sounds", "识别声音"),
        what=(
            "A model and settings made for recordings of a few seconds: random pieces, blended "
            "and partly covered in each epoch. A few hundred clips take minutes on two cores.",
            "为几秒长的录音准备的模型和设置：每轮取随机片段，相互混合并部分遮盖。"
            "在两个核心上，几百条录音只需几分钟。",
        ),
        shows=lambda source: source.is_spectrogram,
        predicts=lambda source: source.kind in {"multi_label", "categorical", "binary"},
        graph=sound_cnn_snippet,
        settings=_sound_settings,
    ),
)


def offered_presets(schema: DataSchema | None) -> list[PresetCard]:
    """Give the presets that suit a version; none without one."""
    cards = [_card(preset, schema) for preset in PRESETS] if schema else []
    return [card for card in cards if card.inputs and card.targets]


def begin_with(
    choice: PresetChoice, schema: DataSchema | None, settings: ExperimentSettings
) -> tuple[GraphDocument, ExperimentSettings]:
    """Give what an experiment begins with.

    Args:
        choice: The preset and, where several suit, its ends.
        schema: The version of the experiment.
        settings: With that version and its subsets.

    Raises:
        BlockwrightError: `graph.preset_unknown`, `graph.preset_does_not_suit`,
            `graph.preset_end_open`, `graph.preset_end_unsuitable`.
    """
    preset = _preset(choice.name)
    if schema is None or not (card := _card(preset, schema)).inputs or not card.targets:
        raise error("graph.preset_does_not_suit", name=choice.name)
    sources = {source.name: source for source in schema.sources}
    shown = sources[_end(choice.name, "input", choice.input, card.inputs)]
    wanted = sources[_end(choice.name, "target", choice.target, card.targets)]
    rows = next((s.rows for s in schema.subsets if s.id == settings.training_subset_id), 0)
    settings = ExperimentSettings.model_validate({**settings.model_dump(), **preset.settings(rows)})
    graph, _ = fit(preset.graph(), schema, settings, shown=shown, wanted=wanted)
    return graph, settings


def preset_settings(name: str, rows: int) -> dict[str, float | str]:
    """Give the settings that a preset brings, for so many training rows.

    Raises:
        BlockwrightError: `graph.preset_unknown`.
    """
    return _preset(name).settings(rows)


def _preset(name: str) -> Preset:
    found = next((preset for preset in PRESETS if preset.name == name), None)
    if found is None:
        known = ", ".join(preset.name for preset in PRESETS)
        raise error("graph.preset_unknown", name=name, known=known)
    return found


def _card(preset: Preset, schema: DataSchema) -> PresetCard:
    # Columns that were bundled are meant as one.
    bundled = {
        name for source in schema.sources if len(source.features) > 1 for name in source.features
    }
    predicted = [source.name for source in schema.sources if preset.predicts(source)]
    return PresetCard(
        name=preset.name,
        label=text(preset.label),
        what=text(preset.what),
        inputs=[source.name for source in schema.sources if preset.shows(source)],
        targets=[name for name in predicted if name not in bundled],
    )


def _end(preset: str, kind: str, given: str | None, suitable: list[str]) -> str:
    label, label_zh = block_specs()[kind].label
    words = {
        "name": preset,
        "block": label,
        "block_zh": label_zh,
        "known": ", ".join(suitable),
    }
    if given is None and len(suitable) > 1:
        raise error("graph.preset_end_open", key=kind, **words)
    if given is not None and given not in suitable:
        raise error("graph.preset_end_unsuitable", feature=given, **words)
    return given or suitable[0]
