"""Routes of bundles and competitions."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import FileResponse

from blockwright.contracts.runs import Bundle, BundleCreate, Competition, CompetitionCreate
from blockwright.server.services import ServicesOf

router = APIRouter(tags=["delivery"])


@router.post("/bundles", status_code=201)
def create_bundle(wanted: BundleCreate, services: ServicesOf) -> Bundle:
    """Make a bundle of a checkpoint, the best one by default."""
    return services.delivery.create_bundle(wanted)


@router.get("/projects/{project_id}/bundles")
def list_bundles(project_id: str, services: ServicesOf) -> list[Bundle]:
    """List the bundles of a project, newest first."""
    return services.delivery.bundles(project_id)


@router.get("/bundles/{bundle_id}")
def get_bundle(bundle_id: str, services: ServicesOf) -> Bundle:
    """Give a bundle."""
    return services.delivery.bundle(bundle_id)


@router.get("/bundles/{bundle_id}/files/{name}", response_class=FileResponse)
def download_bundle_file(bundle_id: str, name: str, services: ServicesOf) -> FileResponse:
    """Download one file of a bundle, e.g. model.h5."""
    return FileResponse(services.delivery.bundle_file(bundle_id, name), filename=name)


@router.get("/bundles/{bundle_id}/bundle.zip", response_class=FileResponse)
def download_bundle(bundle_id: str, services: ServicesOf) -> FileResponse:
    """Download a whole bundle."""
    return FileResponse(services.delivery.bundle_zip(bundle_id), filename="bundle.zip")


@router.post("/projects/{project_id}/competitions", status_code=201)
def create_competition(
    project_id: str, wanted: CompetitionCreate, services: ServicesOf
) -> Competition:
    """Enter a competition: make the folder that goes to Kaggle."""
    return services.delivery.create_competition(project_id, wanted)


@router.get("/projects/{project_id}/competitions")
def list_competitions(project_id: str, services: ServicesOf) -> list[Competition]:
    """List the competitions of a project, newest first."""
    return services.delivery.competitions(project_id)


@router.get("/competitions/{competition_id}")
def get_competition(competition_id: str, services: ServicesOf) -> Competition:
    """Give a competition with its last dry run."""
    return services.delivery.competition(competition_id)


@router.post("/competitions/{competition_id}/dry-runs", status_code=202)
def start_dry_run(competition_id: str, services: ServicesOf) -> Competition:
    """Execute the notebook here, laid out like Kaggle's environment."""
    return services.delivery.start_dry_run(competition_id)


@router.get("/competitions/{competition_id}/folder.zip", response_class=FileResponse)
def download_competition(competition_id: str, services: ServicesOf) -> FileResponse:
    """Download the competition folder."""
    return FileResponse(services.delivery.competition_zip(competition_id), filename="kaggle.zip")


@router.get("/competitions/{competition_id}/submission.csv", response_class=FileResponse)
def download_submission(competition_id: str, services: ServicesOf) -> FileResponse:
    """Download submission.csv of the last dry run that passed."""
    return FileResponse(services.delivery.submission(competition_id), filename="submission.csv")
