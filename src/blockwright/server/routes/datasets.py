"""Routes of datasets: bringing in, versions, the bin."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Request, Response
from fastapi.responses import FileResponse

from blockwright.contracts.data import (
    Dataset,
    DatasetCreate,
    DatasetRename,
    FilesGiven,
    ImportAgain,
    ImportReport,
    Version,
    VersionComparison,
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
    """Make a dataset from complete uploads or a path of this machine; its import runs as a job."""
    return services.imports.create(project_id, wanted)


@router.get("/projects/{project_id}/bin")
def list_binned(project_id: str, services: ServicesOf) -> list[Dataset]:
    """List what lies in the bin: datasets, and datasets with deleted versions, with their bytes."""
    return services.datasets.list_binned(project_id)


@router.get("/datasets/{dataset_id}")
def get_dataset(dataset_id: str, services: ServicesOf) -> Dataset:
    """Give a dataset with its import report."""
    return services.datasets.get(dataset_id)


@router.patch("/datasets/{dataset_id}")
def rename_dataset(dataset_id: str, wanted: DatasetRename, services: ServicesOf) -> Dataset:
    """Give a dataset another name."""
    return services.datasets.rename(dataset_id, wanted)


@router.post("/datasets/{dataset_id}/files", status_code=202)
def add_files(dataset_id: str, wanted: FilesGiven, services: ServicesOf) -> Version:
    """Add files to a dataset as a new version, a draft once the import is done."""
    return services.imports.add_files(dataset_id, wanted)


@router.post("/datasets/{dataset_id}/import-again", status_code=202)
def import_again(dataset_id: str, wanted: ImportAgain, services: ServicesOf) -> Dataset:
    """Read the files of an import that failed or was cancelled once more, in another way."""
    return services.imports.import_again(dataset_id, wanted)


@router.delete("/datasets/{dataset_id}", status_code=204)
def bin_dataset(dataset_id: str, services: ServicesOf) -> None:
    """Move a dataset to the bin."""
    services.datasets.bin(dataset_id)


@router.post("/datasets/{dataset_id}/restore")
def restore_dataset(dataset_id: str, services: ServicesOf) -> Dataset:
    """Take a dataset out of the bin."""
    return services.datasets.restore(dataset_id)


@router.delete("/datasets/{dataset_id}/forever", status_code=204)
def delete_dataset(dataset_id: str, services: ServicesOf) -> None:
    """Delete a dataset that is in the bin, and its files."""
    services.datasets.delete_forever(dataset_id)


@router.get("/datasets/{dataset_id}/refused.csv", response_class=Response)
def get_refused_rows(
    dataset_id: str, request: Request, services: ServicesOf, language: Language | None = None
) -> Response:
    """Download what kept the last import from taking a row."""
    wanted = _wanted_language(request, language)
    return _report_file(services.imports.refused_csv(dataset_id, wanted))


@router.get("/versions/{version_id}/imports")
def list_imports(version_id: str, services: ServicesOf) -> list[ImportReport]:
    """Give the reports of all imports that made a version: the first, then each added one."""
    return services.imports.imports(version_id)


@router.get("/versions/{version_id}/imports/{number}/report.csv", response_class=Response)
def get_import_report(
    version_id: str,
    number: Annotated[int, Path(ge=1)],
    request: Request,
    services: ServicesOf,
    language: Language | None = None,
) -> Response:
    """Download everything that an import did not take, or changed; the first has number 1."""
    wanted = _wanted_language(request, language)
    return _report_file(services.imports.report_csv(version_id, number, wanted))


def _wanted_language(request: Request, language: Language | None) -> Language:
    """A link of a page cannot ask for a language in its headers: the query goes first."""
    return language or language_of(request.headers.get("accept-language", ""))


def _report_file(text: str) -> Response:
    headers = {"Content-Disposition": 'attachment; filename="import-report.csv"'}
    return Response(text, media_type="text/csv", headers=headers)


@router.get("/versions/{version_id}")
def get_version(version_id: str, services: ServicesOf) -> Version:
    """Give a version with features, feature sets and subsets."""
    return services.versions.get(version_id)


@router.delete("/versions/{version_id}", status_code=204)
def bin_version(version_id: str, services: ServicesOf) -> None:
    """Move a version that no run was made with to the bin."""
    services.versions.bin(version_id)


@router.post("/versions/{version_id}/restore")
def restore_version(version_id: str, services: ServicesOf) -> Version:
    """Take a version out of the bin."""
    return services.versions.restore(version_id)


@router.delete("/versions/{version_id}/forever", status_code=204)
def delete_version(version_id: str, services: ServicesOf) -> None:
    """Delete a version that is in the bin, and its files."""
    services.versions.delete_forever(version_id)


@router.post("/versions/{version_id}/save", status_code=202)
def save_version(version_id: str, services: ServicesOf) -> Version:
    """Freeze a draft; the work runs as a job."""
    return services.versions.save(version_id)


@router.post("/versions/{version_id}/draft", status_code=201)
def create_draft(version_id: str, services: ServicesOf) -> Version:
    """Make a draft that begins as a copy of a version."""
    return services.versions.new_draft(version_id)


@router.get("/versions/{version_id}/compare/{other_id}")
def compare_versions(version_id: str, other_id: str, services: ServicesOf) -> VersionComparison:
    """Say what changed from one version to another of the same dataset."""
    return services.versions.compare(version_id, other_id)


@router.post("/versions/{version_id}/export", status_code=202)
def export_version(version_id: str, services: ServicesOf) -> Version:
    """Write a frozen version as a zip; the work runs as a job."""
    return services.versions.export(version_id)


@router.get("/versions/{version_id}/export.zip", response_class=FileResponse)
def download_export(version_id: str, services: ServicesOf) -> FileResponse:
    """Download the zip of a version."""
    path, name = services.versions.export_file(version_id)
    return FileResponse(path, media_type="application/zip", filename=name)
