"""Routes that change a draft: features, feature sets, subsets, corrections, left-out rows, undo."""

from __future__ import annotations

from fastapi import APIRouter

from blockwright.contracts.data import (
    ClassOrderFromFile,
    Correction,
    FeaturesChange,
    FeaturesChanges,
    FeatureSetCreate,
    FeatureSetRename,
    LeftOutChange,
    Version,
)
from blockwright.contracts.subsets import FoldsCreate, SubsetChange, SubsetCreate
from blockwright.server.services import ServicesOf

router = APIRouter(tags=["datasets"])


@router.patch("/versions/{version_id}/features")
def change_features(version_id: str, wanted: FeaturesChange, services: ServicesOf) -> Version:
    """Change the name, type, encoding or missing values of features of a draft."""
    return services.drafts.change_features(version_id, wanted)


@router.patch("/versions/{version_id}/features/several")
def change_features_together(
    version_id: str, wanted: FeaturesChanges, services: ServicesOf
) -> Version:
    """Make several changes of features of a draft at once: all of them or none."""
    return services.drafts.change_features_together(version_id, wanted.changes)


@router.post("/versions/{version_id}/undo")
def undo_change(version_id: str, services: ServicesOf) -> Version:
    """Take the last change of a draft back."""
    return services.drafts.undo(version_id)


@router.post("/versions/{version_id}/redo")
def redo_change(version_id: str, services: ServicesOf) -> Version:
    """Make the last undone change of a draft again."""
    return services.drafts.redo(version_id)


@router.post("/versions/{version_id}/class-order")
def set_class_order(version_id: str, wanted: ClassOrderFromFile, services: ServicesOf) -> Version:
    """Take the order of classes from an uploaded file such as sample_submission.csv."""
    return services.drafts.set_class_order(version_id, wanted)


@router.post("/versions/{version_id}/feature-sets", status_code=201)
def create_feature_set(version_id: str, wanted: FeatureSetCreate, services: ServicesOf) -> Version:
    """Bundle features of a draft under one name."""
    return services.drafts.add_feature_set(version_id, wanted)


@router.patch("/versions/{version_id}/feature-sets/{feature_set_id}")
def rename_feature_set(
    version_id: str, feature_set_id: str, wanted: FeatureSetRename, services: ServicesOf
) -> Version:
    """Give a feature set of a draft another name."""
    return services.drafts.rename_feature_set(version_id, feature_set_id, wanted)


@router.delete("/versions/{version_id}/feature-sets/{feature_set_id}")
def remove_feature_set(version_id: str, feature_set_id: str, services: ServicesOf) -> Version:
    """Unbundle a feature set of a draft."""
    return services.drafts.remove_feature_set(version_id, feature_set_id)


@router.post("/versions/{version_id}/subsets", status_code=201)
def create_subset(version_id: str, wanted: SubsetCreate, services: ServicesOf) -> Version:
    """Add a subset to a draft; others may give its rows up."""
    return services.drafts.add_subset(version_id, wanted)


@router.post("/versions/{version_id}/folds", status_code=201)
def create_folds(version_id: str, wanted: FoldsCreate, services: ServicesOf) -> Version:
    """Add the subsets of k folds to a draft."""
    return services.drafts.add_folds(version_id, wanted)


@router.put("/versions/{version_id}/subsets/{subset_id}")
def change_subset(
    version_id: str, subset_id: str, wanted: SubsetChange, services: ServicesOf
) -> Version:
    """Give a subset of a draft another name or rule."""
    return services.drafts.change_subset(version_id, subset_id, wanted)


@router.delete("/versions/{version_id}/subsets/{subset_id}")
def remove_subset(version_id: str, subset_id: str, services: ServicesOf) -> Version:
    """Remove a subset of a draft."""
    return services.drafts.remove_subset(version_id, subset_id)


@router.post("/versions/{version_id}/corrections")
def correct_value(version_id: str, wanted: Correction, services: ServicesOf) -> Version:
    """Give one value of a draft's row another content, or its own back."""
    return services.drafts.correct(version_id, wanted)


@router.post("/versions/{version_id}/left-out")
def change_left_out(version_id: str, wanted: LeftOutChange, services: ServicesOf) -> Version:
    """Leave rows of a draft out of everything, or take them back."""
    return services.drafts.change_left_out(version_id, wanted)
