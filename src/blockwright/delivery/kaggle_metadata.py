"""The two metadata files that Kaggle's own client reads, and the names in them.

Field names and limits: `kaggle` 2.2.4 (kernels_metadata and datasets_metadata docs).
"""

from __future__ import annotations

import re
import unicodedata
from typing import Any

from blockwright.contracts.work import CompetitionPlan

MAX_SLUG = 50
MIN_SLUG = 6


def slug_of(name: str, fallback: str) -> str:
    """Give a name as Kaggle's addresses spell it: a-z, 0-9 and hyphens, 6 to 40 characters.

    A name without any Latin letter or digit gives the fallback.

    >>> slug_of("Freesound: Audio (2019)", "cmp-1")
    'freesound-audio-2019'
    """
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    slug = re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-")[:40].strip("-")
    if not slug:
        slug = re.sub(r"[^a-z0-9]+", "-", fallback.lower())
    return slug if len(slug) >= MIN_SLUG else f"{slug}-notebook"


def dataset_slug(plan: CompetitionPlan) -> str:
    """Name the Kaggle dataset that carries the model."""
    return f"{slug_of(plan.name, plan.competition_id)}-model"


def kernel_metadata(plan: CompetitionPlan, notebook_file: str) -> dict[str, Any]:
    """Give kernel-metadata.json: private, without internet, the model attached."""
    slug = slug_of(plan.name, plan.competition_id)
    return {
        "id": f"{plan.kaggle_user}/{slug}",
        "title": slug.replace("-", " "),
        "code_file": notebook_file,
        "language": "python",
        "kernel_type": "notebook",
        "is_private": True,
        "enable_gpu": False,
        "enable_tpu": False,
        # The client sends true when the key is missing, and such a notebook cannot be submitted.
        "enable_internet": False,
        "dataset_sources": [f"{plan.kaggle_user}/{dataset_slug(plan)}"],
        "competition_sources": [plan.competition_slug],
        "kernel_sources": [],
        "model_sources": [],
    }


def dataset_metadata(plan: CompetitionPlan) -> dict[str, Any]:
    """Give dataset-metadata.json; the licence of a person's model is theirs to choose."""
    slug = dataset_slug(plan)
    return {
        "title": slug.replace("-", " "),
        "id": f"{plan.kaggle_user}/{slug}",
        "licenses": [{"name": "unknown"}],
    }
