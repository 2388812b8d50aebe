"""A project with the recordings that come with the studio, by the way that uploads go.

The recordings become a dataset zip once per studio, which takes some seconds; the
import of that zip is a job like any other.
"""

from __future__ import annotations

import threading

from blockwright.contracts.data import DatasetCreate
from blockwright.contracts.studio import Project, ProjectCreate
from blockwright.server.services import Services

PROJECT_NAME = {"en": "Everyday sounds", "zh": "日常声音"}
DATASET_NAME = {"en": "Audio", "zh": "音频"}
UPLOAD_NAME = "everyday-sounds.zip"

# Two clicks at the same time make the zip once.
_making = threading.Lock()


def create_sample_project(services: Services, owner_id: str, language: str) -> Project:
    """Make the project and queue the import of its dataset; names are in `language`."""
    # It brings scipy, which most starts of the studio can do without.
    from blockwright.datasets.sample_dataset import sample_dataset_zip  # noqa: PLC0415

    with _making:
        source = sample_dataset_zip(services.files)
    upload = services.uploads.add_file(source, UPLOAD_NAME, owner_id=owner_id)
    project = services.projects.create(owner_id, ProjectCreate(name=PROJECT_NAME[language]))
    wanted = DatasetCreate(name=DATASET_NAME[language], upload_ids=[upload.id])
    services.imports.create(project.id, wanted)
    return services.projects.get(owner_id, project.id)
