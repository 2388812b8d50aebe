"""What the versions of a dataset hold on disk, and what is freed when some of them go for good.

Takes   the rows of a dataset's versions, those in the bin included.
Gives   the keys in the file store that only the ones that go lean on, and their bytes; what is
        counted and what is removed are the same keys.
Never   removes anything.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from blockwright.store.files import FileStore
from blockwright.store.tables import VersionRow


@dataclass(frozen=True)
class DiskUse:
    """The keys that each version of a dataset leans on, by the version's id."""

    dataset_id: str
    keys: dict[str, set[str]]
    known_bytes: dict[str, int]

    def freed_by(self, version_ids: Collection[str]) -> set[str]:
        """Give what no version but these leans on."""
        going = {key for one, keys in self.keys.items() if one in version_ids for key in keys}
        staying = {key for one, keys in self.keys.items() if one not in version_ids for key in keys}
        return going - staying

    def of_all(self) -> set[str]:
        """Give everything of the dataset: also what was encoded for versions never saved."""
        folders = {
            f"datasets/{self.dataset_id}",
            _encoded_key(self.dataset_id),
            refused_key(self.dataset_id),
        }
        inside = f"{_encoded_key(self.dataset_id)}/"
        return folders | {key for key in self.freed_by(self.keys) if not key.startswith(inside)}

    def bytes_of(self, keys: Collection[str], files: FileStore) -> int:
        """Give how many bytes lie under keys."""
        known = self.known_bytes
        return sum(known[key] if key in known else files.bytes_under(key) for key in keys)


def disk_use(session: Session, dataset_id: str) -> DiskUse:
    """Give what the versions of a dataset, the bin included, hold on disk."""
    found = session.execute(
        select(
            VersionRow.id,
            VersionRow.content_key,
            VersionRow.content_bytes,
            VersionRow.bytes,
            VersionRow.data_plan["arrays"].label("arrays"),
        ).where(VersionRow.dataset_id == dataset_id)
    ).all()
    keys: dict[str, set[str]] = {}
    known: dict[str, int] = {}
    for row in found:
        own = f"versions/{row.id}"
        keys[row.id] = {own, f"exports/{row.id}.zip", row.content_key}
        keys[row.id] |= _encoded_keys(dataset_id, row.arrays or {})
        known |= {own: row.bytes, row.content_key: row.content_bytes}
    return DiskUse(dataset_id, keys, known)


def _encoded_key(dataset_id: str) -> str:
    return f"encoded/{dataset_id}"


def _encoded_keys(dataset_id: str, arrays: dict[str, Any]) -> set[str]:
    """Give the folders of encoded recordings and images that a frozen version reads from.

    Their paths were written when it was saved; the data folder may have moved since.
    """
    folders = {Path(array["path"]).parent for array in arrays.values()}
    encoded = Path(_encoded_key(dataset_id)).parts
    return {
        f"{_encoded_key(dataset_id)}/{folder.name}"
        for folder in folders
        if folder.parent.parts[-len(encoded) :] == encoded
    }


def refused_key(dataset_id: str) -> str:
    """Give where the report of a dataset's last import lies when no row could be taken."""
    return f"refused/{dataset_id}"
