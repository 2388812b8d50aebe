"""Versions in the database, as the API offers them: drafts, frozen ones, those in the bin.

Neighbours: `draft_service` changes drafts and `row_service` looks at rows, both through this
one; `service` keeps the datasets; `job_service` keeps what saving and export jobs say.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock

from sqlalchemy.orm import Session

from blockwright.contracts.base import utc_now
from blockwright.contracts.data import DraftChange, Version, VersionComparison, VersionSummary
from blockwright.contracts.problems import error
from blockwright.contracts.work import ExportVersionPlan, SaveVersionPlan
from blockwright.datasets import subset_drafts
from blockwright.datasets.draft_state import DraftState
from blockwright.datasets.encoders.choices import require_fitting_encoding
from blockwright.datasets.job_service import keep_state, queue_job, state_of
from blockwright.store.database import Database
from blockwright.store.disk_use import disk_use
from blockwright.store.draft_steps import (
    forget_steps,
    held_by,
    keep_step,
    step_back,
    step_forth,
)
from blockwright.store.files import FileStore
from blockwright.store.tables import VersionRow
from blockwright.store.versions import (
    add_version,
    dataset_of,
    find_version,
    run_count,
    tell,
    to_version,
    versions_of,
)

_STATES_KEPT = 8
_TRIES = 5
_SUMMARY_FIELDS = set(VersionSummary.model_fields)


class VersionService:
    """What the API offers on versions."""

    def __init__(self, database: Database, files: FileStore) -> None:
        """Use `database` and `files`."""
        self._database = database
        self._files = files
        self._states: OrderedDict[tuple[str, int], DraftState] = OrderedDict()
        self._states_lock = Lock()

    def get(self, version_id: str) -> Version:
        """Give a version. Raises `data.version_not_found`."""
        with self._database.transaction() as session:
            return to_version(session, find_version(session, version_id), self._files)

    def state(self, version_id: str) -> DraftState:
        """Give what a version holds; kept, as page after page asks for it."""
        with self._database.transaction() as session:
            row = find_version(session, version_id)
            key = (row.id, row.revision)
            with self._states_lock:
                if key in self._states:
                    self._states.move_to_end(key)
                    return self._states[key]
            state = state_of(row, self._files)
        with self._states_lock:
            self._states[key] = state
            while len(self._states) > _STATES_KEPT:
                self._states.popitem(last=False)
        return state

    def edit(
        self,
        version_id: str,
        change: Callable[[DraftState], DraftState],
        told: Callable[[DraftState], DraftChange],
    ) -> Version:
        """Change a draft by a function, as one step of undo; `told` words it from the draft before.

        The function may take a second over millions of rows, so it runs between two
        transactions; when the draft was changed meanwhile, it runs again on the newer one.
        Raises `data.version_not_found`, `data.version_is_frozen`, `data.version_is_saving`,
        and what the function raises.
        """
        for _ in range(_TRIES):
            with self._draft(version_id) as (_session, row):
                revision = row.revision
            before = self.state(version_id)
            changed = subset_drafts.resized(change(before))
            usage = subset_drafts.usage(changed)
            with self._draft(version_id) as (session, row):
                if row.revision != revision:
                    continue
                held = held_by(row)
                keep_state(row, changed, usage)
                keep_step(session, row, told(before), held)
                tell(session, dataset_of(session, row))
                return to_version(session, row, self._files)
        raise error("data.draft_is_changing")

    def undo(self, version_id: str) -> Version:
        """Take the last change of a draft back. Raises `data.nothing_to_undo`, and as `edit`."""
        with self._draft(version_id) as (session, row):
            if not step_back(session, row):
                raise error("data.nothing_to_undo")
            return self._stepped(session, row)

    def redo(self, version_id: str) -> Version:
        """Make the last undone change again. Raises `data.nothing_to_redo`, and as `edit`."""
        with self._draft(version_id) as (session, row):
            if not step_forth(session, row):
                raise error("data.nothing_to_redo")
            return self._stepped(session, row)

    def _stepped(self, session: Session, row: VersionRow) -> Version:
        row.job_id = None
        row.revision += 1
        tell(session, dataset_of(session, row))
        return to_version(session, row, self._files)

    def save(self, version_id: str) -> Version:
        """Queue the freezing of a draft.

        Raises `data.subset_empty`, `data_encoding.normalized_twice`.
        """
        with self._draft(version_id) as (session, row):
            dataset = dataset_of(session, row)
            state = state_of(row, self._files)
            if empty := [subset.name for subset in state.subsets if subset.rows == 0]:
                raise error("data.subset_empty", name=empty[0])
            for feature in state.features:
                require_fitting_encoding(feature.name, feature.type, feature.encoding)
            plan = SaveVersionPlan(
                version_id=row.id,
                version_number=row.number,
                dataset_name=dataset.name,
                content_folder=str(state.content_folder),
                encoded_folder=str(self._files.local_path(f"encoded/{dataset.id}")),
                version_folder=str(self._files.local_path(f"versions/{row.id}")),
                features=state.features,
                feature_sets=state.feature_sets,
                subsets=state.subsets,
                corrections=state.corrections,
                left_out=list(state.left_out),
            )
            row.state = "saving"
            queue_job(session, dataset, row, "save_version", plan)
            return to_version(session, row, self._files)

    def new_draft(self, version_id: str) -> Version:
        """Make a draft from a version, or give the draft that there is."""
        with self._database.transaction() as session:
            row = find_version(session, version_id)
            siblings = versions_of(session, row.dataset_id)
            for sibling in siblings:
                if sibling.state != "frozen":
                    return to_version(session, sibling, self._files)
            draft = add_version(session, row)
            tell(session, dataset_of(session, row))
            return to_version(session, draft, self._files)

    def bin(self, version_id: str) -> None:
        """Move a version to the bin.

        Raises `data.used_by_runs`, `data.only_version`, `data.version_is_saving`.
        """
        with self._database.transaction() as session:
            row = find_version(session, version_id)
            dataset = dataset_of(session, row)
            if row.state in {"saving", "importing"}:
                raise error("data.version_is_saving", number=row.number)
            if runs := run_count(session, row.id):
                raise error("data.used_by_runs", name=f"{dataset.name} {row.number}", runs=runs)
            if len(versions_of(session, dataset.id)) == 1:
                raise error("data.only_version", name=dataset.name)
            row.binned_at = utc_now()
            tell(session, dataset)

    def restore(self, version_id: str) -> Version:
        """Take a version out of the bin. Raises `data.draft_is_there` for a second draft."""
        with self._database.transaction() as session:
            row = find_version(session, version_id)
            others = versions_of(session, row.dataset_id)
            if row.state != "frozen" and any(item.state != "frozen" for item in others):
                raise error("data.draft_is_there", number=row.number)
            row.binned_at = None
            tell(session, dataset_of(session, row))
            return to_version(session, row, self._files)

    def delete_forever(self, version_id: str) -> None:
        """Delete a version in the bin, and the files that no other version leans on.

        Raises `data.not_in_bin`, `data.version_is_saving`.
        """
        with self._database.transaction() as session:
            row = find_version(session, version_id)
            dataset = dataset_of(session, row)
            if row.binned_at is None:
                raise error("data.not_in_bin", name=f"{dataset.name} {row.number}")
            others = versions_of(session, dataset.id, binned=None)
            if saving := [item for item in others if item.state == "saving"]:
                # It may be taking up the very folder of encoded values that would go.
                raise error("data.version_is_saving", number=saving[0].number)
            keys = disk_use(session, dataset.id).freed_by([row.id])
            forget_steps(session, row)
            session.delete(row)
            tell(session, dataset)
        for key in keys:
            self._files.remove(key)

    def compare(self, version_id: str, other_id: str) -> VersionComparison:
        """Say what changed from one version to another. Raises `data.other_dataset`."""
        from blockwright.datasets.compare import compare  # noqa: PLC0415 - brings Polars

        before, after = self.get(version_id), self.get(other_id)
        if before.dataset_id != after.dataset_id:
            raise error("data.other_dataset")
        return compare(
            self.state(version_id),
            VersionSummary.model_validate(before.model_dump(include=_SUMMARY_FIELDS)),
            self.state(other_id),
            VersionSummary.model_validate(after.model_dump(include=_SUMMARY_FIELDS)),
        )

    def export(self, version_id: str) -> Version:
        """Queue the writing of a frozen version as a zip. Raises `data.version_not_frozen`."""
        with self._database.transaction() as session:
            row = find_version(session, version_id)
            if row.state != "frozen" or row.content_hash is None:
                raise error("data.version_not_frozen", number=row.number)
            dataset = dataset_of(session, row)
            state = state_of(row, self._files)
            plan = ExportVersionPlan(
                version_id=row.id,
                dataset_name=dataset.name,
                content_folder=str(state.content_folder),
                export_file=str(self._files.local_path(f"exports/{row.id}.zip")),
                content_hash=row.content_hash,
                features=state.features,
                feature_sets=state.feature_sets,
                subsets=state.subsets,
                corrections=state.corrections,
                left_out=list(state.left_out),
            )
            queue_job(session, dataset, row, "export_version", plan)
            return to_version(session, row, self._files)

    def export_file(self, version_id: str) -> tuple[Path, str]:
        """Give the zip of a version and its name. Raises `data.export_not_there`."""
        with self._database.transaction() as session:
            row = find_version(session, version_id)
            name = f"{dataset_of(session, row).name} v{row.number}.zip"
        path = self._files.local_path(f"exports/{version_id}.zip")
        if not path.is_file():
            raise error("data.export_not_there")
        return path, name

    @contextmanager
    def _draft(self, version_id: str) -> Iterator[tuple[Session, VersionRow]]:
        """Open a transaction on a version that may be changed."""
        with self._database.transaction() as session:
            row = find_version(session, version_id)
            if row.state == "frozen":
                raise error("data.version_is_frozen", number=row.number)
            if row.state in {"saving", "importing"}:
                raise error("data.version_is_saving", number=row.number)
            yield session, row
