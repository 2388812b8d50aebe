"""Changes of a draft, as the API offers them: each one is a function on a `DraftState`."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from typing import TYPE_CHECKING

from blockwright.contracts.data import (
    ClassOrderFromFile,
    Correction,
    DraftChange,
    DraftChangeKind,
    FeatureChange,
    FeaturesChange,
    FeatureSetCreate,
    FeatureSetRename,
    LeftOutChange,
    Version,
)
from blockwright.contracts.subsets import FoldsCreate, SubsetChange, SubsetCreate
from blockwright.datasets import feature_drafts, subset_drafts
from blockwright.datasets.draft_state import DraftState
from blockwright.store.uploads import UploadStore

if TYPE_CHECKING:
    from blockwright.datasets.version_service import VersionService


class DraftService:
    """Features, feature sets, subsets, corrections and left-out rows of a draft.

    Every method raises `data.version_not_found`, `data.version_is_frozen` or
    `data.version_is_saving` beside what its function says, and is one step of undo.
    """

    def __init__(self, versions: VersionService, uploads: UploadStore) -> None:
        """Change the drafts of `versions`."""
        self._versions = versions
        self._uploads = uploads

    def change_features(self, version_id: str, wanted: FeaturesChange) -> Version:
        """Change the name, type, encoding or missing values of features."""
        return self.change_features_together(version_id, [wanted])

    def change_features_together(
        self, version_id: str, wanted: Sequence[FeaturesChange]
    ) -> Version:
        """Change features in several ways: all of it or nothing."""
        count = len({name for each in wanted for name in each.names})
        told = DraftChange(kind=_kind(wanted[0].change), name=wanted[0].names[0], count=count)
        return self._versions.edit(
            version_id,
            lambda draft: reduce(feature_drafts.change_features, wanted, draft),
            lambda _: told,
        )

    def undo(self, version_id: str) -> Version:
        """Take the last change back. Raises `data.nothing_to_undo`."""
        return self._versions.undo(version_id)

    def redo(self, version_id: str) -> Version:
        """Make the last undone change again. Raises `data.nothing_to_redo`."""
        return self._versions.redo(version_id)

    def set_class_order(self, version_id: str, wanted: ClassOrderFromFile) -> Version:
        """Take the order of classes from an uploaded file; its bytes are not kept."""
        from blockwright.datasets.labels import read_classes  # noqa: PLC0415 - rarely asked for

        upload = self._uploads.get(wanted.upload_id)
        path = self._uploads.path(wanted.upload_id)
        try:
            classes = read_classes(path, upload.file_name)
            return self._versions.edit(
                version_id,
                lambda draft: feature_drafts.set_class_order(draft, wanted.feature, classes),
                lambda _: DraftChange(kind="class_order", name=wanted.feature),
            )
        finally:
            self._uploads.remove(wanted.upload_id)

    def add_feature_set(self, version_id: str, wanted: FeatureSetCreate) -> Version:
        """Bundle features under one name."""
        return self._versions.edit(
            version_id,
            lambda draft: feature_drafts.make_feature_set(draft, wanted),
            lambda _: DraftChange(kind="set_added", name=wanted.name),
        )

    def rename_feature_set(
        self, version_id: str, feature_set_id: str, wanted: FeatureSetRename
    ) -> Version:
        """Give a feature set another name."""
        return self._versions.edit(
            version_id,
            lambda draft: feature_drafts.rename_feature_set(draft, feature_set_id, wanted.name),
            lambda _: DraftChange(kind="set_renamed", name=wanted.name),
        )

    def remove_feature_set(self, version_id: str, feature_set_id: str) -> Version:
        """Unbundle a feature set."""
        return self._versions.edit(
            version_id,
            lambda draft: feature_drafts.remove_feature_set(draft, feature_set_id),
            lambda draft: DraftChange(
                kind="set_removed",
                name=feature_drafts.find_feature_set(draft, feature_set_id).name,
            ),
        )

    def add_subset(self, version_id: str, wanted: SubsetCreate) -> Version:
        """Add a subset; others may give its rows up."""
        return self._versions.edit(
            version_id,
            lambda draft: subset_drafts.add_subset(draft, wanted),
            lambda _: DraftChange(kind="subset_added", name=wanted.name),
        )

    def add_folds(self, version_id: str, wanted: FoldsCreate) -> Version:
        """Add the subsets of k folds."""
        return self._versions.edit(
            version_id,
            lambda draft: subset_drafts.add_folds(draft, wanted),
            lambda _: DraftChange(kind="folds_added", count=wanted.folds),
        )

    def change_subset(self, version_id: str, subset_id: str, wanted: SubsetChange) -> Version:
        """Give a subset another name or rule."""
        return self._versions.edit(
            version_id,
            lambda draft: subset_drafts.change_subset(draft, subset_id, wanted),
            lambda draft: _of_subset("subset_changed", draft, subset_id),
        )

    def remove_subset(self, version_id: str, subset_id: str) -> Version:
        """Remove a subset."""
        return self._versions.edit(
            version_id,
            lambda draft: subset_drafts.remove_subset(draft, subset_id),
            lambda draft: _of_subset("subset_removed", draft, subset_id),
        )

    def correct(self, version_id: str, wanted: Correction) -> Version:
        """Give one value another content, or its own back."""
        return self._versions.edit(
            version_id,
            lambda draft: feature_drafts.correct(draft, wanted),
            lambda _: DraftChange(kind="correction", name=wanted.feature, row=wanted.row),
        )

    def change_left_out(self, version_id: str, wanted: LeftOutChange) -> Version:
        """Leave rows out, or take them back."""
        from blockwright.datasets import left_out  # noqa: PLC0415 - brings Polars

        return self._versions.edit(
            version_id,
            lambda draft: left_out.change_left_out(draft, wanted),
            lambda draft: left_out.told(draft, wanted),
        )


def _kind(change: FeatureChange) -> DraftChangeKind:
    """Say what a change of features is for the most part: a new type brings its encoding along."""
    if change.type is not None:
        return "type"
    if change.encoding is not None:
        return "encoding"
    return "feature_renamed" if change.name is not None else "missing"


def _of_subset(kind: DraftChangeKind, draft: DraftState, subset_id: str) -> DraftChange:
    return DraftChange(kind=kind, name=subset_drafts.find_subset(draft.subsets, subset_id).name)
