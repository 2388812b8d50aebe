"""Changes of a draft, as the API offers them: each one is a function on a `DraftState`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from blockwright.contracts.data import (
    ClassOrderFromFile,
    Correction,
    FeaturesChange,
    FeatureSetCreate,
    FeatureSetRename,
    Version,
)
from blockwright.contracts.subsets import FoldsCreate, SubsetChange, SubsetCreate, SubsetList
from blockwright.datasets import feature_drafts, subset_drafts
from blockwright.store.uploads import UploadStore

if TYPE_CHECKING:
    from blockwright.datasets.service import DatasetService


class DraftService:
    """Features, feature sets, subsets and corrections of a draft.

    Every method raises `data.version_not_found`, `data.version_is_frozen` or
    `data.version_is_saving` beside what its function says.
    """

    def __init__(self, datasets: DatasetService, uploads: UploadStore) -> None:
        """Change the drafts of `datasets`."""
        self._datasets = datasets
        self._uploads = uploads

    def change_features(self, version_id: str, wanted: FeaturesChange) -> Version:
        """Change the name, type, encoding or missing values of features."""
        return self._datasets.edit(
            version_id, lambda draft: feature_drafts.change_features(draft, wanted)
        )

    def set_class_order(self, version_id: str, wanted: ClassOrderFromFile) -> Version:
        """Take the order of classes from an uploaded file; its bytes are not kept."""
        from blockwright.datasets.labels import read_classes  # noqa: PLC0415 - rarely asked for

        upload = self._uploads.get(wanted.upload_id)
        path = self._uploads.path(wanted.upload_id)
        try:
            classes = read_classes(path, upload.file_name)
            return self._datasets.edit(
                version_id,
                lambda draft: feature_drafts.set_class_order(draft, wanted.feature, classes),
            )
        finally:
            self._uploads.remove(wanted.upload_id)

    def add_feature_set(self, version_id: str, wanted: FeatureSetCreate) -> Version:
        """Bundle features under one name."""
        return self._datasets.edit(
            version_id, lambda draft: feature_drafts.make_feature_set(draft, wanted)
        )

    def rename_feature_set(
        self, version_id: str, feature_set_id: str, wanted: FeatureSetRename
    ) -> Version:
        """Give a feature set another name."""
        return self._datasets.edit(
            version_id,
            lambda draft: feature_drafts.rename_feature_set(draft, feature_set_id, wanted.name),
        )

    def remove_feature_set(self, version_id: str, feature_set_id: str) -> Version:
        """Unbundle a feature set."""
        return self._datasets.edit(
            version_id, lambda draft: feature_drafts.remove_feature_set(draft, feature_set_id)
        )

    def add_subset(self, version_id: str, wanted: SubsetCreate) -> Version:
        """Add a subset; others may give its rows up."""
        return self._datasets.edit(
            version_id, lambda draft: subset_drafts.add_subset(draft, wanted)
        )

    def add_folds(self, version_id: str, wanted: FoldsCreate) -> Version:
        """Add the subsets of k folds."""
        return self._datasets.edit(version_id, lambda draft: subset_drafts.add_folds(draft, wanted))

    def change_subset(self, version_id: str, subset_id: str, wanted: SubsetChange) -> Version:
        """Give a subset another name or rule."""
        return self._datasets.edit(
            version_id, lambda draft: subset_drafts.change_subset(draft, subset_id, wanted)
        )

    def remove_subset(self, version_id: str, subset_id: str) -> Version:
        """Remove a subset."""
        return self._datasets.edit(
            version_id, lambda draft: subset_drafts.remove_subset(draft, subset_id)
        )

    def put_subsets_back(self, version_id: str, before: SubsetList) -> Version:
        """Take a change of the subsets back."""
        return self._datasets.edit(version_id, lambda draft: subset_drafts.put_back(draft, before))

    def correct(self, version_id: str, wanted: Correction) -> Version:
        """Give one value another content, or its own back."""
        return self._datasets.edit(version_id, lambda draft: feature_drafts.correct(draft, wanted))
