"""Each version knows its rows and their folder; features carry one encoding object."""

from __future__ import annotations

import json
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

_KINDS = {"tensor": "tensor", "numeric": "numeric", "binary": "binary"}


def upgrade() -> None:
    """Take this step.

    Columns are added and dropped in place: SQLite's way of making a table anew would break
    the rows that lean on it.
    """
    op.add_column("versions", sa.Column("binned_at", sa.DateTime(timezone=True), nullable=True))
    key = sa.Column("content_key", sa.String(length=120), nullable=False, server_default="")
    op.add_column("versions", key)
    for name in ("content_bytes", "rows", "bytes"):
        count = sa.Column(name, sa.BigInteger(), nullable=False, server_default="0")
        op.add_column("versions", count)
    revision_column = sa.Column("revision", sa.Integer(), nullable=False, server_default="1")
    op.add_column("versions", revision_column)
    corrections = sa.Column("corrections", sa.JSON(), nullable=False, server_default="[]")
    op.add_column("versions", corrections)
    op.add_column("versions", sa.Column("usage", sa.JSON(), nullable=True))
    _carry_over()
    op.drop_column("datasets", "rows")
    op.drop_column("datasets", "bytes")


def _carry_over() -> None:
    """Give every version the rows of its dataset, and its features their encoding."""
    connection = op.get_bind()
    datasets = sa.table("datasets", sa.column("id"), sa.column("rows"), sa.column("bytes"))
    versions = sa.table(
        "versions",
        *(sa.column(name) for name in ("id", "dataset_id", "content_key")),
        *(sa.column(name) for name in ("content_bytes", "rows")),
        *(sa.column(name, sa.JSON()) for name in ("features", "subsets", "usage", "data_plan")),
    )
    sizes = {row.id: row for row in connection.execute(sa.select(datasets))}
    for version in list(connection.execute(sa.select(versions))):
        dataset = sizes[version.dataset_id]
        features = [_feature(item) for item in version.features]
        connection.execute(
            sa.update(versions)
            .where(versions.c.id == version.id)
            .values(
                content_key=f"datasets/{version.dataset_id}",
                content_bytes=dataset.bytes,
                rows=dataset.rows,
                features=features,
                usage={"rows": dataset.rows, "unused_rows": 0},
                data_plan=_data_plan(version.data_plan, features),
            )
        )
    runs = sa.table("runs", sa.column("id"), sa.column("plan", sa.JSON()))
    for run in list(connection.execute(sa.select(runs))):
        plan = _plan(run.plan)
        connection.execute(sa.update(runs).where(runs.c.id == run.id).values(plan=plan))


def _feature(old: dict[str, Any]) -> dict[str, Any]:
    new = {key: old[key] for key in ("name", "type", "shape", "classes", "histogram")}
    kind = _KINDS.get(old["type"], "categorical" if old["type"] == "categorical" else "none")
    encoding: dict[str, Any] = {"kind": kind}
    if kind in {"tensor", "numeric"}:
        encoding["normalization"] = old.get("normalization", "none")
    if kind == "tensor":
        encoding["spectrogram"] = old.get("spectrogram")
    missing_rows = old.get("missing_rows", 0)
    return new | {"column": old["name"], "encoding": encoding, "missing_rows": missing_rows}


def _data_plan(old: dict[str, Any] | None, features: list[dict[str, Any]]) -> dict[str, Any] | None:
    if old is None or "tensors_folder" not in old:
        return old
    folder = old["tensors_folder"]
    new = {key: value for key, value in old.items() if key not in _OLD_FIELDS}
    return new | {
        "columns_path": f"{folder}/rows.parquet",
        "arrays": {
            name: {"path": f"{folder}/{file}"} for name, file in old["tensor_files"].items()
        },
        "encodings": {item["name"]: item["encoding"] for item in features},
    }


_OLD_FIELDS = {"tensors_folder", "tensor_files"}


def _plan(old: dict[str, Any]) -> dict[str, Any]:
    """Bring the plan of a run over; what a run was made with is told from its own statistics."""
    data = json.loads(json.dumps(old.get("data")))
    if not data or "tensors_folder" not in data:
        return old
    tensors = set(data["tensor_files"])
    features = [
        {
            "name": name,
            "encoding": {"kind": "tensor" if name in tensors else "numeric"} | _norm(kept),
        }
        for name, kept in data["statistics"].items()
    ]
    return old | {"data": _data_plan(data, features)}


def _norm(statistics: dict[str, Any]) -> dict[str, Any]:
    return {"normalization": statistics["normalization"]}
