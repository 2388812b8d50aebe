"""The services of one studio, made once and handed to the routes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request

from blockwright.contracts.queue import NO_LIMITS, Limits
from blockwright.datasets.draft_service import DraftService
from blockwright.datasets.import_service import ImportService
from blockwright.datasets.row_service import RowService
from blockwright.datasets.service import DatasetService
from blockwright.datasets.version_service import VersionService
from blockwright.delivery.service import DeliveryService
from blockwright.graph.service import ExperimentService
from blockwright.jobs.queue_service import QueueService
from blockwright.jobs.service import JobService
from blockwright.store.database import Database
from blockwright.store.files import FileStore
from blockwright.store.projects import ProjectService
from blockwright.store.uploads import UploadStore
from blockwright.training.group_service import RunGroupService
from blockwright.training.probe_service import ProbeService
from blockwright.training.service import RunService


@dataclass(frozen=True)
class Services:
    """Everything a route may call."""

    database: Database
    files: FileStore
    projects: ProjectService
    uploads: UploadStore
    datasets: DatasetService
    imports: ImportService
    versions: VersionService
    drafts: DraftService
    rows: RowService
    experiments: ExperimentService
    runs: RunService
    run_groups: RunGroupService
    probes: ProbeService
    queue: QueueService
    delivery: DeliveryService
    jobs: JobService
    local_paths_allowed: bool


def make_services(
    database: Database,
    files: FileStore,
    *,
    local_paths_allowed: bool,
    max_upload_bytes: int | None = None,
    workers: int = 1,
    limits: Limits = NO_LIMITS,
    checkpoint_seconds: float = 180.0,
) -> Services:
    """Wire the services of one database and one file store together."""
    uploads = UploadStore(files, max_bytes=max_upload_bytes)
    versions = VersionService(database, files)
    return Services(
        database=database,
        files=files,
        projects=ProjectService(database),
        uploads=uploads,
        datasets=DatasetService(database, files),
        imports=ImportService(database, files, uploads, local_paths_allowed=local_paths_allowed),
        versions=versions,
        drafts=DraftService(versions, uploads),
        rows=RowService(versions),
        experiments=ExperimentService(database),
        runs=RunService(database, files, limits=limits, checkpoint_seconds=checkpoint_seconds),
        run_groups=RunGroupService(
            database, files, limits=limits, checkpoint_seconds=checkpoint_seconds
        ),
        probes=ProbeService(database, files),
        queue=QueueService(database, workers=workers, limits=limits),
        delivery=DeliveryService(database, files, uploads, local_paths_allowed=local_paths_allowed),
        jobs=JobService(database, files),
        local_paths_allowed=local_paths_allowed,
    )


def _services(request: Request) -> Services:
    services: Services = request.app.state.services
    return services


def _owner_id(request: Request) -> str:
    owner_id: str = request.state.owner_id  # set by the session middleware
    return owner_id


ServicesOf = Annotated[Services, Depends(_services)]
OwnerId = Annotated[str, Depends(_owner_id)]
