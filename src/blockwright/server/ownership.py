"""No route meets an object of someone else: it is as if it were not there."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Iterator
from typing import Any

from fastapi import Request

from blockwright.contracts.problems import BlockwrightError, error
from blockwright.server.services import Services
from blockwright.store.ownership import owner_of

# Ids within an object (blocks, subsets, feature sets) are looked up there, by its own room.
_OWN_ID = re.compile(r"(prj|ds|ver|exp|run|grp|ckp|bun|cmp|job|upl)_[0-9a-f]{16}")
_NAMED_IN_PATHS = {
    "project_id",
    "dataset_id",
    "version_id",
    "experiment_id",
    "run_id",
    "group_id",
    "job_id",
    "bundle_id",
    "competition_id",
    "upload_id",
}


async def require_ownership(request: Request) -> None:
    """Refuse ids in path, query or JSON body that lead to no project of the session's owner.

    Raises:
        BlockwrightError: `server.object_not_found`, the same for ids that were never given.
    """
    owner_id: str | None = request.state.owner_id
    if owner_id is None:
        return  # only /health comes here without a session, and it takes no id
    ids = [value for name, value in request.path_params.items() if name in _NAMED_IN_PATHS]
    ids += [v for name, v in request.query_params.items() if name in _NAMED_IN_PATHS]
    if request.headers.get("content-type", "").startswith("application/json"):
        ids += list(_ids_in(await _json_of(request)))
    if ids:
        await asyncio.to_thread(_check, request.app.state.services, owner_id, ids)


async def _json_of(request: Request) -> Any:
    """Give the JSON body; one that cannot be read is refused later, in the words for that."""
    try:
        return await request.json()
    except (json.JSONDecodeError, UnicodeDecodeError):
        return None


def _ids_in(value: Any) -> Iterator[str]:
    """Find ids of ours under names that end in `_id` or `_ids`, at any depth."""
    if isinstance(value, dict):
        for name, item in value.items():
            named = [item] if name.endswith("_id") else item if name.endswith("_ids") else []
            if isinstance(named, list):
                yield from (i for i in named if isinstance(i, str) and _OWN_ID.fullmatch(i))
            if not isinstance(item, str):
                yield from _ids_in(item)
    elif isinstance(value, list):
        for item in value:
            yield from _ids_in(item)


def _check(services: Services, owner_id: str, ids: list[str]) -> None:
    """Compare the owner of each id."""
    uploads = [item for item in ids if item.startswith("upl_")]
    for upload_id in uploads:
        try:
            found = services.uploads.owner_of(upload_id)
        except BlockwrightError as reason:
            raise error("server.object_not_found", id=upload_id) from reason
        if found not in {None, owner_id}:
            raise error("server.object_not_found", id=upload_id)
    with services.database.transaction() as session:
        for object_id in set(ids) - set(uploads):
            if owner_of(session, object_id) != owner_id:
                raise error("server.object_not_found", id=object_id[:64])
