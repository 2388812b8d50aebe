"""Each block kind has both halves, its cards in both languages, and its entry in the docs."""

from __future__ import annotations

import re
from pathlib import Path
from pkgutil import iter_modules

import blockwright.compiler.blocks as compiler_blocks
import blockwright.graph.blocks as graph_blocks
from blockwright.contracts.base import LocalizedText
from blockwright.contracts.graph import ExperimentSettings, ParameterCard
from blockwright.contracts.training_settings import TrainingSettings
from blockwright.graph.blocks import block_specs
from blockwright.graph.catalogue import catalogue

DOCS = Path(__file__).parents[2] / "docs" / "blocks.md"


def modules(package: object) -> set[str]:
    return {module.name for module in iter_modules(package.__path__)}  # type: ignore[attr-defined]


def section(title: str) -> str:
    """The text under a heading of docs/blocks.md, to the next heading of the same rank."""
    found = re.search(rf"^## {re.escape(title)}$(.*?)(?=^## |\Z)", DOCS.read_text(), re.M | re.S)
    assert found, f"docs/blocks.md has no section “{title}”"
    return found[1]


def test_each_kind_has_its_half_in_graph_and_in_compiler() -> None:
    graph_half, compiler_half = modules(graph_blocks), modules(compiler_blocks)

    assert not graph_half - compiler_half, "missing in compiler/blocks"
    assert not compiler_half - graph_half, "missing in graph/blocks"


def test_the_file_of_a_kind_is_named_after_it() -> None:
    assert set(block_specs()) == modules(graph_blocks)


def test_each_parameter_that_is_built_has_a_card() -> None:
    folder = Path(next(iter(compiler_blocks.__path__)))
    for kind, spec in block_specs().items():
        text = (folder / f"{kind}.py").read_text(encoding="utf-8")
        used = set(re.findall(r'\b(?:whole|number|word|switch|sides)\(params, "(\w+)"\)', text))
        assert not used - set(spec.defaults), f"{kind} builds with parameters that have no card"


def test_every_card_speaks_both_languages() -> None:
    found = catalogue()
    cards = [card for item in found.blocks for card in item.params] + found.settings
    words = [(c.name, text) for c in cards for text in texts(c)]
    words += [(b.kind, text) for b in found.blocks for text in (b.label, b.what)]
    words += [(s.name, text) for s in found.snippets for text in (s.label, s.what)]
    for name, text in words:
        assert text.en.strip(), name
        assert text.zh.strip(), name


def texts(card: ParameterCard) -> list[LocalizedText]:
    choices = [choice.label for choice in card.choices or []]
    return [card.label, card.what, card.why_default, card.effect, *choices]


def test_every_block_and_parameter_has_its_entry_in_the_docs() -> None:
    for item in catalogue().blocks:
        text = section(item.label.en)
        for card in item.params:
            assert f"**{card.label.en}**" in text, f"{item.label.en}: {card.label.en}"


def test_every_snippet_and_setting_has_its_entry_in_the_docs() -> None:
    for snippet in catalogue().snippets:
        assert f"**{snippet.label.en}**" in section("Snippets"), snippet.label.en
    for card in catalogue().settings:
        assert f"**{card.label.en}**" in section("Settings"), card.label.en


def test_every_setting_has_a_card_with_the_settings_own_default() -> None:
    defaults = {name: field.default for name, field in ExperimentSettings.model_fields.items()}

    assert {card.name: card.default for card in catalogue().settings} == defaults


def test_a_setting_goes_only_with_a_value_that_can_be_chosen() -> None:
    cards = {card.name: card for card in catalogue().settings}
    needed = [card.only_with for card in cards.values() if card.only_with]
    assert {"optimizer", "schedule", "mixup"} <= {other.name for other in needed}
    for other in needed:
        choices = {choice.value for choice in cards[other.name].choices or []}
        assert set(other.values) <= choices
        has_off = cards[other.name].zero or "none" in choices
        assert other.values or has_off, "any value but which?"


def test_every_setting_has_a_place_in_the_form() -> None:
    assert all(card.group for card in catalogue().settings)


def test_the_range_of_a_setting_is_that_of_its_card() -> None:
    for card in catalogue().settings:
        bounds = {
            name: getattr(limit, name)
            for limit in ExperimentSettings.model_fields[card.name].metadata
            for name in ("ge", "le")
            if hasattr(limit, name)
        }
        assert bounds.get("le", card.maximum) == card.maximum, card.name
        assert bounds.get("ge", card.minimum) == card.minimum, card.name


def test_every_setting_of_a_file_is_explained_there() -> None:
    text = (DOCS.parent / "studio-file.md").read_text(encoding="utf-8")
    for name in TrainingSettings.model_fields:
        assert f"`{name}`" in text, name


def test_zero_is_explained_where_it_means_off() -> None:
    explained = {card.name for card in catalogue().settings if card.zero}
    assert explained == {
        *(
            "time_limit_minutes",
            "first_stage_epochs",
            "warmup",
            "weight_decay",
            "label_smoothing",
            "average",
            "mixup",
            "time_masks",
            "frequency_masks",
            "time_shift",
            "threads",
        ),
        "early_stopping_epochs",
    }
