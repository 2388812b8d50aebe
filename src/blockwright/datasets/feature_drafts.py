"""What may be done to the features and feature sets of a draft, and to single values.

Takes   the state of a draft and what is wanted.
Gives   the new state; shape, classes, histogram and gaps of the touched features anew.
Never   changes a value that nobody named, nor makes a gap without a choice for it.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from blockwright.contracts.data import (
    Correction,
    Feature,
    FeatureChange,
    FeaturesChange,
    FeatureSet,
    FeatureSetCreate,
)
from blockwright.contracts.encodings import (
    CategoricalEncoding,
    ClassOrder,
    Encoding,
    FeatureType,
    MultiLabelEncoding,
    NumericEncoding,
    TensorEncoding,
)
from blockwright.contracts.problems import error
from blockwright.contracts.subsets import Condition, SubsetRule
from blockwright.datasets.draft_state import DraftState
from blockwright.datasets.encoders.choices import (
    FITTING_CHOICES,
    default_encoding,
    require_fitting_choice,
    require_fitting_encoding,
    require_fitting_value,
)

if TYPE_CHECKING:
    from blockwright.datasets.folder import DatasetContent

SET_TYPES = frozenset({"binary", "numeric"})
TABLE_TYPES: tuple[FeatureType, ...] = ("numeric", "binary", "categorical", "multi_label", "text")


def change_features(state: DraftState, wanted: FeaturesChange) -> DraftState:
    """Make the same change to many features.

    A type or encoding that some cells do not fit is refused, unless a choice on gaps comes
    in the same change: then these cells become gaps.

    Raises:
        BlockwrightError: `data.feature_not_found`, `data.name_taken`,
            `data_encoding.rename_one`, `data_encoding.type_not_possible`,
            `data_encoding.cells_do_not_fit`, `data_encoding.cells_of_file_do_not_fit`,
            `data_encoding.no_cell_fits`, `data_encoding.type_in_set`,
            `data_encoding.encoding_does_not_fit`, `data_encoding.choice_does_not_fit` and
            what else the checks of `encoders.choices` and `encoders.classes` raise.
    """
    names = list(dict.fromkeys(wanted.names))
    before = {name: find_feature(state.features, name) for name in names}
    change = wanted.change
    if change.type is not None:
        _require_possible_type(state, before, change.type)
    after = {name: _changed(feature, change) for name, feature in before.items()}
    touched = [name for name in names if reads_differently(before[name], after[name])]
    if touched:
        from blockwright.datasets.feature_statistics import described  # noqa: PLC0415

        makes_gaps = change.missing is not None
        fresh = [after[name] for name in touched]
        for feature in described(state, fresh, makes_gaps=makes_gaps):
            after[feature.name] = feature
    for feature in after.values():
        if feature.missing is not None:
            delimiter = getattr(feature.encoding, "delimiter", ",")
            require_fitting_choice(
                feature.name, feature.type, feature.missing, feature.classes, delimiter
            )
    features = [_shaped(after[f.name], state) if f.name in after else f for f in state.features]
    state = _with_sets(replace(state, features=features), after)
    return state if change.name is None else _renamed(state, names, change.name)


def counted_anew(state: DraftState, names: Sequence[str]) -> DraftState:
    """Count features again after rows have come: gaps, classes, histograms, and all sets.

    Cells that do not fit become gaps, as those before them did. Labels that the list of an
    order lacks stand behind it: saving the version names them.

    Args:
        state: With the new rows.
        names: Features that are read otherwise than an import proposed.
    """
    from blockwright.datasets.feature_statistics import described  # noqa: PLC0415

    asked = [find_feature(state.features, name) for name in names]
    anew = described(state, asked, makes_gaps=True, beyond_template=True)
    fresh = {feature.name: feature for feature in anew}
    features = [_shaped(fresh.get(each.name, each), state) for each in state.features]
    everything = {feature.name: feature for feature in features}
    return _with_sets(replace(state, features=features), everything)


def set_class_order(state: DraftState, feature: str, classes: list[str]) -> DraftState:
    """Give a feature the classes of a list, in its order.

    Raises:
        BlockwrightError: `data.feature_not_found`, `data_encoding.has_no_classes`,
            `data_encoding.list_without_labels`, `data_encoding.label_not_in_template`,
            `data_encoding.too_many_classes`, `data_encoding.class_named_twice`.
    """
    from blockwright.datasets.encoders.choices import require_few_classes  # noqa: PLC0415

    found = find_feature(state.features, feature)
    encoding, labels = found.encoding, found.classes or []
    if not isinstance(encoding, CategoricalEncoding | MultiLabelEncoding):
        raise error("data_encoding.has_no_classes", name=feature)
    require_few_classes(feature, classes)
    if labels and set(labels).isdisjoint(classes):
        listed = ", ".join(f"“{name[:40]}”" for name in classes[:3])
        raise error(
            "data_encoding.list_without_labels", name=feature, listed=listed, label=labels[0]
        )
    order = ClassOrder(by="template", template=classes)
    change = FeatureChange(encoding=encoding.model_copy(update={"order": order}))
    return change_features(state, FeaturesChange(names=[feature], change=change))


def find_feature(features: Sequence[Feature], name: str) -> Feature:
    """Give a feature by name. Raises `data.feature_not_found`."""
    for feature in features:
        if feature.name == name:
            return feature
    raise error("data.feature_not_found", name=name)


def make_feature_set(state: DraftState, wanted: FeatureSetCreate) -> DraftState:
    """Bundle features in the order of the columns, and count their classes.

    Raises:
        BlockwrightError: `data.name_taken`, `data.feature_not_found`,
            `data.feature_named_twice`, `data.feature_set_mixed`.
    """
    from blockwright.datasets.feature_statistics import with_counts  # noqa: PLC0415

    _require_free(
        wanted.name, [f.name for f in state.features] + [s.name for s in state.feature_sets]
    )
    chosen = set(wanted.features)
    if len(chosen) != len(wanted.features):
        twice = next(name for name in wanted.features if wanted.features.count(name) > 1)
        raise error("data.feature_named_twice", name=twice)
    by_name = {feature.name: feature for feature in state.features}
    for name in wanted.features:
        if name not in by_name:
            raise error("data.feature_not_found", name=name)
        if by_name[name].type not in SET_TYPES:
            raise error("data.feature_set_mixed", name=name, type=by_name[name].type)
    bundled = [feature for feature in state.features if feature.name in chosen]
    made = FeatureSet(
        id=f"set_{secrets.token_hex(8)}",
        name=wanted.name,
        features=[feature.name for feature in bundled],
        shape=[len(bundled)],
        kind="binary" if all(f.type == "binary" for f in bundled) else "numeric",
        counts=[],
    )
    return replace(state, feature_sets=[*state.feature_sets, with_counts(state, made)])


def rename_feature_set(state: DraftState, set_id: str, name: str) -> DraftState:
    """Rename a feature set; subsets that are stratified by it follow.

    Raises:
        BlockwrightError: `data.feature_set_not_found`, `data.name_taken`.
    """
    bundle = find_feature_set(state, set_id)
    others = [each.name for each in state.feature_sets if each.id != set_id]
    _require_free(name, [f.name for f in state.features] + others)
    renamed = bundle.model_copy(update={"name": name})
    sets = [renamed if each.id == set_id else each for each in state.feature_sets]
    return _rules_following(replace(state, feature_sets=sets), bundle.name, name)


def remove_feature_set(state: DraftState, set_id: str) -> DraftState:
    """Remove a feature set; its features stay.

    Raises:
        BlockwrightError: `data.feature_set_not_found`, `data_encoding.set_is_leaned_on`.
    """
    gone = find_feature_set(state, set_id)
    for subset in state.subsets:
        if subset.rule.stratify_by == gone.name:
            raise error("data_encoding.set_is_leaned_on", name=gone.name, subset=subset.name)
    sets = [each for each in state.feature_sets if each.id != set_id]
    return replace(state, feature_sets=sets)


def correct(state: DraftState, wanted: Correction) -> DraftState:
    """Give one cell another value, or its own one back.

    Raises:
        BlockwrightError: `data.feature_not_found`, `data.row_not_found`,
            `data_encoding.not_correctable`, `data_encoding.value_does_not_fit`.
    """
    from blockwright.datasets.feature_statistics import described  # noqa: PLC0415

    feature = find_feature(state.features, wanted.feature)
    if wanted.row >= state.rows:
        raise error("data.row_not_found", row=wanted.row, rows=state.rows)
    if feature.type not in TABLE_TYPES:
        raise error("data_encoding.not_correctable", name=feature.name, type=feature.type)
    kept = [c for c in state.corrections if (c.row, c.feature) != (wanted.row, wanted.feature)]
    if not wanted.restore:
        if wanted.value is not None:
            delimiter = getattr(feature.encoding, "delimiter", ",")
            require_fitting_value(
                feature.name, feature.type, wanted.value, feature.classes, delimiter
            )
        kept.append(wanted)
    state = replace(state, corrections=kept)
    # Classes stay those that they are: a class whose last row was corrected is still one.
    (anew,) = described(state, [feature], makes_gaps=True, beyond_template=True)
    anew = anew.model_copy(update={"classes": feature.classes})
    features = [anew if each.name == feature.name else each for each in state.features]
    return _with_sets(replace(state, features=features), {feature.name: anew})


def find_feature_set(state: DraftState, set_id: str) -> FeatureSet:
    """Give a feature set by id. Raises `data.feature_set_not_found`."""
    for bundle in state.feature_sets:
        if bundle.id == set_id:
            return bundle
    raise error("data.feature_set_not_found")


def _changed(feature: Feature, change: FeatureChange) -> Feature:
    """Give a feature with another type, encoding and choice, as far as they fit one another."""
    kind = change.type or feature.type
    encoding = feature.encoding
    if kind != feature.type:
        encoding = default_encoding(kind)
    if change.encoding is not None:
        encoding = _with_own_settings(change.encoding, feature)
    require_fitting_encoding(feature.name, kind, encoding)
    missing = feature.missing
    fits = missing is None or missing.kind in FITTING_CHOICES[kind]
    if change.missing is not None:
        missing = change.missing
    elif change.missing_undecided or kind != feature.type or not fits:
        missing = None
    update = {"type": kind, "encoding": encoding, "missing": missing}
    if kind != feature.type:
        update |= {"evidence": None, "classes": None}
    return feature.model_copy(update=update)


def _with_own_settings(encoding: Encoding, feature: Feature) -> Encoding:
    """Keep what came with the data: how a tensor's spectrogram was made is no choice."""
    if isinstance(encoding, TensorEncoding) and isinstance(feature.encoding, TensorEncoding):
        return encoding.model_copy(update={"spectrogram": feature.encoding.spectrogram})
    return encoding


