"""Names and switches that Kaggle's client reads."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from blockwright.delivery.competition_readme import competition_readme
from blockwright.delivery.kaggle_metadata import dataset_metadata, kernel_metadata
from tests.support.competition_folder import competition_plan


@settings(deadline=None)
@given(name=st.text(min_size=1, max_size=50))
def test_every_name_gives_addresses_that_kaggle_takes(name: str) -> None:
    plan = competition_plan(name=name)
    dataset = dataset_metadata(plan)
    kernel = kernel_metadata(plan, "submission.ipynb")
    for address in (dataset["id"], kernel["id"]):
        owner, slug = address.split("/")
        assert owner == "someone"
        assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*|[a-z0-9-]+", slug)
        assert 6 <= len(slug) <= 50
    assert 6 <= len(dataset["title"]) <= 50
    assert len(kernel["title"]) >= 5
    assert kernel["dataset_sources"] == [dataset["id"]]


def test_the_notebook_is_private_and_has_no_internet() -> None:
    kernel = kernel_metadata(competition_plan(), "submission.ipynb")
    assert kernel["is_private"] is True
    assert kernel["enable_internet"] is False
    assert kernel["competition_sources"] == ["everyday-sounds"]


@pytest.mark.parametrize("name", ["声音", "#*[x](http://y)", "a\nb"])
def test_the_readme_holds_no_markup_of_a_name(name: str) -> None:
    text = competition_readme(competition_plan(name=name))
    assert name not in text
    assert "kaggle kernels push" in text
    assert "提交到 Kaggle 的步骤" in text
