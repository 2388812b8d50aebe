"""What a search may vary, checked before anything is queued; and a graph with other values."""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import ValidationError

from blockwright.contracts.base import LocalizedText
from blockwright.contracts.data import DataSchema
from blockwright.contracts.graph import ExperimentSettings, GraphDocument, ParameterCard
from blockwright.contracts.problems import BlockwrightError, error, in_language
from blockwright.contracts.queue import Limits
from blockwright.contracts.run_groups import (
    AS_DRAWN,
    MOST_TRIALS,
    SNIPPET,
    SearchCreate,
    SettingValue,
    Varied,
    VariedRange,
    VariedValues,
)
from blockwright.contracts.setting_ranges import allowed
from blockwright.graph.analysis import analyse
from blockwright.graph.fitting import between_ends
from blockwright.graph.setting_cards import setting_cards
from blockwright.training.needs import needs_within
from blockwright.training.search import combination, grid_size, is_whole

# All combinations are looked at when there are no more; else each value by itself.
MOST_CHECKED = 300
# What a run is of, not how it is trained.
NOT_VARIED = frozenset({"seed"})
_WORD = LocalizedText(en="Snippet", zh="片段")


def with_values(
    graph: GraphDocument,
    settings: ExperimentSettings,
    schema: DataSchema,
    values: dict[str, SettingValue],
) -> tuple[GraphDocument, ExperimentSettings]:
    """Give an experiment's graph and settings with the values of one trial.

    Raises:
        BlockwrightError: `search.snippet_not_here`, `search.value_wrong`.
    """
    chosen = values.get(SNIPPET, AS_DRAWN)
    if chosen != AS_DRAWN:
        fitted = between_ends(str(chosen), graph, schema, settings)
        if fitted is None:
            raise error("search.snippet_not_here", snippet=str(chosen))
        graph = fitted
    changed = {name: value for name, value in values.items() if name != SNIPPET}
    try:
        return graph, ExperimentSettings.model_validate({**settings.model_dump(), **changed})
    except ValidationError as reason:
        name = str(reason.errors()[0]["loc"][0])
        value = str(changed.get(name))
        raise error(
            "search.value_wrong", **_labels(name), value=value, **_allowed(name)
        ) from reason


def check_varied(search: SearchCreate) -> None:
    """Refuse what is wrong with a search whatever the experiment is.

    Raises:
        BlockwrightError: `search.setting_unknown`, `search.setting_twice`,
            `search.grid_needs_values`, `search.range_wrong`, `search.too_many`.
    """
    names = [each.name for each in search.varied]
    for each in search.varied:
        _check_varied(each, search)
        if names.count(each.name) > 1:
            raise error("search.setting_twice", **_labels(each.name))
    size = grid_size(search.varied)
    if search.method == "grid" and (size or 0) > MOST_TRIALS:
        raise error("search.too_many", trials=size or 0, limit=MOST_TRIALS)


def check_search(
    search: SearchCreate,
    graph: GraphDocument,
    settings: ExperimentSettings,
    schema: DataSchema,
    limits: Limits,
) -> None:
    """Refuse a search that could not run as it is asked for.

    Raises:
        BlockwrightError: `search.value_cannot_run`, and what `check_varied`, `with_values` and
            `needs_within` say.
    """
    check_varied(search)
    for values in _to_check(search.varied):
        _check_values(values, graph, settings, schema, limits)


def _check_values(
    values: dict[str, SettingValue],
    graph: GraphDocument,
    settings: ExperimentSettings,
    schema: DataSchema,
    limits: Limits,
) -> None:
    changed_graph, changed = with_values(graph, settings, schema, values)
    analysis = analyse(changed_graph, schema, changed)
    told = {"values": _in_words(values, "en"), "values_zh": _in_words(values, "zh")}
    found = next((item for item in analysis.problems if item.severity == "error"), None)
    if found is not None:
        first, first_zh = found.problem.message, in_language(found.problem, "zh").message
        raise error("search.value_cannot_run", **told, first=first, first_zh=first_zh)
    try:
        needs_within(limits, analysis, changed)
    except BlockwrightError as reason:
        first, first_zh = reason.problem.message, in_language(reason.problem, "zh").message
        raise error("search.value_cannot_run", **told, first=first, first_zh=first_zh) from reason


def _to_check(varied: list[Varied]) -> Iterator[dict[str, SettingValue]]:
    """Give the combinations, or each value and end of a range by itself."""
    size = grid_size(varied)
    if size is not None and size <= MOST_CHECKED:
        yield from (combination(varied, place) for place in range(size))
        return
    for each in varied:
        ends = each.values if isinstance(each, VariedValues) else [each.low, each.high]
        for value in ends:
            yield {each.name: round(value) if is_whole(each.name) else value}  # type: ignore[arg-type]


def _check_varied(varied: Varied, search: SearchCreate) -> None:
    card = _card(varied.name)
    of_the_data = varied.name in NOT_VARIED or varied.name.endswith("_id")
    if of_the_data or (card is None and varied.name != SNIPPET):
        raise error("search.setting_unknown", setting=varied.name)
    if isinstance(varied, VariedValues):
        return
    if search.method == "grid":
        raise error("search.grid_needs_values", **_labels(varied.name))
    _check_range(varied, card)


def _check_range(varied: VariedRange, card: ParameterCard | None) -> None:
    counted = card is not None and card.control in ("integer", "number")
    least = card.minimum if card is not None and card.minimum is not None else varied.low
    most = card.maximum if card is not None and card.maximum is not None else varied.high
    inside = least <= varied.low < varied.high <= most
    if not counted or not inside or (varied.log and varied.low <= 0):
        raise error(
            "search.range_wrong",
            **_labels(varied.name),
            low=f"{varied.low:g}",
            high=f"{varied.high:g}",
        )


def _card(name: str) -> ParameterCard | None:
    return next((card for card in setting_cards() if card.name == name), None)


def _label(name: str) -> LocalizedText:
    card = _card(name)
    return card.label if card else _WORD if name == SNIPPET else LocalizedText(en=name, zh=name)


def _labels(name: str) -> dict[str, str]:
    label = _label(name)
    return {"setting": label.en, "setting_zh": label.zh}


def _allowed(name: str) -> dict[str, str]:
    words = allowed(name)
    return {"allowed": words.en, "allowed_zh": words.zh}


def _in_words(values: dict[str, SettingValue], language: str) -> str:
    return ", ".join(f"{getattr(_label(name), language)} {value}" for name, value in values.items())
