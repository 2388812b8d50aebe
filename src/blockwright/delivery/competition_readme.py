"""The README of a competition folder: the steps by hand, in both languages."""

from __future__ import annotations

from importlib import resources

from blockwright.contracts.work import CompetitionPlan
from blockwright.delivery.kaggle_metadata import dataset_slug, slug_of


def competition_readme(plan: CompetitionPlan) -> str:
    """Write the README; every name in it is a slug, so none can be markup."""
    text = (resources.files(__package__) / "competition_readme.md").read_text(encoding="utf-8")
    return text.format(
        dataset=dataset_slug(plan),
        competition=plan.competition_slug,
        user=plan.kaggle_user,
        notebook=slug_of(plan.name, plan.competition_id),
    )
