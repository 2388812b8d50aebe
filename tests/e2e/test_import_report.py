"""What came in and what did not, in a real browser: counts agree, ends are told with reasons."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.support.data_material import write_mixed_folder
from tests.support.data_view import MINUTE_MS, Workplace
from tests.support.dataset_zips import small_entries, write_zip
from tests.support.datasets_api import upload
from tests.support.session import API

pytestmark = pytest.mark.browser


def test_the_panel_and_the_report_count_alike_and_the_health_panel_leads_to_it(
    workplace: Workplace, tmp_path: Path
) -> None:
    page = workplace.page
    project = workplace.project("Report")
    workplace.bring_in(project, "Mixed", [write_mixed_folder(tmp_path / "mixed.zip")])
    panel = page.locator("section").filter(has=page.get_by_role("heading", name="Import report"))
    expect(panel).to_contain_text("12 of 14 rows taken")
    expect(panel).to_contain_text("2 left out")
    expect(panel).to_contain_text("1 remark")

    health = page.get_by_role("region", name="Data health")
    line = health.get_by_role("listitem").filter(has_text="2 of 14 rows")
    line.get_by_role("button", name="Show import report").click()
    report = page.get_by_role("dialog", name="Import report")
    expect(report).to_contain_text("2 left out")
    expect(report.get_by_role("list", name="Left out").get_by_role("listitem")).to_have_count(2)
    remarks = report.get_by_role("list", name="Remarks").get_by_role("listitem")
    expect(remarks).to_have_count(1)
    expect(remarks).to_contain_text("2 images of file, clear0.png the first, have transparent")
    with page.expect_download() as loading:
        report.get_by_role("link", name="Download as csv").click()
    told = loading.value.path().read_text("utf-8")
    assert "clear0.png,media.image_blended" in told
    assert "clear1.png,media.image_blended" in told
    assert "by its first bytes it is plain text" in told
    report.get_by_role("button", name="Close").click()


def test_every_finding_is_counted_once_and_leads_to_something(
    workplace: Workplace, tmp_path: Path
) -> None:
    page = workplace.page
    project = workplace.project("Counts")
    table = tmp_path / "uneven.csv"
    table.write_text(
        "word,same,x\n" + "".join(f"{'rare' if n < 3 else 'usual'},1.5,{n}\n" for n in range(80))
    )
    workplace.bring_in(project, "Uneven", [table])
    health = page.get_by_role("region", name="Data health")
    expect(health.get_by_role("listitem").first).to_be_visible()
    lines = health.get_by_role("list").first.get_by_role("listitem")
    shows = health.get_by_role("button", name=re.compile("^Show (rows|feature|import report): "))
    expect(shows).to_have_count(lines.count())
    expect(health).to_contain_text(f"{lines.count()} to look at")

    leads_to_rows(page, health, "The classes of word are uneven", 3)
    expect(
        page.get_by_role("button", name=re.compile("^Remove “The classes of word"))
    ).to_be_visible()
    expect(page.get_by_role("button", name="Leave out these 3 rows")).to_be_visible()
    leads_to_rows(page, health, "same is 1.5 in every row", 80)
    expect(page.get_by_role("button", name=re.compile("^Leave out these"))).to_have_count(0)


def leads_to_rows(page: Page, health: Locator, words: str, rows: int) -> None:
    """Show the rows of a finding."""
    line = health.get_by_role("listitem").filter(has_text=words)
    line.get_by_role("button", name="Show rows").click()
    expect(page.get_by_role("grid")).to_have_attribute("aria-rowcount", str(rows + 1))


def test_the_report_of_the_first_import_stays_when_files_are_added(
    workplace: Workplace, tmp_path: Path
) -> None:
    page, client = workplace.page, workplace.client
    project = workplace.project("Added")
    texts = {"first": "a,b\n1,2\n3\n4,5\n", "more": "a,b\n6\n7,8\n9\n", "none": "a,b\n1\n2\n"}
    files = {name: tmp_path / f"{name}.csv" for name in texts}
    for name, file in files.items():
        file.write_text(texts[name])
    version = workplace.bring_in(project, "Grown", [files["first"]])
    panel = page.locator("section").filter(has=page.get_by_role("heading", name="Import report"))
    for name in ("more", "none"):
        given = {"upload_ids": [upload(client, files[name])]}
        address = f"{API}/datasets/{version['dataset_id']}/files"
        client.post(address, json=given).raise_for_status()
        expect(panel.get_by_role("listitem")).to_have_count(2 if name == "more" else 3)
    told = panel.get_by_role("listitem")
    expect(told.nth(0)).to_contain_text(re.compile("^Imported .*: 2 of 3 rows taken"))
    expect(told.nth(1)).to_contain_text(re.compile("^Added .*: 1 of 3 rows taken"))
    expect(told.nth(2)).to_contain_text(re.compile("^Not added .*: 0 of 2 rows taken"))

    panel.get_by_role("button", name="Show").click()
    report = page.get_by_role("dialog", name="Import report")
    shown = report.get_by_role("list", name="Left out")
    expect(shown.get_by_role("listitem")).to_have_count(2)
    expect(shown).to_contain_text("none.csv: 2")
    report.get_by_text(re.compile("^Imported ")).click()
    expect(shown.first).to_contain_text("first.csv: 3")
    for place, item in enumerate(("first.csv: 3", "more.csv: 2", "none.csv: 2")):
        if place == 1:
            report.get_by_text(re.compile("^Added ")).click()
        with page.expect_download() as loading:
            report.get_by_role("link", name="Download as csv").nth(place).click()
        assert item in loading.value.path().read_text("utf-8")


def test_an_import_without_a_row_shows_every_reason(workplace: Workplace, tmp_path: Path) -> None:
    page, client = workplace.page, workplace.client
    project = workplace.project("Nothing")
    files = [tmp_path / name for name in ("text.wav", "empty.wav", "cut.wav")]
    for file, content in zip(files, (b"no sound at all", b"", b"RIFF"), strict=True):
        file.write_bytes(content)
    wanted = {"name": "None", "upload_ids": [upload(client, file) for file in files]}
    reply = client.post(f"{API}/projects/{project}/datasets", json=wanted)
    page.goto(f"{workplace.studio.base_url}/projects/{project}/datasets/{reply.json()['id']}")
    reasons = page.get_by_role("list", name="Left out").get_by_role("listitem")
    expect(reasons).to_have_count(3, timeout=MINUTE_MS)
    with page.expect_download() as loading:
        page.get_by_role("link", name="Download as csv").click()
    told = loading.value.path().read_text("utf-8")
    assert all(file.name in told for file in files)


def test_an_import_that_is_cancelled_says_so(workplace: Workplace, tmp_path: Path) -> None:
    page = workplace.page
    project = workplace.project("Cancelled")
    large = write_zip(tmp_path / "large.zip", small_entries(6_000))
    wanted = {"name": "Large", "upload_ids": [upload(workplace.client, large)]}
    reply = workplace.client.post(f"{API}/projects/{project}/datasets", json=wanted)
    dataset = reply.raise_for_status().json()["id"]
    page.goto(f"{workplace.studio.base_url}/projects/{project}/datasets/{dataset}")
    page.get_by_role("button", name="Cancel import").click()
    expect(page.get_by_text("The import was cancelled, and nothing of it was kept.")).to_be_visible(
        timeout=MINUTE_MS
    )
    expect(page.get_by_role("button", name="Cancel import")).to_have_count(0)


def test_a_version_that_cannot_be_saved_says_why(workplace: Workplace, tmp_path: Path) -> None:
    page = workplace.page
    project = workplace.project("Not saved")
    table = tmp_path / "gaps.csv"
    table.write_text(
        "x,y,fold\n" + "".join(f"{n},{'' if n < 20 else n},{n // 20}\n" for n in range(40))
    )
    version = workplace.bring_in(project, "Gaps", [table])
    address = f"{API}/versions/{version['id']}"
    by_fold = {"name": "Training", "rule": {"kind": "fold", "feature": "fold", "values": ["0"]}}
    training = version["subsets"][0]["id"]
    workplace.client.put(f"{address}/subsets/{training}", json=by_fold).raise_for_status()
    mean = {"names": ["y"], "change": {"missing": {"kind": "mean"}}}
    workplace.client.patch(f"{address}/features", json=mean).raise_for_status()
    page.reload()

    page.get_by_role("button", name="Save version").click()
    told = page.get_by_text(
        "The gaps of y cannot be filled: no row of the Training subset has a value."
    )
    expect(told).to_be_visible(timeout=MINUTE_MS)
    expect(page.get_by_text("Fill them with a constant, leave these rows out")).to_be_visible()
    expect(page.get_by_role("button", name="Save version")).to_be_enabled()