def reads_differently(before: Feature, after: Feature) -> bool:
    """Say whether cells have to be read anew: normalisations and sizes do not need it."""
    if before.type != after.type:
        return True
    old, new = before.encoding, after.encoding
    if isinstance(old, NumericEncoding) and isinstance(new, NumericEncoding):
        return old.decimal_comma != new.decimal_comma
    if isinstance(old, MultiLabelEncoding) and isinstance(new, MultiLabelEncoding):
        has_other_cells = old.delimiter != new.delimiter
    else:
        has_other_cells = False
    own = [
        each.missing is not None and each.missing.kind == "own_category" for each in (before, after)
    ]
    has_other_order = getattr(old, "order", None) != getattr(new, "order", None)
    return has_other_cells or has_other_order or own[0] != own[1]


def _require_possible_type(
    state: DraftState, features: dict[str, Feature], kind: FeatureType
) -> None:
    from blockwright.datasets.folder import read_content  # noqa: PLC0415

    content = read_content(state.content_folder)
    for feature in features.values():
        possible = possible_types(feature, content)
        if kind not in possible:
            raise error(
                "data_encoding.type_not_possible",
                name=feature.name,
                type=kind,
                possible=", ".join(possible),
            )
        bundle = next((s for s in state.feature_sets if feature.name in s.features), None)
        if bundle is not None and kind not in SET_TYPES:
            raise error(
                "data_encoding.type_in_set",
                name=feature.name,
                set=bundle.name,
                type=kind,
            )


