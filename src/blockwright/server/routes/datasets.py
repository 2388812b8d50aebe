"""Routes of datasets, drafts and frozen versions."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from blockwright.contracts.data import (
    Dataset,
    DatasetCreate,
    DatasetRename,
    FeatureChange,
    FeatureSetCreate,
    RowPage,
    SubsetChange,
    SubsetCreate,
    Version,
)
from blockwright.contracts.problems import Language
from blockwright.server.errors import language_of
from blockwright.server.services import ServicesOf

router = APIRouter(tags=["datasets"])


@router.get("/projects/{project_id}/datasets")
def list_datasets(project_id: str, services: ServicesOf) -> list[Dataset]:
    """List the datasets of a project."""
    return services.datasets.list_all(project_id)


@router.post("/projects/{project_id}/datasets", status_code=201)
def create_dataset(project_id: str, wanted: DatasetCreate, services: ServicesOf) -> Dataset:
    """Make a dataset from a complete upload; its import runs as a job."""
    return services.datasets.create(project_id, wanted)


@router.get("/datasets/{dataset_id}")
def get_dataset(dataset_id: str, services: ServicesOf) -> Dataset:
    """Give a dataset with its import report."""
    return services.datasets.get(dataset_id)


@router.patch("/datasets/{dataset_id}")
def rename_dataset(dataset_id: str, wanted: DatasetRename, services: ServicesOf) -> Dataset:
    """Give a dataset another name."""
    return services.datasets.rename(dataset_id, wanted)


@router.delete("/datasets/{dataset_id}", status_code=204)
def bin_dataset(dataset_id: str, services: ServicesOf) -> None:
    """Move a dataset to the bin."""
    services.datasets.bin(dataset_id)


@router.post("/datasets/{dataset_id}/restore")
def restore_dataset(dataset_id: str, services: ServicesOf) -> Dataset:
    """Take a dataset out of the bin."""
    return services.datasets.restore(dataset_id)


@router.get("/datasets/{dataset_id}/import-report.csv", response_class=Response)
def get_import_report(
    dataset_id: str, request: Request, services: ServicesOf, language: Language | None = None
) -> Response:
    """Download everything that was not taken or was changed.

    A link of a page cannot ask for a language in its headers: `language` goes first.
    """
    wanted = language or language_of(request.headers.get("accept-language", ""))
    headers = {"Content-Disposition": 'attachment; filename="import-report.csv"'}
    return Response(
        services.datasets.report_csv(dataset_id, wanted), media_type="text/csv", headers=headers
    )


@router.get("/versions/{version_id}")
def get_version(version_id: str, services: ServicesOf) -> Version:
    """Give a version with features, feature sets and subsets."""
    return services.datasets.version(version_id)


@router.patch("/versions/{version_id}/features/{name:path}")
def change_feature(
    version_id: str, name: str, wanted: FeatureChange, services: ServicesOf
) -> Version:
    """Give a feature of a draft another normalisation."""
    return services.datasets.change_feature(version_id, name, wanted)


@router.post("/versions/{version_id}/feature-sets", status_code=201)
def create_feature_set(version_id: str, wanted: FeatureSetCreate, services: ServicesOf) -> Version:
    """Bundle features of a draft under one name."""
    return services.datasets.add_feature_set(version_id, wanted)


@router.delete("/versions/{version_id}/feature-sets/{feature_set_id}")
def remove_feature_set(version_id: str, feature_set_id: str, services: ServicesOf) -> Version:
    """Unbundle a feature set of a draft."""
    return services.datasets.remove_feature_set(version_id, feature_set_id)


@router.post("/versions/{version_id}/subsets", status_code=201)
def create_subset(version_id: str, wanted: SubsetCreate, services: ServicesOf) -> Version:
    """Add a subset to a draft."""
    return services.datasets.add_subset(version_id, wanted)


@router.put("/versions/{version_id}/subsets/{subset_id}")
def change_subset(
    version_id: str, subset_id: str, wanted: SubsetChange, services: ServicesOf
) -> Version:
    """Give a subset of a draft another name or rule."""
    return services.datasets.change_subset(version_id, subset_id, wanted)


@router.delete("/versions/{version_id}/subsets/{subset_id}")
def remove_subset(version_id: str, subset_id: str, services: ServicesOf) -> Version:
    """Remove a subset of a draft."""
    return services.datasets.remove_subset(version_id, subset_id)


@router.post("/versions/{version_id}/save", status_code=202)
def save_version(version_id: str, services: ServicesOf) -> Version:
    """Freeze a draft; the work runs as a job."""
    return services.datasets.save_version(version_id)


@router.post("/versions/{version_id}/draft", status_code=201)
def create_draft(version_id: str, services: ServicesOf) -> Version:
    """Make a draft that begins as a copy of a version."""
    return services.datasets.new_draft(version_id)


@router.get("/versions/{version_id}/rows")
def list_rows(
    version_id: str,
    services: ServicesOf,
    offset: Annotated[int, Query(ge=0)] = 0,
    limit: Annotated[int, Query(ge=1, le=200)] = 20,
) -> RowPage:
    """Give rows in file order."""
    return services.datasets.rows(version_id, offset, limit)


@router.get("/versions/{version_id}/rows/{row}/picture.png", response_class=Response)
def get_picture(version_id: str, row: int, feature: str, services: ServicesOf) -> Response:
    """Draw one tensor of one row."""
    png = services.datasets.picture(version_id, row, feature)
    return Response(
        png, media_type="image/png", headers={"Cache-Control": "private, max-age=31536000"}
    )
