"""Runs of a search or of folds belong to a group."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Take this step."""
    op.create_table(
        "run_groups",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("project_id", sa.String(length=32), nullable=False),
        sa.Column("experiment_id", sa.String(length=32), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("request", sa.JSON(), nullable=False),
        sa.Column("base", sa.JSON(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("best_by", sa.String(length=64), nullable=False),
        sa.Column("higher_is_better", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"]),
        sa.ForeignKeyConstraint(["experiment_id"], ["experiments.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_run_groups_project_id", "run_groups", ["project_id"], unique=False)
    op.create_index("ix_run_groups_experiment_id", "run_groups", ["experiment_id"], unique=False)
    op.add_column("runs", sa.Column("group_id", sa.String(length=32), nullable=True))
    op.add_column("runs", sa.Column("trial", sa.JSON(), nullable=True))
    op.create_index("ix_runs_group_id", "runs", ["group_id"], unique=False)
    op.add_column("bundles", sa.Column("group_id", sa.String(length=32), nullable=True))
    op.create_index("ix_bundles_group_id", "bundles", ["group_id"], unique=False)