def possible_types(feature: Feature, content: DatasetContent) -> tuple[FeatureType, ...]:
    """Give the types that a feature can have, by what lies behind its column.

    Of recordings, images and arrays the cells are paths: they can be words too.
    """
    if feature.column in content.media:
        return (content.media[feature.column].kind, "text", "categorical")
    if feature.column in content.tensors:
        return ("tensor", "text", "categorical")
    return TABLE_TYPES


def _shaped(feature: Feature, state: DraftState) -> Feature:
    from blockwright.datasets.encoders.choices import encoded_shape  # noqa: PLC0415

    tensor_shape: Sequence[int] = feature.shape
    if feature.type == "tensor":
        from blockwright.datasets.folder import read_content  # noqa: PLC0415

        tensor_shape = read_content(state.content_folder).tensors[feature.column].row_shape
    shape = encoded_shape(
        feature.encoding, classes=len(feature.classes or ()), tensor_shape=tensor_shape
    )
    return feature.model_copy(update={"shape": shape})


def _with_sets(state: DraftState, touched: dict[str, Feature]) -> DraftState:
    """Bring sets that hold a touched feature up to date."""
    from blockwright.datasets.feature_statistics import with_counts  # noqa: PLC0415

    types = {feature.name: feature.type for feature in state.features}
    sets: list[FeatureSet] = []
    for bundle in state.feature_sets:
        if touched.keys().isdisjoint(bundle.features):
            sets.append(bundle)
            continue
        is_binary = all(types[name] == "binary" for name in bundle.features)
        anew = bundle.model_copy(update={"kind": "binary" if is_binary else "numeric"})
        sets.append(with_counts(state, anew))
    return replace(state, feature_sets=sets)


