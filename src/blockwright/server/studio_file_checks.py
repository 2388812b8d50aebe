"""What of a studio file can be seen to be wrong before any data is brought in.

Takes   a `StudioFile` and the folder that its paths start at.
Gives   nothing, or the first thing that would only be missed minutes or hours later.
Never   asks for the data: what depends on it is told where the experiment is made.
"""

from __future__ import annotations

from pathlib import Path

from blockwright.contracts.graph import GraphDocument
from blockwright.contracts.problems import BlockwrightError, Problem, error, problem
from blockwright.contracts.run_groups import AS_DRAWN, SNIPPET, VariedRange, VariedValues
from blockwright.contracts.setting_ranges import allowed, may_be
from blockwright.contracts.studio_file import (
    AudioData,
    FileExperiment,
    FileSearch,
    StudioFile,
    ZipData,
)
from blockwright.contracts.training_settings import TrainingSettings
from blockwright.graph.catalogue import catalogue
from blockwright.graph.presets import preset_settings
from blockwright.graph.schedules import warmup_steps
from blockwright.training.search import is_whole
from blockwright.training.search_checks import check_varied

SAMPLE_WORD = "sample"
# No version has fewer, and the fewer rows, the more epochs a preset has.
_FEWEST_ROWS = 1


def check_before_data(wanted: StudioFile, base: Path) -> None:
    """Refuse what cannot be carried out whatever the data is.

    Raises:
        BlockwrightError: `delivery.path_not_found`, `graph.preset_unknown`,
            `studio_file.snippet_unknown`, `studio_file.warmup_too_long`,
            `studio_file.value_wrong`, and what `check_varied` says.
    """
    _check_paths(wanted, base)
    if wanted.experiment.snippet is not None:
        snippet_named(wanted.experiment.snippet)
    _check_warmup(wanted.experiment)
    if isinstance(wanted.runs, FileSearch):
        _check_varied_values(wanted.runs)
        check_varied(wanted.runs)


def given_path(base: Path, given: str) -> Path:
    """Give a path that the file names; a relative one starts at `base`.

    Raises:
        BlockwrightError: `delivery.path_not_found`.
    """
    path = (base / Path(given).expanduser()).resolve()
    if not path.exists():
        raise error("delivery.path_not_found", path=str(path))
    return path


def snippet_named(name: str) -> GraphDocument:
    """Give the graph of a snippet. Raises `studio_file.snippet_unknown`."""
    cards = {card.name: card for card in catalogue().snippets}
    if name not in cards:
        raise error("studio_file.snippet_unknown", name=name, known=", ".join(cards))
    return cards[name].graph


def value_wrong(key: str, under: str, value: object) -> Problem:
    """Tell that a training setting cannot have a value, with all it may be.

    Args:
        key: Name of the setting.
        under: Where in the studio file it stands, e.g. `experiment.settings`.
        value: As the file gives it.
    """
    may = allowed(key)
    told = {"allowed": may.en, "allowed_zh": may.zh}
    return problem("studio_file.value_wrong", key=key, under=under, value=_told(value), **told)


def _told(value: object) -> str:
    return f"{value:,.15g}" if isinstance(value, float) else str(value)


def _check_varied_values(search: FileSearch) -> None:
    for each in search.varied:
        given = each.values if isinstance(each, VariedValues) else [each.low, each.high]
        if each.name == SNIPPET:
            for name in given:
                if name != AS_DRAWN:
                    snippet_named(str(name))
        if each.name not in TrainingSettings.model_fields:
            continue
        # The numbers of a range are rounded where the setting counts.
        rounds = isinstance(each, VariedRange) and is_whole(each.name)
        for value in given:
            if not may_be(each.name, round(float(value)) if rounds else value):
                raise BlockwrightError(value_wrong(each.name, "runs.varied", value))


def _check_paths(wanted: StudioFile, base: Path) -> None:
    data, submission = wanted.dataset.from_, wanted.outputs.submission
    named: list[str | None] = []
    if isinstance(data, AudioData):
        named += [data.folder, data.labels, data.classes]
    elif isinstance(data, ZipData):
        named.append(data.path)
    if submission is not None:
        named += [submission.sample_submission, submission.test_audio]
    for given in named:
        if given is not None and given != SAMPLE_WORD:
            given_path(base, given)


def _check_warmup(wanted: FileExperiment) -> None:
    recipe = {} if wanted.preset is None else preset_settings(wanted.preset, _FEWEST_ROWS)
    given = wanted.settings.model_dump(exclude_unset=True)
    settings = TrainingSettings.model_validate({**recipe, **given})
    # How many steps an epoch has is not known yet.
    in_epochs = settings.warmup_unit == "epochs"
    if in_epochs and warmup_steps(settings, steps_per_epoch=1) >= settings.epochs:
        warmup = f"{settings.warmup:,.15g}"
        raise error("studio_file.warmup_too_long", warmup=warmup, epochs=settings.epochs)