def _renamed(state: DraftState, names: list[str], name: str) -> DraftState:
    if len(names) != 1:
        raise error("data_encoding.rename_one", features=len(names))
    old = names[0]
    others = [f.name for f in state.features if f.name != old]
    _require_free(name, others + [bundle.name for bundle in state.feature_sets])

    def anew(given: str) -> str:
        return name if given == old else given

    features = [f.model_copy(update={"name": name}) if f.name == old else f for f in state.features]
    sets = [
        bundle.model_copy(update={"features": [anew(each) for each in bundle.features]})
        for bundle in state.feature_sets
    ]
    corrections = [c.model_copy(update={"feature": anew(c.feature)}) for c in state.corrections]
    state = replace(state, features=features, feature_sets=sets, corrections=corrections)
    return _rules_following(state, old, name)


def _rules_following(state: DraftState, old: str, name: str) -> DraftState:
    """Let the rules of subsets name a renamed feature or set as it is called now."""

    def anew(given: str | None) -> str | None:
        return name if given == old else given

    def condition(given: Condition) -> Condition:
        update = {"feature": anew(given.feature), "parts": [condition(p) for p in given.parts]}
        return given.model_copy(update=update)

    def rule(given: SubsetRule) -> SubsetRule:
        return given.model_copy(
            update={
                "stratify_by": anew(given.stratify_by),
                "group_by": anew(given.group_by),
                "feature": anew(given.feature),
                "condition": condition(given.condition) if given.condition else None,
            }
        )

    subsets = [each.model_copy(update={"rule": rule(each.rule)}) for each in state.subsets]
    return replace(state, subsets=subsets)


def _require_free(name: str, taken: Sequence[str]) -> None:
    if name.strip().casefold() in {other.strip().casefold() for other in taken}:
        raise error("data.name_taken", name=name)
